/* The store of finished reports: what was kept comes back whole or not at all, to whom it belongs.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/results.h"
#include "base/clock.h"
#include "base/temp_file.h"

static const char KEY[] = "5b6d2f0c-0001-key";
static const char CONTENT[] = "%PDF-1.7 not really";
static char sha256_of_content[RESULT_HEX_MAX];

struct store {
    char folder[64];
    char path[96];
    struct results *results;
};

static struct store *store_new(uint64_t bytes_max, uint64_t keep_ns)
{
    struct store *store = calloc(1, sizeof(*store));
    assert_non_null(store);
    strcpy(store->folder, "/tmp/walkie-results-test-XXXXXX");
    assert_non_null(mkdtemp(store->folder));
    snprintf(store->path, sizeof(store->path), "%s/kept", store->folder);
    const struct results_options options = {
        .folder = store->path, .bytes_max = bytes_max, .keep_ns = keep_ns};
    assert_int_equal(results_new(&options, &store->results, NULL), STATUS_OK);
    return store;
}

static void store_free(struct store *store)
{
    char command[160];
    results_free(store->results);
    snprintf(command, sizeof(command), "rm -rf %s", store->folder);
    assert_int_equal(system(command), 0);
    free(store);
}

static struct results_name name_of(const char *principal, const char *key)
{
    return (struct results_name){.principal = bytes_of(principal),
        .key = key,
        .request_sha256 = "1111111111111111111111111111111111111111111111111111111111111111",
        .data_sha256 = "2222222222222222222222222222222222222222222222222222222222222222"};
}

static struct results_run *begin(struct store *store, const struct results_name *name)
{
    struct results_run *run = NULL;
    struct error error = ERROR_NONE;
    enum status status = results_begin(ctx_background(), store->results, name, &run, &error);
    if (status != STATUS_OK) {
        print_message("%s\n", error.text);
    }
    assert_int_equal(status, STATUS_OK);
    return run;
}

static int content_fd(void)
{
    int fd = temp_file_open("/tmp", "walkie-results-test");
    assert_true(fd >= 0);
    assert_int_equal(write(fd, CONTENT, strlen(CONTENT)), strlen(CONTENT));
    return fd;
}

static struct result result_of_content(void)
{
    struct result result = {.len = strlen(CONTENT),
        .content_hash = "3333333333333333333333333333333333333333333333333333333333333333",
        .as_of = "2025-06-30",
        .findings = {0, 1, 5, 2},
        .edc_version = 3,
        .ctms_version = 4,
        .filename = "audit-report-T-1-01-en.pdf"};
    strcpy(result.sha256, sha256_of_content);
    return result;
}

static enum status keep(struct results_run *run, const char *site_no, struct error *ret_error)
{
    int fd = content_fd();
    const struct result result = result_of_content();
    enum status status = results_keep(ctx_background(), run, site_no, &result, fd, ret_error);
    close(fd);
    return status;
}

static enum status find(struct results_run *run, const char *site_no)
{
    struct result result;
    int fd = -1;
    enum status status = results_find(ctx_background(), run, site_no, &result, &fd);
    if (status == STATUS_OK) {
        char content[64] = "";
        assert_int_equal(read(fd, content, sizeof(content)), strlen(CONTENT));
        assert_string_equal(content, CONTENT);
        assert_int_equal(result.findings[GRADE_MINOR], 5);
        assert_int_equal(result.ctms_version, 4);
        assert_string_equal(result.filename, "audit-report-T-1-01-en.pdf");
        close(fd);
    }
    return status;
}

static void what_was_kept_comes_back_in_a_later_run(void **state)
{
    (void)state;
    struct store *store = store_new(0, CLOCK_SECONDS(60));
    const struct results_name name = name_of("alice", KEY);
    struct results_run *run = begin(store, &name);
    assert_int_equal(find(run, "01"), STATUS_NOT_FOUND);
    assert_int_equal(keep(run, "01", NULL), STATUS_OK);
    assert_int_equal(find(run, "01"), STATUS_OK);
    assert_int_equal(find(run, "1"), STATUS_NOT_FOUND);
    results_end(run);
    run = begin(store, &name);
    assert_int_equal(find(run, "01"), STATUS_OK);
    results_end(run);
    store_free(store);
}

static void other_callers_keys_and_data_are_other_runs(void **state)
{
    (void)state;
    struct store *store = store_new(0, CLOCK_SECONDS(60));
    struct results_name name = name_of("alice", KEY);
    struct results_run *run = begin(store, &name);
    assert_int_equal(keep(run, "01", NULL), STATUS_OK);
    results_end(run);

    const struct results_name others[] = {name_of("bob", KEY),
        name_of("alice", "5b6d2f0c-0002-key"), name_of("alic", "e5b6d2f0c-0001-key")};
    for (size_t i = 0; i < LENGTH_OF(others); i++) {
        run = begin(store, &others[i]);
        assert_int_equal(find(run, "01"), STATUS_NOT_FOUND);
        results_end(run);
    }
    name.data_sha256 = "4444444444444444444444444444444444444444444444444444444444444444";
    run = begin(store, &name);
    assert_int_equal(find(run, "01"), STATUS_NOT_FOUND);
    results_end(run);
    store_free(store);
}

static void a_key_belongs_to_one_request_and_one_run_at_a_time(void **state)
{
    (void)state;
    struct store *store = store_new(0, CLOCK_SECONDS(60));
    struct results_name name = name_of("alice", KEY);
    struct results_run *run = begin(store, &name);
    struct results_run *second = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(
        results_begin(ctx_background(), store->results, &name, &second, &error), STATUS_ABORTED);
    assert_non_null(strstr(error.text, "under way"));
    /* Another service with the same folder. */
    struct results *other = NULL;
    const struct results_options options = {.folder = store->path, .keep_ns = CLOCK_SECONDS(60)};
    assert_int_equal(results_new(&options, &other, NULL), STATUS_OK);
    assert_int_equal(results_begin(ctx_background(), other, &name, &second, NULL), STATUS_ABORTED);
    results_end(run);
    name.request_sha256 = "5555555555555555555555555555555555555555555555555555555555555555";
    assert_int_equal(results_begin(ctx_background(), store->results, &name, &second, &error),
        STATUS_ALREADY_EXISTS);
    assert_non_null(strstr(error.text, "another request"));
    results_free(other);
    store_free(store);
}

static void a_key_has_16_to_255_visible_characters(void **state)
{
    (void)state;
    char key[300];
    memset(key, 'k', sizeof(key));
    static const struct {
        size_t len;
        enum status status;
    } CASES[] = {{0, STATUS_INVALID_ARGUMENT}, {15, STATUS_INVALID_ARGUMENT}, {16, STATUS_OK},
        {255, STATUS_OK}, {256, STATUS_INVALID_ARGUMENT}};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        memset(key, 'k', sizeof(key));
        key[CASES[i].len] = '\0';
        assert_int_equal(results_check_key(key, NULL), CASES[i].status);
    }
    static const char *const BAD[] = {
        "0123456789abcde f", "0123456789abcdef\n", "0123456789abcdef\x7f", "0123456789abcdef中"};
    for (size_t i = 0; i < LENGTH_OF(BAD); i++) {
        assert_int_equal(results_check_key(BAD[i], NULL), STATUS_INVALID_ARGUMENT);
    }
}

/* The path of the only report that is kept. */
static void find_file(const struct store *store, char *ret_path, size_t size)
{
    char command[200];
    snprintf(command, sizeof(command), "find %s -name '*.report' -size +0", store->path);
    FILE *files = popen(command, "r");
    assert_non_null(files);
    assert_non_null(fgets(ret_path, (int)size, files));
    ret_path[strcspn(ret_path, "\n")] = '\0';
    assert_int_equal(pclose(files), 0);
}

/* Every byte of the file, changed, and the file cut at every length. */
static void a_damaged_report_counts_as_not_there_and_is_removed(void **state)
{
    (void)state;
    struct store *store = store_new(0, CLOCK_SECONDS(60));
    const struct results_name name = name_of("alice", KEY);
    struct results_run *run = begin(store, &name);
    assert_int_equal(keep(run, "01", NULL), STATUS_OK);
    char path[256];
    uint8_t whole[2048];
    find_file(store, path, sizeof(path));
    int fd = open(path, O_RDONLY);
    ssize_t len = read(fd, whole, sizeof(whole));
    close(fd);
    assert_true(len > 200);
    for (ssize_t at = 0; at < 2 * len; at++) {
        bool is_cut = at >= len;
        uint8_t bytes[2048];
        memcpy(bytes, whole, sizeof(bytes));
        bytes[is_cut ? 0 : at] ^= is_cut ? 0 : 0x01;
        size_t written_len = (size_t)(is_cut ? at - len : len);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(write(fd, bytes, written_len), written_len);
        close(fd);
        struct result result;
        int found = -1;
        enum status status = results_find(ctx_background(), run, "01", &result, &found);
        assert_int_equal(status, STATUS_NOT_FOUND);
        assert_int_equal(access(path, F_OK), -1);
    }
    results_end(run);
    store_free(store);
}

static void a_disk_that_is_full_leaves_nothing_half_written(void **state)
{
    (void)state;
    struct store *store = store_new(0, CLOCK_SECONDS(60));
    const struct results_name name = name_of("alice", KEY);
    struct results_run *run = begin(store, &name);
    int fd = content_fd();
    const struct result result = result_of_content();
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    struct error error = ERROR_NONE;
    assert_int_equal(
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 100, .rlim_max = before.rlim_max}), 0);
    enum status status = results_keep(ctx_background(), run, "01", &result, fd, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    close(fd);
    assert_int_equal(status, STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "--results-dir"));
    char command[200];
    snprintf(
        command, sizeof(command), "test -z \"$(find %s -type f ! -name request)\"", store->path);
    assert_int_equal(system(command), 0);
    assert_int_equal(find(run, "01"), STATUS_NOT_FOUND);
    results_end(run);
    store_free(store);
}

static void old_runs_are_swept_and_new_ones_stay(void **state)
{
    (void)state;
    struct store *store = store_new(0, CLOCK_SECONDS(60));
    const struct results_name old = name_of("alice", KEY);
    const struct results_name young = name_of("bob", KEY);
    struct results_run *run = begin(store, &old);
    assert_int_equal(keep(run, "01", NULL), STATUS_OK);
    char command[200];
    snprintf(command, sizeof(command), "touch -d '2 minutes ago' %s/*", store->path);
    assert_int_equal(system(command), 0);
    results_sweep(ctx_background(), store->results); /* in use: it stays */
    assert_int_equal(find(run, "01"), STATUS_OK);
    results_end(run);
    run = begin(store, &young);
    assert_int_equal(keep(run, "01", NULL), STATUS_OK);
    results_end(run);
    run = begin(store, &old);
    assert_int_equal(find(run, "01"), STATUS_NOT_FOUND);
    results_end(run);
    run = begin(store, &young);
    assert_int_equal(find(run, "01"), STATUS_OK);
    results_end(run);
    store_free(store);
}

static void the_oldest_run_goes_when_there_is_no_room(void **state)
{
    (void)state;
    enum { ROOM = 4000 }; /* for two reports, not for three */
    struct store *store = store_new(ROOM, CLOCK_SECONDS(60));
    const struct results_name first = name_of("alice", KEY);
    const struct results_name second = name_of("bob", KEY);
    struct results_run *run = begin(store, &first);
    assert_int_equal(keep(run, "01", NULL), STATUS_OK);
    results_end(run);
    char command[200];
    snprintf(command, sizeof(command), "touch -d '10 seconds ago' %s/*", store->path);
    assert_int_equal(system(command), 0);
    run = begin(store, &second);
    struct error error = ERROR_NONE;
    int n_kept = 0;
    char site[8] = "";
    for (enum status status = STATUS_OK; status == STATUS_OK && n_kept < 100; n_kept++) {
        snprintf(site, sizeof(site), "%d", n_kept);
        status = keep(run, site, &error);
    }
    assert_in_range(n_kept, 3, 20); /* its own reports are not swept: then it is full */
    assert_non_null(strstr(error.text, "--results-max-mib"));
    assert_int_equal(find(run, "0"), STATUS_OK);
    results_end(run);
    run = begin(store, &first);
    assert_int_equal(find(run, "01"), STATUS_NOT_FOUND);
    results_end(run);
    store_free(store);
}

static void a_folder_that_others_can_read_is_refused(void **state)
{
    (void)state;
    struct store *store = store_new(0, CLOCK_SECONDS(60));
    const struct results_name name = name_of("alice", KEY);
    struct results_run *run = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(mkdir(store->path, 0755), 0);
    assert_int_equal(chmod(store->path, 0755), 0);
    assert_int_equal(
        results_begin(ctx_background(), store->results, &name, &run, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "alone"));
    assert_int_equal(rmdir(store->path), 0);
    assert_int_equal(symlink("/tmp", store->path), 0);
    assert_int_equal(
        results_begin(ctx_background(), store->results, &name, &run, &error), STATUS_UNAVAILABLE);
    store_free(store);
}

static int set_up(void **state)
{
    (void)state;
    struct error error;
    struct spool *spool = NULL;
    uint64_t len = 0;
    if (spool_open("/tmp", 1 << 20, &spool, &error) != STATUS_OK ||
        spool_write(spool, bytes_of(CONTENT)) != STATUS_OK) {
        return -1;
    }
    int fd = spool_finish(spool, &len, sha256_of_content, &error);
    return close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_comes_back_in_a_later_run),
        cmocka_unit_test(other_callers_keys_and_data_are_other_runs),
        cmocka_unit_test(a_key_belongs_to_one_request_and_one_run_at_a_time),
        cmocka_unit_test(a_key_has_16_to_255_visible_characters),
        cmocka_unit_test(a_damaged_report_counts_as_not_there_and_is_removed),
        cmocka_unit_test(a_disk_that_is_full_leaves_nothing_half_written),
        cmocka_unit_test(old_runs_are_swept_and_new_ones_stay),
        cmocka_unit_test(the_oldest_run_goes_when_there_is_no_room),
        cmocka_unit_test(a_folder_that_others_can_read_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
