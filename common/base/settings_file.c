/* The config file: `name = value` lines, blank lines, and lines that begin with #. */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/settings_internal.h"

static void close_file(FILE **file)
{
    if (*file != NULL) {
        fclose(*file);
    }
}

/* Everything in the file, with a NUL after it. */
static enum status read_all(const char *path, struct buffer *contents, struct error *ret_error)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    if (file == NULL) {
        return error_set(ret_error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_INVALID_ARGUMENT,
            "%s: cannot read the config file: %s", path, strerror(errno));
    }
    enum status status = buffer_reserve(contents, SETTINGS_FILE_LEN_MAX + 1);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "%s: out of memory", path);
    }
    contents->len = fread(contents->data, 1, SETTINGS_FILE_LEN_MAX + 1, file);
    if (ferror(file)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: cannot read the config file: %s",
            path, strerror(errno));
    }
    if (contents->len > SETTINGS_FILE_LEN_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: longer than %d bytes", path,
            SETTINGS_FILE_LEN_MAX);
    }
    if (memchr(contents->data, '\0', contents->len) != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: not a text file", path);
    }
    contents->data[contents->len] = '\0';
    return STATUS_OK;
}

/* Cut white space off both ends, in place. */
static char *trim(char *text)
{
    static const char SPACE[] = " \t\r";
    text += strspn(text, SPACE);
    size_t len = strlen(text);
    while (len > 0 && strchr(SPACE, text[len - 1]) != NULL) {
        len--;
    }
    text[len] = '\0';
    return text;
}

static enum status unknown_name(
    const struct settings *settings, const char *place, const char *name, struct error *ret_error)
{
    enum { SHOWN_LEN_MAX = 80 };
    for (size_t i = 0; i < SETTINGS_BUILT_IN_COUNT; i++) {
        if (strcmp(SETTINGS_BUILT_INS[i], name) == 0) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "%s: %s: only a flag, not a setting of a file", place, name);
        }
    }
    const char *nearest = settings_nearest(settings->program, name);
    bool is_row = nearest != NULL && settings_find(settings->program, nearest) >= 0;
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: %.*s: no such setting%s%s%s", place,
        SHOWN_LEN_MAX, name, is_row ? "; did you mean " : "", is_row ? nearest : "",
        is_row ? "?" : " (--help lists them)");
}

static enum status read_line(
    struct settings *settings, char *line, int number, int *line_of_row, struct error *ret_error)
{
    enum { PLACE_TEXT_MAX = 256 };
    char place[PLACE_TEXT_MAX];
    snprintf(place, sizeof(place), "%.200s:%d", settings->config_path, number);
    line = trim(line);
    if (line[0] == '\0' || line[0] == '#') {
        return STATUS_OK;
    }
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "%s: not a line of the form: name = value", place);
    }
    *equals = '\0';
    const char *name = trim(line);
    int index = settings_find(settings->program, name);
    if (index == SETTINGS_NOT_FOUND) {
        return unknown_name(settings, place, name, ret_error);
    }
    if (line_of_row[index] != 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: %s: set in line %d already",
            place, name, line_of_row[index]);
    }
    line_of_row[index] = number;
    return settings_set(settings, index, trim(equals + 1), place, SETTINGS_RANK_FILE, ret_error);
}

enum status settings_read_file(struct settings *settings, struct error *ret_error)
{
    CLEANUP(buffer_finish) struct buffer contents = BUFFER_EMPTY(SETTINGS_FILE_LEN_MAX + 1);
    enum status status = read_all(settings->config_path, &contents, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "%s", settings->config_origin);
        return status;
    }
    int line_of_row[SETTINGS_ROWS_MAX] = {0};
    char *next;
    int number = 1;
    for (char *line = (char *)contents.data; line != NULL; line = next, number++) {
        next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        status = read_line(settings, line, number, line_of_row, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}
