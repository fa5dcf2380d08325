#include "base/settings.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/settings_internal.h"

enum { SETTINGS_MEMORY_MAX = 1 << 20 };

const char *const SETTINGS_BUILT_INS[SETTINGS_BUILT_IN_COUNT] = {
    "config", "help", "version", "print-config", "check-config"};

/* In the order of SETTINGS_BUILT_INS, from "help" on. */
static const enum settings_action BUILT_IN_ACTIONS[SETTINGS_BUILT_IN_COUNT] = {
    SETTINGS_RUN, SETTINGS_HELP, SETTINGS_VERSION, SETTINGS_PRINT_CONFIG, SETTINGS_CHECK_CONFIG};

int settings_find(const struct settings_program *program, const char *name)
{
    for (size_t i = 0; i < program->n_rows; i++) {
        if (strcmp(program->rows[i].name, name) == 0) {
            return (int)i;
        }
    }
    return SETTINGS_NOT_FOUND;
}

const char *settings_nearest(const struct settings_program *program, const char *name)
{
    const char *names[SETTINGS_ROWS_MAX + SETTINGS_BUILT_IN_COUNT];
    size_t n_names = 0;
    for (size_t i = 0; i < program->n_rows; i++) {
        names[n_names++] = program->rows[i].name;
    }
    for (size_t i = 0; i < SETTINGS_BUILT_IN_COUNT; i++) {
        names[n_names++] = SETTINGS_BUILT_INS[i];
    }
    return nearest_name(name, names, n_names);
}

void settings_variable(
    const struct settings_program *program, const char *name, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s_%s", program->name, name);
    for (char *at = ret_text; *at != '\0'; at++) {
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    }
}

enum status settings_set(struct settings *settings, int index, const char *text, const char *origin,
    enum settings_rank rank, struct error *ret_error)
{
    const struct setting *row = &settings->program->rows[index];
    struct settings_value *value = &settings->values[index];
    int64_t number = 0;
    enum status status = settings_parse(row, text, &number, ret_error);
    if (status != STATUS_OK) {
        /* A flag names its setting; a variable and a line of a file do so here. */
        if (rank == SETTINGS_RANK_FLAG || rank == SETTINGS_RANK_ENVIRONMENT) {
            error_prefix(ret_error, "%s", origin);
        } else {
            error_prefix(ret_error, "%s: %s", origin, row->name);
        }
        return status;
    }
    if (rank < value->rank) {
        return STATUS_OK;
    }
    value->text = text[0] == '\0' ? NULL : arena_copy_text(settings->arena, text);
    value->origin = arena_copy_text(settings->arena, origin);
    value->number = number;
    value->rank = rank;
    if (arena_has_failed(settings->arena)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", origin);
    }
    return STATUS_OK;
}

static enum status unknown_flag(const struct settings *settings, const char *argument,
    const char *name, struct error *ret_error)
{
    enum { SHOWN_LEN_MAX = 80 };
    const char *nearest = settings_nearest(settings->program, name);
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%.*s: no such flag%s%s%s", SHOWN_LEN_MAX,
        argument, nearest == NULL ? "" : "; did you mean --", nearest == NULL ? "" : nearest,
        nearest == NULL ? " (--help lists them)" : "?");
}

/* One argument taken apart. */
struct flag {
    char name[SETTINGS_NAME_LEN_MAX]; /* without dashes; cut names are unknown anyway */
    char origin[SETTINGS_NAME_LEN_MAX + 8];
    const char *value; /* NULL: none yet */
};

static void flag_split(const char *argument, struct flag *ret_flag)
{
    const char *name = argument + strspn(argument, "-");
    const char *equals = strchr(name, '=');
    size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
    snprintf(ret_flag->name, sizeof(ret_flag->name), "%.*s", (int)(len > 200 ? 200 : len), name);
    snprintf(ret_flag->origin, sizeof(ret_flag->origin), "--%s", ret_flag->name);
    ret_flag->value = equals == NULL ? NULL : equals + 1;
}

/* A boolean needs no value; everything else may take it from the next argument. */
static enum status flag_take_value(struct flag *flag, bool is_boolean, int argc, char *const *argv,
    int *at, struct error *ret_error)
{
    if (flag->value != NULL) {
        return STATUS_OK;
    }
    if (is_boolean) {
        flag->value = "true";
        return STATUS_OK;
    }
    if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: needs a value", flag->origin);
    }
    flag->value = argv[++*at];
    return STATUS_OK;
}

static enum status read_built_in(struct settings *settings, struct flag *flag, int argc,
    char *const *argv, int *at, struct error *ret_error)
{
    size_t i = 0;
    while (i < SETTINGS_BUILT_IN_COUNT && strcmp(SETTINGS_BUILT_INS[i], flag->name) != 0) {
        i++;
    }
    if (i == SETTINGS_BUILT_IN_COUNT) {
        return unknown_flag(settings, argv[*at], flag->name, ret_error);
    }
    if (i > 0) {
        if (flag->value != NULL) {
            return error_set(
                ret_error, STATUS_INVALID_ARGUMENT, "%s: takes no value", flag->origin);
        }
        settings->action = BUILT_IN_ACTIONS[i];
        return STATUS_OK;
    }
    enum status status = flag_take_value(flag, false, argc, argv, at, ret_error);
    if (status == STATUS_OK) {
        settings->config_path = arena_copy_text(settings->arena, flag->value);
        settings->config_origin = "--config";
    }
    return status;
}

static enum status read_flag(
    struct settings *settings, int argc, char *const *argv, int *at, struct error *ret_error)
{
    const char *argument = argv[*at];
    if (strncmp(argument, "--", 2) != 0 || argument[2] == '\0') {
        return argument[0] == '-' && argument[1] != '\0'
                   ? unknown_flag(settings, argument, argument + 1, ret_error)
                   : error_set(ret_error, STATUS_INVALID_ARGUMENT,
                         "%.80s: only flags are expected here (--help lists them)", argument);
    }
    struct flag flag;
    flag_split(argument, &flag);
    const struct setting *rows = settings->program->rows;
    int index = settings_find(settings->program, flag.name);
    if (index == SETTINGS_NOT_FOUND && strncmp(flag.name, "no-", 3) == 0 && flag.value == NULL) {
        index = settings_find(settings->program, flag.name + 3);
        if (index != SETTINGS_NOT_FOUND && rows[index].kind != SETTING_BOOLEAN) {
            index = SETTINGS_NOT_FOUND;
        }
        flag.value = index == SETTINGS_NOT_FOUND ? NULL : "false";
    }
    if (index == SETTINGS_NOT_FOUND) {
        return read_built_in(settings, &flag, argc, argv, at, ret_error);
    }
    enum status status =
        flag_take_value(&flag, rows[index].kind == SETTING_BOOLEAN, argc, argv, at, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    return settings_set(settings, index, flag.value, flag.origin, SETTINGS_RANK_FLAG, ret_error);
}

static enum status read_flags(
    struct settings *settings, int argc, char *const *argv, struct error *ret_error)
{
    for (int i = 1; i < argc; i++) {
        bool is_help = strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
        if (is_help || strcmp(argv[i], "--version") == 0) {
            settings->action = is_help ? SETTINGS_HELP : SETTINGS_VERSION;
            return STATUS_OK;
        }
    }
    for (int i = 1; i < argc; i++) {
        enum status status = read_flag(settings, argc, argv, &i, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* A variable with our prefix that is no setting. Orchestrators make some of their own
 * (API_GATEWAY_PORT and API_GATEWAY_SERVICE_HOST for a service named api-gateway), so only what
 * looks like a slip of the pen is refused. */
static enum status read_strange_variable(const struct settings *settings, const char *variable,
    size_t prefix_len, size_t name_len, struct error *ret_error)
{
    enum { SLIPS_MAX = 2, NAME_LEN_MIN = 5 };
    char name[SETTINGS_NAME_LEN_MAX];
    if (name_len < NAME_LEN_MIN || name_len >= sizeof(name)) {
        return STATUS_OK;
    }
    for (size_t i = 0; i < name_len; i++) {
        char letter = variable[prefix_len + i];
        name[i] = letter == '_' ? '-' : (char)tolower((unsigned char)letter);
    }
    name[name_len] = '\0';
    const char *nearest = settings_nearest(settings->program, name);
    if (nearest == NULL || nearest_distance(nearest, name) > SLIPS_MAX) {
        return STATUS_OK;
    }
    char meant[2 * SETTINGS_NAME_LEN_MAX];
    settings_variable(settings->program, nearest, meant, sizeof(meant));
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%.*s: no such setting; did you mean %s?",
        (int)(prefix_len + name_len), variable, meant);
}

static enum status read_variable(
    struct settings *settings, const char *variable, size_t prefix_len, struct error *ret_error)
{
    const char *equals = strchr(variable, '=');
    if (equals == NULL || equals[1] == '\0') {
        return STATUS_OK; /* an empty variable is as good as none */
    }
    size_t len = (size_t)(equals - variable);
    const struct settings_program *program = settings->program;
    char known[2 * SETTINGS_NAME_LEN_MAX];
    for (size_t i = 0; i < program->n_rows; i++) {
        settings_variable(program, program->rows[i].name, known, sizeof(known));
        if (strlen(known) == len && strncmp(known, variable, len) == 0) {
            return settings_set(
                settings, (int)i, equals + 1, known, SETTINGS_RANK_ENVIRONMENT, ret_error);
        }
    }
    settings_variable(program, "config", known, sizeof(known));
    if (strlen(known) == len && strncmp(known, variable, len) == 0) {
        if (settings->config_path == NULL) {
            settings->config_path = arena_copy_text(settings->arena, equals + 1);
            settings->config_origin = arena_copy_text(settings->arena, known);
        }
        return STATUS_OK;
    }
    return read_strange_variable(settings, variable, prefix_len, len - prefix_len, ret_error);
}

static enum status read_environment(
    struct settings *settings, char *const *environment, struct error *ret_error)
{
    char prefix[SETTINGS_NAME_LEN_MAX];
    settings_variable(settings->program, "", prefix, sizeof(prefix));
    size_t prefix_len = strlen(prefix);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        if (strncmp(environment[i], prefix, prefix_len) == 0) {
            enum status status = read_variable(settings, environment[i], prefix_len, ret_error);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static enum status read_defaults(struct settings *settings, struct error *ret_error)
{
    const struct settings_program *program = settings->program;
    for (size_t i = 0; i < program->n_rows; i++) {
        const struct setting *row = &program->rows[i];
        if (row->default_text == NULL) {
            if (settings->values[i].rank == SETTINGS_RANK_NONE) {
                settings->values[i].origin = "default";
            }
            continue;
        }
        enum status status = settings_set(
            settings, (int)i, row->default_text, "default", SETTINGS_RANK_DEFAULT, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status read_sources(struct settings *settings, int argc, char *const *argv,
    char *const *environment, struct error *ret_error)
{
    enum status status = read_flags(settings, argc, argv, ret_error);
    if (status != STATUS_OK || settings->action == SETTINGS_HELP ||
        settings->action == SETTINGS_VERSION) {
        return status;
    }
    status = read_environment(settings, environment, ret_error);
    if (status == STATUS_OK && settings->config_path != NULL) {
        status = settings_read_file(settings, ret_error);
    }
    if (status == STATUS_OK) {
        status = read_defaults(settings, ret_error);
    }
    return status;
}

enum status settings_load(const struct settings_program *program, int argc, char *const *argv,
    char *const *environment, struct settings **ret_settings, struct error *ret_error)
{
    assert(program->n_rows <= SETTINGS_ROWS_MAX);
    CLEANUP(settings_free_at) struct settings *settings = calloc(1, sizeof(*settings));
    if (settings == NULL || (settings->arena = arena_new(SETTINGS_MEMORY_MAX)) == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    settings->program = program;
    enum status status = read_sources(settings, argc, argv, environment, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (arena_has_failed(settings->arena)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    *ret_settings = STEAL(settings);
    return STATUS_OK;
}

void settings_free(struct settings *settings)
{
    if (settings != NULL) {
        arena_free(settings->arena);
        free(settings);
    }
}

void settings_free_at(struct settings **settings)
{
    settings_free(*settings);
}
