/* nghttp2's memory: malloc's, and a small reserve of the loop's when malloc has none.
 *
 * nghttp2 1.52 does not survive an allocation that fails while it queues DATA: the stream keeps an
 * item that has been freed, and ending the session reads it. So it never learns that memory has run
 * out. It is given some of the reserve, the session is marked as spent, and whoever called nghttp2
 * closes the connection right after. Only a single call's worth of memory is needed for that. */
#include <malloc.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "http/h2.h"

enum { ALIGNMENT = alignof(max_align_t) };

/* In front of each piece of the reserve. */
union piece {
    size_t len;
    max_align_t aligned;
};

bool h2_memory_begin(struct http_loop *loop)
{
    if (loop->h2_reserve == NULL) {
        loop->h2_reserve = malloc(H2_RESERVE);
        loop->h2_reserve_used = 0;
    }
    return loop->h2_reserve != NULL;
}

void h2_memory_finish(struct http_loop *loop)
{
    free(loop->h2_reserve);
    loop->h2_reserve = NULL;
}

void h2_memory_end(struct h2_session *session)
{
    struct http_loop *loop = session->connection->loop;
    if (session->is_spent && --loop->n_spent == 0) {
        loop->h2_reserve_used = 0;
    }
}

static bool is_reserve(const struct h2_session *session, const void *memory)
{
    const struct http_loop *loop = session->connection->loop;
    uintptr_t start = (uintptr_t)loop->h2_reserve;
    return loop->n_spent > 0 && (uintptr_t)memory >= start &&
           (uintptr_t)memory < start + H2_RESERVE;
}

static void *take_reserve(struct h2_session *session, size_t size)
{
    struct http_loop *loop = session->connection->loop;
    if (!session->is_spent) {
        session->is_spent = true;
        loop->n_spent++;
        h2_mark(session->connection);
    }
    size_t room = H2_RESERVE - loop->h2_reserve_used;
    size_t wanted = sizeof(union piece) + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > H2_RESERVE || wanted > room) {
        return NULL;
    }
    union piece *piece = (void *)(loop->h2_reserve + loop->h2_reserve_used);
    loop->h2_reserve_used += wanted;
    piece->len = size;
    return piece + 1;
}

static void *mem_malloc(size_t size, void *arg)
{
    void *memory = malloc(size);
    return memory != NULL ? memory : take_reserve(arg, size);
}

static void *mem_calloc(size_t n, size_t size, void *arg)
{
    void *memory = calloc(n, size);
    if (memory == NULL && n <= H2_RESERVE && size <= H2_RESERVE) {
        memory = take_reserve(arg, n * size);
        if (memory != NULL) {
            memset(memory, 0, n * size);
        }
    }
    return memory;
}

static void mem_free(void *memory, void *arg)
{
    if (!is_reserve(arg, memory)) {
        free(memory);
    }
}

static void *mem_realloc(void *memory, size_t size, void *arg)
{
    if (memory == NULL) {
        return mem_malloc(size, arg);
    }
    bool is_old_reserve = is_reserve(arg, memory);
    void *larger = is_old_reserve ? NULL : realloc(memory, size);
    if (larger != NULL) {
        return larger;
    }
    size_t len =
        is_old_reserve ? ((const union piece *)memory - 1)->len : malloc_usable_size(memory);
    larger = take_reserve(arg, size);
    if (larger != NULL) {
        memcpy(larger, memory, len < size ? len : size);
        mem_free(memory, arg);
    }
    return larger;
}

nghttp2_mem h2_memory_of(struct h2_session *session)
{
    return (nghttp2_mem){session, mem_malloc, mem_free, mem_calloc, mem_realloc};
}
