/* Any bytes are CSV tables or refused in words. A NUL byte ends one file and begins the next. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mkdtemp beside the fuzzer's own headers */
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/csv_import.h"

enum { PATH_LEN_MAX = 128 };

static const char *const NAMES[] = {
    "study", "site", "subject", "app_user", "lab_result", "meta", "provided"};
static char folder[] = "/tmp/csv-tables-fuzz-XXXXXX";

static void path_of(const char *name, char path[PATH_LEN_MAX])
{
    snprintf(path, PATH_LEN_MAX, "%s/edc/%s.csv", folder, name);
}

static void remove_folder(void)
{
    char path[PATH_LEN_MAX];
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        path_of(NAMES[i], path);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/edc", folder);
    rmdir(path);
    rmdir(folder);
}

static void make_folder(void)
{
    char path[PATH_LEN_MAX];
    if (mkdtemp(folder) == NULL) {
        abort();
    }
    snprintf(path, sizeof(path), "%s/edc", folder);
    if (mkdir(path, 0700) != 0 || atexit(remove_folder) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static int is_made;
    if (!is_made) {
        make_folder();
        is_made = 1;
    }
    const uint8_t *end = data + len;
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        char path[PATH_LEN_MAX];
        const uint8_t *stop = data < end ? memchr(data, '\0', (size_t)(end - data)) : NULL;
        stop = stop == NULL ? end : stop;
        path_of(NAMES[i], path);
        unlink(path);
        FILE *file = data < end ? fopen(path, "wb") : NULL;
        if (file != NULL) {
            fwrite(data, 1, (size_t)(stop - data), file);
            fclose(file);
        }
        data = stop < end ? stop + 1 : end;
    }
    struct error error = ERROR_NONE;
    const struct csv_import_options options = {.dataset = {.source = "csv"}, .folder = folder};
    enum status status = csv_import(ctx_background(), &options, &error);
    if (status != STATUS_OK && error.text[0] == '\0') {
        abort();
    }
    return 0;
}
