/* A program with settings of every kind, and what its tests share.
 *
 *     struct settings *settings = load_good(LIST("--workers=7"), LIST("API_GATEWAY_LISTEN=a:1"));
 *
 * Not here: the tests (settings_test.c, settings_answer_test.c). */
#ifndef WALKIE_TESTS_SETTINGS_SUPPORT_H
#define WALKIE_TESTS_SETTINGS_SUPPORT_H

#include <stddef.h>

#include "base/settings.h"

/* Arguments after the program's name, or an environment. */
#define LIST(...) ((const char *[]){__VA_ARGS__, NULL})

/* Load the settings; NULL stands for an empty list. */
enum status load(const char *const *arguments, const char *const *environment,
    struct settings **ret_settings, struct error *ret_error);

/* Load settings that are in order; fails the test otherwise. */
struct settings *load_good(const char *const *arguments, const char *const *environment);

/* Fails the test unless these are refused as INVALID_ARGUMENT with exactly this text. */
void assert_refused(const char *const *arguments, const char *const *environment, const char *text);

/* A config file that lives as long as its test. */
struct file {
    char path[64];
    char flag[96]; /* --config=path */
};

int make_file(void **state);
int remove_file(void **state);
void write_file(const struct file *file, const char *contents, size_t len);

/* Fails the test unless the file is refused with its path and then this text. */
void assert_file_refused(const struct file *file, const char *contents, const char *text);

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

#endif
