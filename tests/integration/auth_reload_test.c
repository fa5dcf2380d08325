/* Tokens are read anew while many threads are being checked. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/authenticator.h"
#include "auth/token.h"

enum { THREADS = 4, RELOADS = 50 };

static char path[64];
static char header[TOKEN_TEXT_MAX + 16];
static char line[256];
static struct authenticator *authenticator;
static _Atomic bool is_over;
static _Atomic unsigned int n_wrong;
static _Atomic unsigned int n_checked;

static void write_file(const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    char token[TOKEN_TEXT_MAX];
    uint8_t hash[SHA256_LEN];
    char hex[SHA256_HEX_MAX];
    snprintf(path, sizeof(path), "/tmp/walkie-tokens-%d", (int)getpid());
    assert_true(token_make(token) && token_hash(bytes_of(token), hash));
    hex_write(hash, sizeof(hash), hex);
    snprintf(header, sizeof(header), "Bearer %s", token);
    snprintf(line, sizeof(line), "ana auditor * sha256:%.*s:%s\n", TOKEN_ID_LEN,
        token + TOKEN_ID_AT, hex);
    write_file(line);
    const struct authenticator_options options = {.tokens_path = path};
    struct error error = ERROR_NONE;
    return authenticator_new(&options, &authenticator, &error) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    authenticator_free(authenticator);
    return unlink(path);
}

static void *check(void *arg)
{
    (void)arg;
    while (!atomic_load(&is_over)) {
        struct identity *identity = NULL;
        enum status status =
            authenticator_check(authenticator, header, 1800000000, true, &identity, NULL);
        bool is_right = status == STATUS_OK && strcmp(identity->name, "ana") == 0;
        atomic_fetch_add(&n_wrong, is_right ? 0 : 1);
        atomic_fetch_add(&n_checked, 1);
        identity_unref(identity);
    }
    return NULL;
}

static void a_token_holds_through_reloads_good_and_bad(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, check, NULL), 0);
    }
    for (int i = 0; i < RELOADS; i++) {
        write_file(i % 3 == 2 ? "nonsense\n" : line);
        authenticator_reload(authenticator);
    }
    while (atomic_load(&n_checked) == 0) {
        sched_yield();
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&n_wrong), 0);
}

static void a_token_whose_line_is_gone_is_gone(void **state)
{
    (void)state;
    struct identity *identity = NULL;
    struct error error = ERROR_NONE;
    write_file(line);
    authenticator_reload(authenticator);
    assert_int_equal(
        authenticator_check(authenticator, header, 1, true, &identity, &error), STATUS_OK);
    write_file("bob viewer * sha256:00000000:"
               "0000000000000000000000000000000000000000000000000000000000000000\n");
    authenticator_reload(authenticator);
    struct identity *again = NULL;
    assert_int_equal(authenticator_check(authenticator, header, 1, true, &again, &error),
        STATUS_UNAUTHENTICATED);
    assert_string_equal(identity->name, "ana"); /* a request under way keeps it */
    identity_unref(identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_holds_through_reloads_good_and_bad),
        cmocka_unit_test(a_token_whose_line_is_gone_is_gone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
