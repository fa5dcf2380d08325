/* The getters, and what --help, --version, --print-config and --check-config print. */
#include <assert.h>
#include <string.h>

#include "base/settings_internal.h"

enum {
    HELP_WIDTH = 100,
    HELP_LEFT_MAX = 34, /* a longer left column stands on a line of its own */
    HELP_TEXT_MAX = 512,
};

enum settings_action settings_action(const struct settings *settings)
{
    return settings->action;
}

static const struct settings_value *value_of(const struct settings *settings, const char *name)
{
    int index = settings_find(settings->program, name);
    assert(index != SETTINGS_NOT_FOUND);
    return &settings->values[index];
}

static const struct settings_value *value_of_kind(const struct settings *settings, const char *name,
    enum setting_kind kind, enum setting_kind or_kind)
{
    int index = settings_find(settings->program, name);
    assert(index != SETTINGS_NOT_FOUND);
    enum setting_kind found UNUSED = settings->program->rows[index].kind;
    assert(found == kind || found == or_kind);
    (void)kind;
    (void)or_kind;
    return &settings->values[index];
}

const char *settings_text(const struct settings *settings, const char *name)
{
    return value_of_kind(settings, name, SETTING_TEXT, SETTING_CHOICE)->text;
}

int64_t settings_integer(const struct settings *settings, const char *name)
{
    return value_of_kind(settings, name, SETTING_INTEGER, SETTING_INTEGER)->number;
}

uint64_t settings_duration_ns(const struct settings *settings, const char *name)
{
    return (uint64_t)value_of_kind(settings, name, SETTING_DURATION, SETTING_DURATION)->number;
}

bool settings_boolean(const struct settings *settings, const char *name)
{
    return value_of_kind(settings, name, SETTING_BOOLEAN, SETTING_BOOLEAN)->number != 0;
}

const char *settings_origin(const struct settings *settings, const char *name)
{
    return value_of(settings, name)->origin;
}

/* "--log-format text|json", "--[no-]allow-faults", "--drain-timeout DURATION" */
static void write_left(const struct setting *row, char *ret_text, size_t size)
{
    const char *value = row->value_name;
    switch (row->kind) {
    case SETTING_BOOLEAN:
        snprintf(ret_text, size, "--[no-]%s", row->name);
        return;
    case SETTING_TEXT:
        value = value == NULL ? "TEXT" : value;
        break;
    case SETTING_INTEGER:
        value = value == NULL ? "NUMBER" : value;
        break;
    case SETTING_DURATION:
        value = value == NULL ? "DURATION" : value;
        break;
    case SETTING_CHOICE:
        value = value == NULL ? row->choices : value;
        break;
    }
    snprintf(ret_text, size, "--%s %s", row->name, value);
}

/* The help, then the range and the default in brackets. */
static void write_right(const struct setting *row, char *ret_text, size_t size)
{
    bool has_range = row->kind == SETTING_INTEGER && (row->min != 0 || row->max != 0);
    int used = snprintf(ret_text, size, "%s", row->help);
    if (used < 0 || (size_t)used >= size) {
        return;
    }
    char *rest = ret_text + used;
    size_t room = size - (size_t)used;
    if (has_range && row->default_text != NULL) {
        snprintf(rest, room, " (%lld to %lld, default %s)", (long long)row->min,
            (long long)row->max, row->default_text);
    } else if (has_range) {
        snprintf(rest, room, " (%lld to %lld)", (long long)row->min, (long long)row->max);
    } else if (row->default_text != NULL && row->kind != SETTING_BOOLEAN) {
        snprintf(rest, room, " (default %s)", row->default_text);
    }
}

static void print_pair(FILE *stream, const char *left, const char *right, int left_width)
{
    int indent = left_width + 4;
    fprintf(stream, "  %-*s", left_width, left);
    if ((int)strlen(left) > left_width) {
        fprintf(stream, "\n%*s", left_width + 2, "");
    }
    int column = left_width + 2;
    for (const char *word = right; *word != '\0';) {
        int len = (int)strcspn(word, " ");
        if (column + len + 1 > HELP_WIDTH && column > indent) {
            fprintf(stream, "\n%*s", indent - 2, "");
            column = indent - 2;
        }
        column += fprintf(stream, "%s%.*s", column < indent ? "  " : " ", len, word);
        word += len;
        word += strspn(word, " ");
    }
    fputs("\n", stream);
}

static int left_column_width(const struct settings_program *program)
{
    int width = (int)strlen("--print-config");
    for (size_t i = 0; i < program->n_rows; i++) {
        char left[HELP_TEXT_MAX];
        write_left(&program->rows[i], left, sizeof(left));
        int len = (int)strlen(left);
        width = len > width && len <= HELP_LEFT_MAX ? len : width;
    }
    return width;
}

static void print_help(const struct settings_program *program, FILE *stream)
{
    fprintf(stream, "%s %s - %s\n\nusage: %s %s\n", program->name, program->version,
        program->purpose, program->name,
        program->usage == NULL ? "[--NAME VALUE]..." : program->usage);
    int width = left_column_width(program);
    const char *group = NULL;
    for (size_t i = 0; i < program->n_rows; i++) {
        const struct setting *row = &program->rows[i];
        if (row->group != NULL && (group == NULL || strcmp(group, row->group) != 0)) {
            group = row->group;
            fprintf(stream, "\n%s:\n", group);
        }
        char left[HELP_TEXT_MAX];
        char right[HELP_TEXT_MAX];
        write_left(row, left, sizeof(left));
        write_right(row, right, sizeof(right));
        print_pair(stream, left, right, width);
    }
    fputs("\nConfiguration:\n", stream);
    print_pair(
        stream, "--config FILE", "read settings from lines of the form: name = value", width);
    print_pair(stream, "--print-config", "print every setting and where it comes from", width);
    print_pair(stream, "--check-config", "check the settings, then exit 0, or 2 with words", width);
    print_pair(stream, "--help", "print this", width);
    print_pair(stream, "--version", "print the version", width);
    char variable[2 * SETTINGS_NAME_LEN_MAX];
    settings_variable(program, program->n_rows > 0 ? program->rows[0].name : "config", variable,
        sizeof(variable));
    fprintf(stream,
        "\nEach setting is a flag, an environment variable (--%s is %s)\n"
        "and a line of the config file; the first of these that is there counts.\n",
        program->n_rows > 0 ? program->rows[0].name : "config", variable);
    if (program->notes != NULL) {
        fprintf(stream, "\n%s", program->notes);
    }
}

/* Copy a text, with the password of a URL (scheme://user:password@host) as three stars. */
static void print_without_password(const char *text, FILE *stream)
{
    const char *authority = strstr(text, "://");
    if (authority != NULL) {
        authority += 3;
        size_t len = strcspn(authority, "/?#, ");
        const char *at = NULL;
        for (size_t i = 0; i < len; i++) {
            at = authority[i] == '@' ? authority + i : at;
        }
        const char *colon = at == NULL ? NULL : memchr(authority, ':', (size_t)(at - authority));
        if (colon != NULL) {
            fprintf(stream, "%.*s***%s", (int)(colon - text) + 1, text, at);
            return;
        }
    }
    fputs(text, stream);
}

static void print_config(const struct settings *settings, FILE *stream)
{
    const struct settings_program *program = settings->program;
    fprintf(stream, "# %s %s\n", program->name, program->version);
    const char *group = NULL;
    for (size_t i = 0; i < program->n_rows; i++) {
        const struct setting *row = &program->rows[i];
        const struct settings_value *value = &settings->values[i];
        if (row->group != NULL && (group == NULL || strcmp(group, row->group) != 0)) {
            group = row->group;
            fprintf(stream, "\n# %s\n", group);
        }
        if (value->text == NULL) {
            fprintf(stream, "# not set\n# %s =\n", row->name);
            continue;
        }
        fprintf(stream, "# from %s\n%s = ", value->origin, row->name);
        print_without_password(value->text, stream);
        fputs("\n", stream);
    }
}

void settings_answer(const struct settings *settings, FILE *stream)
{
    const struct settings_program *program = settings->program;
    switch (settings->action) {
    case SETTINGS_RUN:
        return;
    case SETTINGS_HELP:
        print_help(program, stream);
        return;
    case SETTINGS_VERSION:
        fprintf(stream, "%s %s\n", program->name, program->version);
        return;
    case SETTINGS_PRINT_CONFIG:
        print_config(settings, stream);
        return;
    case SETTINGS_CHECK_CONFIG:
        fprintf(stream, "%s: the settings are in order\n", program->name);
        return;
    }
}
