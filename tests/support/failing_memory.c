#include "support/failing_memory.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

static _Atomic unsigned int chance_of; /* one in so many; 0: nothing fails */
static _Atomic bool is_counting;       /* up to fail_at */
static _Atomic unsigned int fail_at;
static _Atomic bool fails_on;
static _Atomic unsigned int n_counted;
static _Atomic unsigned int n_asked;
static _Atomic unsigned int n_failed;

void failing_memory_start(unsigned int one_in)
{
    atomic_store(&chance_of, one_in);
}

void failing_memory_start_at(unsigned int number, bool and_all_after)
{
    atomic_store(&n_counted, 0);
    atomic_store(&fail_at, number);
    atomic_store(&fails_on, and_all_after);
    atomic_store(&is_counting, true);
}

void failing_memory_stop(void)
{
    atomic_store(&is_counting, false);
    atomic_store(&chance_of, 0);
}

unsigned int failing_memory_count(void)
{
    return atomic_load(&n_failed);
}

static bool must_fail_now(void)
{
    unsigned int number = atomic_fetch_add(&n_counted, 1);
    unsigned int at = atomic_load(&fail_at);
    bool fails = number == at || (number > at && atomic_load(&fails_on));
    atomic_fetch_add(&n_failed, fails);
    return fails;
}

static bool must_fail(void)
{
    if (atomic_load(&is_counting)) {
        return must_fail_now();
    }
    unsigned int chance = atomic_load(&chance_of);
    if (chance == 0) {
        return false;
    }
    /* A fixed pattern without a period that the code could fall into step with. */
    uint32_t mixed = atomic_fetch_add(&n_asked, 1) * UINT32_C(2654435769);
    bool fails = (mixed >> 8) % chance == 0;
    atomic_fetch_add(&n_failed, fails);
    return fails;
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    return must_fail() ? NULL : __real_realloc(pointer, size);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */
