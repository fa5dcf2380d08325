/* Any bytes are an ODM file or refused in words: no crash, no endless loop, nothing written. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import/odm.h"

enum { PATH_LEN_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    int file = memfd_create("fuzz.xml", MFD_CLOEXEC);
    if (file < 0 || write(file, data, len) != (ssize_t)len) {
        abort();
    }
    char path[PATH_LEN_MAX];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    struct error error = ERROR_NONE;
    /* Without a database the rows are made and dropped. */
    const struct odm_options options = {.dataset = {.source = "odm"}, .path = path};
    enum status status = odm_import(ctx_background(), &options, &error);
    if (status != STATUS_OK && error.text[0] == '\0') {
        abort();
    }
    close(file);
    return 0;
}
