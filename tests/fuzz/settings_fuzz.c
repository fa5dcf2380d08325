/* A config file of any bytes: it is read or refused with words, never more. What was read can be
 * printed and read again. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct setting ROWS[] = {
    {.name = "listen", .kind = SETTING_TEXT, .help = "text", .group = "A"},
    {.name = "workers", .kind = SETTING_INTEGER, .help = "number", .min = 1, .max = 64},
    {.name = "drain-timeout", .kind = SETTING_DURATION, .help = "duration"},
    {.name = "allow-faults", .kind = SETTING_BOOLEAN, .help = "switch"},
    {.name = "log-format", .kind = SETTING_CHOICE, .help = "choice", .choices = "text|json"},
};

static const struct settings_program PROGRAM = {.name = "fuzz",
    .version = "0",
    .purpose = "fuzz",
    .rows = ROWS,
    .n_rows = sizeof(ROWS) / sizeof(ROWS[0])};

static enum status load(const void *data, size_t size, struct settings **ret_settings)
{
    int descriptor = memfd_create("settings", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size) {
        abort();
    }
    char flag[64];
    snprintf(flag, sizeof(flag), "--config=/proc/self/fd/%d", descriptor);
    char name[] = "fuzz";
    char print[] = "--print-config";
    char *const arguments[] = {name, flag, print};
    struct error error = ERROR_NONE;
    enum status status = settings_load(&PROGRAM, 3, arguments, NULL, ret_settings, &error);
    close(descriptor);
    if (status != STATUS_OK && (error.text[0] == '\0' || error.status != status)) {
        abort();
    }
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings *settings = NULL;
    if (load(data, size, &settings) != STATUS_OK) {
        return 0;
    }
    char *printed = NULL;
    size_t printed_len = 0;
    FILE *stream = open_memstream(&printed, &printed_len);
    if (stream == NULL) {
        abort();
    }
    settings_answer(settings, stream);
    fclose(stream);
    settings_free(settings);
    settings = NULL;
    if (printed_len <= SETTINGS_FILE_LEN_MAX &&
        load(printed, printed_len, &settings) != STATUS_OK) {
        abort();
    }
    settings_free(settings);
    free(printed);
    return 0;
}
