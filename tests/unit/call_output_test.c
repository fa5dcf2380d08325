/* Where an answer goes: a file appears when it is whole, and not before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call/body.h"
#include "call/output.h"

struct folder {
    char path[64];
    char file[80];
};

static int set_up(void **state)
{
    static struct folder folder;
    snprintf(folder.path, sizeof(folder.path), "/tmp/walkie-output-XXXXXX");
    if (mkdtemp(folder.path) == NULL) {
        return 1;
    }
    snprintf(folder.file, sizeof(folder.file), "%s/file", folder.path);
    *state = &folder;
    return 0;
}

static int tear_down(void **state)
{
    const struct folder *folder = *state;
    (void)unlink(folder->file);
    return rmdir(folder->path); /* fails when something else was left in it */
}

static void expect_content(const char *path, const char *content)
{
    struct buffer text = BUFFER_EMPTY(4096);
    char word[128];
    snprintf(word, sizeof(word), "@%s", path);
    assert_int_equal(body_read(word, &text, NULL), STATUS_OK);
    assert_int_equal(text.len, strlen(content));
    assert_memory_equal(text.data, content, text.len);
    buffer_finish(&text);
}

static struct output *open_good(const char *path)
{
    struct output *output = NULL;
    struct error error = ERROR_NONE;
    if (output_open(path, &output, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return output;
}

static void a_file_appears_when_it_is_whole(void **state)
{
    const struct folder *folder = *state;
    struct output *output = open_good(folder->file);
    assert_int_equal(output_write(output, bytes_of("hello "), NULL), STATUS_OK);
    assert_int_equal(output_write(output, bytes_of("world"), NULL), STATUS_OK);
    assert_int_equal(access(folder->file, F_OK), -1);
    assert_int_equal(output_close(output, NULL), STATUS_OK);
    expect_content(folder->file, "hello world");
}

static void a_new_file_has_the_permissions_of_the_mask(void **state)
{
    const struct folder *folder = *state;
    mode_t before = umask(027);
    assert_int_equal(output_close(open_good(folder->file), NULL), STATUS_OK);
    umask(before);
    struct stat about;
    assert_int_equal(stat(folder->file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
}

static void without_success_the_file_of_before_stays(void **state)
{
    const struct folder *folder = *state;
    struct output *output = open_good(folder->file);
    assert_int_equal(output_write(output, bytes_of("old"), NULL), STATUS_OK);
    assert_int_equal(output_close(output, NULL), STATUS_OK);
    output = open_good(folder->file);
    assert_int_equal(output_write(output, bytes_of("new"), NULL), STATUS_OK);
    output_abandon(output);
    expect_content(folder->file, "old");
}

static void what_is_no_file_is_written_to_directly(void **state)
{
    const struct folder *folder = *state;
    assert_int_equal(mkfifo(folder->file, 0600), 0);
    int reader = open(folder->file, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    struct output *output = open_good(folder->file);
    assert_int_equal(output_write(output, bytes_of("x"), NULL), STATUS_OK);
    char byte = 0;
    assert_int_equal(read(reader, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(output_close(output, NULL), STATUS_OK);
    close(reader);
}

static void a_full_disk_and_a_missing_folder_are_named(void **state)
{
    (void)state;
    struct output *output = open_good("/dev/full");
    struct error error = ERROR_NONE;
    assert_int_equal(output_write(output, bytes_of("x"), &error), STATUS_UNAVAILABLE);
    assert_string_equal(error.text, "/dev/full: cannot be written: No space left on device");
    output_abandon(output);
    output = NULL;
    assert_int_equal(output_open("/no-such-folder/x", &output, &error), STATUS_UNAVAILABLE);
    assert_string_equal(error.text, "/no-such-folder/x: cannot be made: No such file or directory");
    assert_null(output);
}

static void a_request_longer_than_its_maximum_is_refused(void **state)
{
    (void)state;
    struct buffer json = BUFFER_EMPTY(100);
    struct error error = ERROR_NONE;
    assert_int_equal(body_read("@/dev/zero", &json, &error), STATUS_INVALID_ARGUMENT);
    assert_string_equal(error.text, "/dev/zero: a request has at most 100 bytes of JSON");
    assert_int_equal(body_read("@/no-such-file", &json, &error), STATUS_INVALID_ARGUMENT);
    assert_string_equal(error.text, "/no-such-file: cannot be opened: No such file or directory");
    buffer_finish(&json);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_file_appears_when_it_is_whole),
        TEST(a_new_file_has_the_permissions_of_the_mask),
        TEST(without_success_the_file_of_before_stays),
        TEST(what_is_no_file_is_written_to_directly),
        TEST(a_full_disk_and_a_missing_folder_are_named),
        TEST(a_request_longer_than_its_maximum_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
