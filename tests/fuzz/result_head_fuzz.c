/* A kept report's lines are somebody else's bytes: they are refused, or are exactly what would be
 * written of what they say. The input is what stands behind the hash, which is made here: else no
 * input would get past it. The first byte chooses whether that is done. */
#define _GNU_SOURCE /* memmem */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/results_file.h"
#include "crypto/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(struct bytes bytes)
{
    struct result result;
    size_t head_len = 0;
    char again[RESULT_HEAD_MAX];
    if (result_parse_head(bytes, &result, &head_len) != STATUS_OK) {
        return;
    }
    if (head_len > bytes.len || strlen(result.sha256) != RESULT_HEX_MAX - 1 ||
        strchr(result.filename, '/') != NULL || strstr(result.filename, "..") != NULL) {
        abort();
    }
    size_t again_len = result_format_head(&result, again);
    struct result read_again;
    size_t read_len = 0;
    if (result_parse_head((struct bytes){(const uint8_t *)again, again_len}, &read_again,
            &read_len) != STATUS_OK ||
        read_len != again_len || memcmp(&result, &read_again, sizeof(result)) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0) {
        return 0;
    }
    struct bytes input = {data + 1, len - 1};
    if ((data[0] & 1) == 0) {
        check(input);
        return 0;
    }
    /* The lines end with the empty one; what comes after it is the report. */
    const uint8_t *end = memmem(input.data, input.len, "\n\n", 2);
    size_t lines_len = end == NULL ? input.len : (size_t)(end - input.data) + 2;
    struct buffer whole = BUFFER_EMPTY(1 << 20);
    struct sha256 *digest = sha256_new();
    char hex[SHA256_HEX_MAX];
    sha256_update(digest, input.data, lines_len);
    sha256_finish_hex(digest, hex);
    sha256_free(digest);
    if (buffer_printf(&whole, "walkie-result 1\nlines %s\n", hex) == STATUS_OK &&
        buffer_append(&whole, input.data, input.len) == STATUS_OK) {
        check(buffer_bytes(&whole));
    }
    buffer_finish(&whole);
    return 0;
}
