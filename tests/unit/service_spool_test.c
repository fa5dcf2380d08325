/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/spool.h"

static struct spool *open_spool(const char *folder, uint64_t len_max)
{
    struct spool *spool = NULL;
    struct error error;
    assert_int_equal(spool_open(folder, len_max, &spool, &error), STATUS_OK);
    return spool;
}

static void what_was_written_comes_back_with_its_hash(void **state)
{
    (void)state;
    struct spool *spool = open_spool("/tmp", 1 << 20);
    assert_int_equal(spool_write(spool, bytes_of("ab")), STATUS_OK);
    assert_int_equal(spool_write(spool, bytes_of("c")), STATUS_OK);
    uint64_t len = 0;
    char sha256[SPOOL_SHA256_TEXT_MAX];
    struct error error;
    int fd = spool_finish(spool, &len, sha256, &error);
    assert_true(fd >= 0);
    assert_int_equal(len, 3);
    assert_string_equal(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    char text[8] = "";
    assert_int_equal(pread(fd, text, sizeof(text), 0), 3);
    assert_string_equal(text, "abc");
    close(fd);
}

static void pieces_larger_than_the_buffer_keep_their_order(void **state)
{
    (void)state;
    enum { BIG = 200000 };
    char *big = malloc(BIG);
    assert_non_null(big);
    memset(big, 'x', BIG);
    struct spool *spool = open_spool("/tmp", 1 << 20);
    assert_int_equal(spool_write(spool, bytes_of("first")), STATUS_OK);
    assert_int_equal(spool_write(spool, (struct bytes){(uint8_t *)big, BIG}), STATUS_OK);
    assert_int_equal(spool_write(spool, bytes_of("last")), STATUS_OK);
    uint64_t len = 0;
    char sha256[SPOOL_SHA256_TEXT_MAX];
    int fd = spool_finish(spool, &len, sha256, NULL);
    assert_true(fd >= 0);
    assert_int_equal(len, BIG + 9);
    char end[5] = "";
    assert_int_equal(pread(fd, big, 6, 0), 6);
    assert_memory_equal(big, "firstx", 6);
    assert_int_equal(pread(fd, end, 4, BIG + 5), 4);
    assert_string_equal(end, "last");
    close(fd);
    free(big);
}

static void a_report_above_the_maximum_is_refused_for_good(void **state)
{
    (void)state;
    struct spool *spool = open_spool("/tmp", 4);
    assert_int_equal(spool_write(spool, bytes_of("1234")), STATUS_OK);
    assert_int_equal(spool_write(spool, bytes_of("5")), STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(spool_error(spool), "4 bytes"));
    uint64_t len = 0;
    char sha256[SPOOL_SHA256_TEXT_MAX];
    struct error error;
    assert_int_equal(spool_finish(spool, &len, sha256, &error), -1);
    assert_int_equal(error.status, STATUS_RESOURCE_EXHAUSTED);
}

static void a_disk_without_room_is_said_in_words(void **state)
{
    (void)state;
    /* A limit on the length of files takes the place of a full disk: write(2) fails alike. */
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    struct spool *spool = open_spool("/tmp", 1 << 20);
    assert_int_equal(spool_write(spool, bytes_of("lost")), STATUS_OK); /* still buffered */
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    uint64_t len = 0;
    char sha256[SPOOL_SHA256_TEXT_MAX];
    struct error error;
    int fd = spool_finish(spool, &len, sha256, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(fd, -1);
    assert_int_equal(error.status, STATUS_UNAVAILABLE); /* not the caller's doing: 503 */
    assert_non_null(strstr(error.text, "--spool-dir"));
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct spool *spool = NULL;
    struct error error;
    assert_int_equal(spool_open("/nonexistent/spool", 1, &spool, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "/nonexistent/spool"));
    assert_null(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_comes_back_with_its_hash),
        cmocka_unit_test(pieces_larger_than_the_buffer_keep_their_order),
        cmocka_unit_test(a_report_above_the_maximum_is_refused_for_good),
        cmocka_unit_test(a_disk_without_room_is_said_in_words),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
