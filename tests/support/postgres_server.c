#include "support/postgres_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { COMMAND_MAX = 1024, LINE_MAX_LEN = 4096 };

static char own_folder[POSTGRES_FOLDER_MAX];

const char *postgres_server_folder(void)
{
    const char *folder = own_folder[0] != '\0' ? own_folder : getenv("WALKIE_TEST_POSTGRES");
    if (folder == NULL) {
        fail_msg("no PostgreSQL: run \"tests/support/postgres start DIR\" and set "
                 "WALKIE_TEST_POSTGRES=DIR (ctest does both)");
    }
    return folder;
}

static void run_script(
    const char *command, const char *folder, const char *argument, char *ret_line)
{
    char line[COMMAND_MAX];
    snprintf(
        line, sizeof(line), "'%s' %s '%s' %s", WALKIE_POSTGRES_SCRIPT, command, folder, argument);
    FILE *output = popen(line, "r");
    assert_non_null(output);
    char answer[POSTGRES_URI_MAX] = "";
    if (fgets(answer, sizeof(answer), output) != NULL) {
        answer[strcspn(answer, "\n")] = '\0';
    }
    int result = pclose(output);
    if (result != 0) {
        fail_msg("%s: exit code %d", line, result);
    }
    if (ret_line != NULL) {
        snprintf(ret_line, POSTGRES_URI_MAX, "%s", answer);
    }
}

void postgres_server_database(const char *name, char *ret_uri)
{
    run_script("database", postgres_server_folder(), name, ret_uri);
    assert_true(strncmp(ret_uri, "postgresql://", strlen("postgresql://")) == 0);
}

void postgres_server_database_icu(const char *name, char *ret_uri)
{
    run_script("icu_database", postgres_server_folder(), name, ret_uri);
    assert_true(strncmp(ret_uri, "postgresql://", strlen("postgresql://")) == 0);
}

void postgres_server_run(const char *command, const char *folder)
{
    run_script(command, folder == NULL ? postgres_server_folder() : folder, "", NULL);
}

void postgres_server_start_own(char ret_folder[POSTGRES_FOLDER_MAX])
{
    snprintf(ret_folder, POSTGRES_FOLDER_MAX, "/tmp/walkie-own-postgres-XXXXXX");
    assert_non_null(mkdtemp(ret_folder));
    snprintf(own_folder, sizeof(own_folder), "%s", ret_folder);
    postgres_server_run("start", ret_folder);
}

void postgres_server_stop_own(const char *folder)
{
    postgres_server_run("stop", folder);
    char command[COMMAND_MAX];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
    own_folder[0] = '\0';
}

static int has_line(const char *text, const char *and_text)
{
    char path[POSTGRES_FOLDER_MAX + 8];
    snprintf(path, sizeof(path), "%s/log", postgres_server_folder());
    FILE *log = fopen(path, "r");
    assert_non_null(log);
    char line[LINE_MAX_LEN];
    int found = 0;
    while (!found && fgets(line, sizeof(line), log) != NULL) {
        found = strstr(line, text) != NULL && (and_text == NULL || strstr(line, and_text) != NULL);
    }
    fclose(log);
    return found;
}

int postgres_server_log_has(const char *text, const char *and_text, unsigned int wait_ms)
{
    for (unsigned int waited_ms = 0; waited_ms <= wait_ms; waited_ms += 10) {
        if (has_line(text, and_text)) {
            return 1;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return 0;
}
