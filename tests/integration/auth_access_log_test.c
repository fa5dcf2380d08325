/* The access log's thread, file and chain. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auth/access_log.h"
#include "base/clock.h"

enum { WAIT_S = 10, THREADS = 4, LINES_EACH = 500 };

static char folder[64];
static char path[96];
static char other[96];
static char key_file[96];
static const char *key_path;             /* of the logs that are opened; NULL: none */
static const struct hmac_key *check_key; /* that files are checked with */

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/walkie-access-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/access.log", folder);
    snprintf(other, sizeof(other), "%s/other", folder);
    snprintf(key_file, sizeof(key_file), "%s/key", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    unlink(key_file);
    return rmdir(folder);
}

static struct access_log *open_log(bool is_required)
{
    const struct access_log_options options = {
        .path = path, .key_path = key_path, .is_required = is_required};
    struct access_log *log = NULL;
    struct error error = ERROR_NONE;
    if (access_log_new(&options, &log, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return log;
}

static void put(struct access_log *log, const char *principal, int64_t status)
{
    const struct log_field fields[] = {log_str("principal", principal), log_i64("status", status)};
    access_log_put(log, fields, LENGTH_OF(fields));
}

struct findings {
    size_t n;
    char words[4][ERROR_TEXT_MAX];
};

static void on_finding(void *arg, const char *words)
{
    struct findings *findings = arg;
    if (findings->n < LENGTH_OF(findings->words)) {
        snprintf(findings->words[findings->n], ERROR_TEXT_MAX, "%s", words);
    }
    findings->n++;
}

static uint64_t checked(const char *file)
{
    uint64_t n = 0;
    struct findings findings = {0};
    struct error error = ERROR_NONE;
    if (access_log_check(file, check_key, on_finding, &findings, &n, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return n;
}

/* Look until it is so: another thread makes it so, soon. */
static void await(bool (*is_so)(void *arg), void *arg)
{
    uint64_t end_ns = clock_now_ns() + CLOCK_SECONDS(WAIT_S);
    while (!is_so(arg)) {
        if (clock_now_ns() > end_ns) {
            fail_msg("in vain, for %d s", WAIT_S);
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void *put_many(void *arg)
{
    for (int i = 0; i < LINES_EACH; i++) {
        put(arg, "ana", i);
    }
    return NULL;
}

static void lines_of_many_threads_are_whole_and_follow_from_each_other(void **state)
{
    (void)state;
    struct access_log *log = open_log(false);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, log), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    access_log_free(log); /* writes what waits */
    assert_int_equal(checked(path), THREADS * LINES_EACH);
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    log = open_log(false); /* another process, later */
    put(log, "bob", 1);
    access_log_free(log);
    assert_int_equal(checked(path), THREADS * LINES_EACH + 1);
}

static void a_value_with_anything_in_it_stays_on_its_line(void **state)
{
    (void)state;
    struct access_log *log = open_log(false);
    put(log, "a\"}\n{\"chain\":\"\\\xff\x01", 200);
    put(log, "b", 200);
    access_log_free(log);
    assert_int_equal(checked(path), 2);
}

static bool is_ready(void *arg)
{
    return access_log_is_ready(arg);
}

static bool is_not_ready(void *arg)
{
    return !access_log_is_ready(arg);
}

static void a_required_line_waits_for_room_on_the_disk(void **state)
{
    (void)state;
    assert_int_equal(symlink("/dev/full", path), 0);
    struct access_log *log = open_log(true);
    assert_true(access_log_is_ready(log));
    put(log, "ana", 200);
    await(is_not_ready, log);
    put(log, "bob", 503);
    unlink(path);
    access_log_reopen(log);
    await(is_ready, log);
    access_log_free(log);
    assert_int_equal(checked(path), 2);
}

static void a_line_that_is_not_required_is_given_up(void **state)
{
    (void)state;
    assert_int_equal(symlink("/dev/full", path), 0);
    struct access_log *log = open_log(false);
    put(log, "ana", 200);
    assert_true(access_log_is_ready(log));
    access_log_free(log);
}

static bool exists(void *arg)
{
    return access(arg, F_OK) == 0;
}

static void the_chain_goes_on_in_a_new_file(void **state)
{
    (void)state;
    struct access_log *log = open_log(false);
    put(log, "ana", 1);
    put(log, "ana", 2);
    access_log_free(log);
    log = open_log(false);
    assert_int_equal(rename(path, other), 0);
    access_log_reopen(log);
    await(exists, path);
    put(log, "ana", 3);
    access_log_free(log);
    assert_int_equal(checked(other), 2);
    assert_int_equal(checked(path), 1);
    char command[320];
    snprintf(command, sizeof(command), "cat %s >> %s", path, other);
    assert_int_equal(system(command), 0);
    assert_int_equal(checked(other), 3);
}

static void expect_finding(const char *file, uint64_t n_lines, const char *words)
{
    struct findings findings = {0};
    uint64_t n = 0;
    struct error error = ERROR_NONE;
    assert_int_equal(
        access_log_check(file, check_key, on_finding, &findings, &n, &error), STATUS_DATA_LOSS);
    assert_int_equal(findings.n, 1);
    assert_non_null(strstr(findings.words[0], words));
    assert_int_equal(n, n_lines);
}

static void await_size(off_t size)
{
    struct stat file = {.st_size = 0};
    uint64_t end_ns = clock_now_ns() + CLOCK_SECONDS(WAIT_S);
    while (stat(path, &file) == 0 && file.st_size != size) {
        assert_true(clock_now_ns() < end_ns);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void a_change_is_found_where_it_was_made(void **state)
{
    (void)state;
    struct access_log *log = open_log(false);
    for (int i = 0; i < 5; i++) {
        put(log, "ana", 100 + i);
    }
    access_log_free(log);
    char command[320];
    snprintf(
        command, sizeof(command), "sed 's/\"status\":103/\"status\":200/' %s > %s", path, other);
    assert_int_equal(system(command), 0);
    expect_finding(other, 5, "line 4: it does not follow");
    snprintf(command, sizeof(command), "sed 2d %s > %s", path, other);
    assert_int_equal(system(command), 0);
    expect_finding(other, 4, "line 2: it does not follow");
    snprintf(command, sizeof(command), "sed '2d;4d' %s > %s", path, other);
    assert_int_equal(system(command), 0);
    struct findings findings = {0};
    uint64_t n = 0;
    struct error error = ERROR_NONE;
    assert_int_equal(
        access_log_check(other, check_key, on_finding, &findings, &n, &error), STATUS_DATA_LOSS);
    assert_int_equal(findings.n, 2);
    assert_non_null(strstr(findings.words[0], "line 2: it does not follow"));
    assert_non_null(strstr(findings.words[1], "line 3: it does not follow"));
    assert_non_null(strstr(error.text, "3 lines; the chain is broken at 2 of them"));
}

/* The file may grow to so many bytes: what a full disk does, with an error of its own. */
static void limit_file(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size == 0 ? limit.rlim_max : size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Wherever a line is broken off, the one behind it is written, and only the piece is told of. */
static void a_line_that_did_not_fit_is_told_and_those_behind_it_follow(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    struct access_log *log = open_log(false);
    put(log, "ana", 1);
    access_log_free(log);
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    const off_t len = file.st_size;
    for (off_t more = 1; more <= len; more += more == 1 ? len / 2 - 1 : 1) {
        assert_int_equal(truncate(path, len), 0);
        limit_file((rlim_t)(len + more));
        log = open_log(true);
        put(log, "ana", 2);
        bool fits = more >= len - 1; /* all, or all but the newline */
        if (!fits) {
            await(is_not_ready, log);
        } else {
            await_size(len + more);
        }
        limit_file(0);
        put(log, "ana", 3);
        access_log_free(log);
        if (fits) {
            assert_int_equal(checked(path), 3);
        } else {
            expect_finding(path, 4, "line 2: broken off");
        }
    }
}

/* A newline that is missing because the process ended there does not part the lines' chain. */
static void a_newline_that_is_missing_is_put_in_later(void **state)
{
    (void)state;
    struct access_log *log = open_log(false);
    put(log, "ana", 1);
    put(log, "ana", 2);
    access_log_free(log);
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(truncate(path, file.st_size - 1), 0);
    log = open_log(false);
    put(log, "ana", 3);
    access_log_free(log);
    assert_int_equal(checked(path), 3);
}

static void put_status(int status)
{
    struct access_log *log = open_log(false);
    put(log, "ana", status);
    access_log_free(log);
}

static void a_chain_with_a_key_is_made_by_who_has_the_key_alone(void **state)
{
    (void)state;
    FILE *file = fopen(key_file, "w");
    assert_non_null(file);
    assert_int_equal(fchmod(fileno(file), 0600), 0);
    fputs("0123456789abcdef0123456789abcdef", file);
    fclose(file);
    struct hmac_key *key = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(hmac_key_load(key_file, &key, &error), STATUS_OK);
    key_path = key_file;
    put_status(1);
    put_status(2); /* goes on from the file */
    check_key = key;
    assert_int_equal(checked(path), 2);
    check_key = NULL;
    expect_finding(path, 2, "line 2: it does not follow");
    key_path = NULL;
    put_status(3); /* by somebody who knows how, and has no key */
    check_key = key;
    expect_finding(path, 3, "line 3: it does not follow");
    check_key = NULL;
    hmac_key_free(key);
}

#define LOG_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(lines_of_many_threads_are_whole_and_follow_from_each_other),
        LOG_TEST(a_value_with_anything_in_it_stays_on_its_line),
        LOG_TEST(a_required_line_waits_for_room_on_the_disk),
        LOG_TEST(a_line_that_is_not_required_is_given_up),
        LOG_TEST(the_chain_goes_on_in_a_new_file),
        LOG_TEST(a_change_is_found_where_it_was_made),
        LOG_TEST(a_line_that_did_not_fit_is_told_and_those_behind_it_follow),
        LOG_TEST(a_newline_that_is_missing_is_put_in_later),
        LOG_TEST(a_chain_with_a_key_is_made_by_who_has_the_key_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
