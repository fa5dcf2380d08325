#include "api/results_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/sha256.h"

static const char MAGIC[] = "walkie-result 1\n";
static const char HEX[] = "0123456789abcdef";
static const char DIGITS[] = "0123456789";

/* False: out of memory. */
static bool hash_lines(const char *lines, size_t len, char ret_hex[RESULT_HEX_MAX])
{
    struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return false;
    }
    sha256_update(digest, lines, len);
    sha256_finish_hex(digest, ret_hex);
    sha256_free(digest);
    return true;
}

size_t result_format_head(const struct result *result, char ret_head[RESULT_HEAD_MAX])
{
    char lines[RESULT_HEAD_MAX];
    char lines_sha256[RESULT_HEX_MAX] = "";
    int len = snprintf(lines, sizeof(lines),
        "len %" PRIu64 "\nsha256 %s\ncontent_hash %s\nas_of %s\nfindings %" PRId64 " %" PRId64
        " %" PRId64 " %" PRId64 "\nversions %" PRId64 " %" PRId64 "\nfilename %s\n\n",
        result->len, result->sha256, result->content_hash, result->as_of,
        result->findings[GRADE_CRITICAL], result->findings[GRADE_MAJOR],
        result->findings[GRADE_MINOR], result->findings[GRADE_RECOMMENDATION], result->edc_version,
        result->ctms_version, result->filename);
    if (!hash_lines(lines, (size_t)len, lines_sha256)) {
        return 0;
    }
    return (size_t)snprintf(
        ret_head, RESULT_HEAD_MAX, "%slines %s\n%s", MAGIC, lines_sha256, lines);
}

/* What is left to read. */
struct reading {
    const char *at;
    const char *end;
    bool is_bad;
};

static void take_word(struct reading *reading, const char *word)
{
    size_t len = strlen(word);
    if (reading->is_bad || (size_t)(reading->end - reading->at) < len ||
        memcmp(reading->at, word, len) != 0) {
        reading->is_bad = true;
        return;
    }
    reading->at += len;
}

/* The characters of `allowed` up to `until`, min_len to size - 1 of them. */
static void take_text(struct reading *reading, const char *allowed, char until, size_t min_len,
    char *ret_text, size_t size)
{
    size_t len = 0;
    while (!reading->is_bad && reading->at + len < reading->end && reading->at[len] != '\0' &&
           strchr(allowed, reading->at[len]) != NULL) {
        len++;
    }
    if (reading->is_bad || len < min_len || len >= size || reading->at + len == reading->end ||
        reading->at[len] != until) {
        reading->is_bad = true;
        return;
    }
    memcpy(ret_text, reading->at, len);
    ret_text[len] = '\0';
    reading->at += len + 1;
}

static void take_number(struct reading *reading, char until, int64_t *ret_number)
{
    char text[20] = "0"; /* 19 digits may be too many */
    int64_t number = 0;
    take_text(reading, DIGITS, until, 1, text, sizeof(text));
    for (const char *at = text; *at != '\0'; at++) {
        if (number > (INT64_MAX - 9) / 10) {
            reading->is_bad = true;
            return;
        }
        number = number * 10 + (*at - '0');
    }
    *ret_number = number;
}

static void take_lines(struct reading *reading, struct result *result)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    int64_t len = 0;
    take_word(reading, "len ");
    take_number(reading, '\n', &len);
    result->len = (uint64_t)len;
    take_word(reading, "sha256 ");
    take_text(reading, HEX, '\n', RESULT_HEX_MAX - 1, result->sha256, RESULT_HEX_MAX);
    take_word(reading, "content_hash ");
    take_text(reading, HEX, '\n', RESULT_HEX_MAX - 1, result->content_hash, RESULT_HEX_MAX);
    take_word(reading, "as_of ");
    take_text(reading, "0123456789-", '\n', RESULT_DATE_MAX - 1, result->as_of, RESULT_DATE_MAX);
    take_word(reading, "findings ");
    for (int grade = 0; grade < GRADE_COUNT; grade++) {
        take_number(reading, grade == GRADE_COUNT - 1 ? '\n' : ' ', &result->findings[grade]);
    }
    take_word(reading, "versions ");
    take_number(reading, ' ', &result->edc_version);
    take_number(reading, '\n', &result->ctms_version);
    take_word(reading, "filename ");
    take_text(reading, PLAIN, '\n', 1, result->filename, sizeof(result->filename));
    take_word(reading, "\n");
}

enum status result_parse_head(struct bytes bytes, struct result *ret_result, size_t *ret_head_len)
{
    size_t len_max = bytes.len < RESULT_HEAD_MAX ? bytes.len : RESULT_HEAD_MAX;
    const char *start = (const char *)bytes.data;
    struct reading reading = {.at = start, .end = start + len_max};
    struct result result = {.len = 0};
    char told[RESULT_HEX_MAX] = "";
    char found[RESULT_HEX_MAX] = "";
    take_word(&reading, MAGIC);
    take_word(&reading, "lines ");
    take_text(&reading, HEX, '\n', RESULT_HEX_MAX - 1, told, sizeof(told));
    const char *lines = reading.at;
    take_lines(&reading, &result);
    if (reading.is_bad || !hash_lines(lines, (size_t)(reading.at - lines), found) ||
        strcmp(told, found) != 0 || result.len > SPOOL_LEN_MAX ||
        strstr(result.filename, "..") != NULL) {
        return STATUS_DATA_LOSS;
    }
    *ret_result = result;
    *ret_head_len = (size_t)(reading.at - start);
    return STATUS_OK;
}
