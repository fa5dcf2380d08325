#include "import/options.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

static enum status fail_unknown(const char *name, size_t name_len, const struct option *rows,
    size_t n_rows, struct error *ret_error)
{
    const char *names[OPTIONS_MAX];
    char word[NEAREST_NAME_LEN_MAX + 1] = "";
    assert(n_rows <= OPTIONS_MAX);
    for (size_t i = 0; i < n_rows; i++) {
        names[i] = rows[i].name;
    }
    if (name_len < sizeof(word)) {
        memcpy(word, name, name_len);
    }
    const char *nearest = nearest_name(word, names, n_rows);
    if (nearest != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "unknown option --%s; did you mean --%s?", word, nearest);
    }
    return error_set(
        ret_error, STATUS_INVALID_ARGUMENT, "unknown option --%.*s; see --help", 60, name);
}

static enum status set_number(const struct option *row, const char *value, struct error *ret_error)
{
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < row->min || number > row->max) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--%s %.60s: a number from %" PRId64 " to %" PRId64 " is expected", row->name, value,
            row->min, row->max);
    }
    *row->number = number;
    return STATUS_OK;
}

static enum status add_to_list(const struct option *row, const char *value, struct error *ret_error)
{
    if (row->list->n_texts == OPTIONS_LIST_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--%s: given more than %d times",
            row->name, OPTIONS_LIST_MAX);
    }
    row->list->texts[row->list->n_texts++] = value;
    return STATUS_OK;
}

/* argv[*at] is "--name" or "--name=value"; moves *at past a value that stands alone. */
static enum status take_option(int argc, char **argv, int *at, const struct option *rows,
    size_t n_rows, struct error *ret_error)
{
    const char *name = argv[*at] + 2;
    size_t name_len = strcspn(name, "=");
    const struct option *row = NULL;
    for (size_t i = 0; i < n_rows; i++) {
        if (strlen(rows[i].name) == name_len && strncmp(rows[i].name, name, name_len) == 0) {
            row = &rows[i];
        }
    }
    if (row == NULL) {
        return fail_unknown(name, name_len, rows, n_rows, ret_error);
    }
    const char *value = name[name_len] == '=' ? name + name_len + 1 : NULL;
    if (row->flag != NULL) {
        *row->flag = true;
        return value == NULL ? STATUS_OK
                             : error_set(ret_error, STATUS_INVALID_ARGUMENT, "--%s takes no value",
                                   row->name);
    }
    if (value == NULL) {
        if (*at + 1 >= argc) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--%s needs a value", row->name);
        }
        value = argv[++*at];
    }
    if (row->number != NULL) {
        return set_number(row, value, ret_error);
    }
    if (row->list != NULL) {
        return add_to_list(row, value, ret_error);
    }
    *row->text = value;
    return STATUS_OK;
}

enum status options_parse(int argc, char **argv, const struct option *rows, size_t n_rows,
    const char *ret_words[OPTIONS_WORDS_MAX], size_t *ret_n_words, struct error *ret_error)
{
    size_t n_words = 0;
    bool has_ended = false; /* after "--" everything is a word */
    for (int at = 0; at < argc; at++) {
        const char *word = argv[at];
        if (!has_ended && strcmp(word, "--") == 0) {
            has_ended = true;
            continue;
        }
        if (!has_ended && strncmp(word, "--", 2) == 0) {
            enum status status = take_option(argc, argv, &at, rows, n_rows, ret_error);
            if (status != STATUS_OK) {
                return status;
            }
            continue;
        }
        if (!has_ended && word[0] == '-' && word[1] != '\0') {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "unknown option %.60s; options begin with two dashes", word);
        }
        if (n_words == OPTIONS_WORDS_MAX) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT, "unexpected \"%.60s\"", word);
        }
        ret_words[n_words++] = word;
    }
    *ret_n_words = n_words;
    return STATUS_OK;
}
