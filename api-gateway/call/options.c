#include "call/options.h"

#include <stdio.h>
#include <string.h>

#include "rpc/interceptor_auth.h"
#include "rpc/server.h"
#include "rpc/tls_settings.h"

#define SECOND_NS INT64_C(1000000000)

static const struct setting ROWS[] = {
    {.name = "backend",
        .kind = SETTING_TEXT,
        .default_text = "tcp://127.0.0.1:9090",
        .group = "Connection",
        .value_name = "URL",
        .help =
            "the service: tcp://HOST:PORT, tls+tcp://HOST:PORT or ipc://PATH; several, with commas "
            "between, share the calls"},
    {.name = "connect-timeout",
        .kind = SETTING_DURATION,
        .default_text = "2s",
        .min = SECOND_NS / 1000,
        .max = 3600 * SECOND_NS,
        .group = "Connection",
        .help = "how long to wait for a connection"},
    {.name = RPC_AUTH_SETTING,
        .kind = SETTING_TEXT,
        .group = "Connection",
        .value_name = "FILE",
        .help =
            "sign the call with this key, as the service asks for (32 bytes or more, mode 600)"},
    RPC_TLS_SETTINGS("Connection", "the certificate that the service is shown over tls+tcp",
        "the service's certificate must be signed by an authority in this file"),
    RPC_TLS_SERVER_NAME_SETTING("Connection"),
    {.name = "timeout",
        .kind = SETTING_DURATION,
        .group = "Call",
        .help = "the call's deadline, 300ms or 3s; without it the method's default counts"},
    {.name = "trace",
        .kind = SETTING_TEXT,
        .group = "Call",
        .value_name = "ID",
        .help = "the trace that the call belongs to: a W3C traceparent, or 32 hex digits"},
    {.name = "metadata",
        .kind = SETTING_TEXT,
        .group = "Call",
        .value_name = "KEY=VALUE",
        .help = "an entry that travels with the call; may be given several times"},
    {.name = "output",
        .kind = SETTING_TEXT,
        .group = "Call",
        .value_name = "FILE",
        .help = "where the answer goes; a stream's bytes need one; - is standard output"},
    {.name = "list",
        .kind = SETTING_BOOLEAN,
        .group = "Instead of a call",
        .help = "list the service's methods"},
    {.name = "describe",
        .kind = SETTING_BOOLEAN,
        .group = "Instead of a call",
        .help = "show METHOD (or a message or enum) with the fields of its messages"},
    {.name = "json",
        .kind = SETTING_BOOLEAN,
        .group = "What is printed",
        .help = "for programs: the account, the list as one line of JSON"},
    {.name = "quiet",
        .kind = SETTING_BOOLEAN,
        .group = "What is printed",
        .help = "no account and no progress; failures are still named"},
    {.name = "progress",
        .kind = SETTING_BOOLEAN,
        .group = "What is printed",
        .help = "progress as lines, also where standard error is no terminal"},
    {.name = "log-level",
        .kind = SETTING_CHOICE,
        .default_text = "error",
        .choices = "debug|info|warn|error",
        .group = "What is printed",
        .help = "the least that the library logs to standard error"},
};

const struct settings_program CALL_PROGRAM = {
    .name = "walkie-call",
    .version = WALKIE_VERSION,
    .purpose = "calls a method of a Walkie service, and hears what became of the work",
    .rows = ROWS,
    .n_rows = LENGTH_OF(ROWS),
    .usage = "METHOD [JSON | @FILE | -] [--NAME VALUE]...",
    .notes =
        "METHOD may be short where that is unambiguous: Echo. The request is JSON, from the\n"
        "command line, a file or standard input; without it, it is empty. The answer goes to\n"
        "standard output, everything else to standard error. Ctrl-C cancels the call and waits\n"
        "for what the service says became of it; a second one leaves at once.\n"
        "\n"
        "Exit codes: 0 the call succeeded; 1 it ended with another status, which is named;\n"
        "2 the command line or the request is wrong; 69 no service; 70 internal; 74 the answer\n"
        "could not be written; 124 the deadline passed; 130 interrupted.\n",
};

/* What the command line has beside flags. */
struct words {
    const char *flags[OPTIONS_FLAGS_MAX];
    int n_flags;
    const char *method;
    const char *body;
    const char *extra; /* one too many; an unknown flag before it is the likelier mistake */
    const char *metadata[RPC_METADATA_ENTRIES_MAX];
    size_t n_metadata;
};

/* Whether a flag takes the next argument as its value. Unknown ones do not: the settings refuse
 * them anyway. */
static bool takes_next(const char *flag)
{
    const char *name = flag + 2;
    if (strcmp(name, "config") == 0) {
        return true;
    }
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        if (strcmp(name, ROWS[i].name) == 0) {
            return ROWS[i].kind != SETTING_BOOLEAN;
        }
    }
    return false;
}

static void take_word(struct words *words, const char *word)
{
    const char **place = words->method == NULL ? &words->method
                         : words->body == NULL ? &words->body
                                               : &words->extra;
    *place = word;
}

static enum status take_metadata(struct words *words, const char *text, struct error *ret_error)
{
    if (words->n_metadata == RPC_METADATA_ENTRIES_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--metadata: at most %d entries",
            RPC_METADATA_ENTRIES_MAX);
    }
    words->metadata[words->n_metadata++] = text;
    return STATUS_OK;
}

static enum status split(int argc, char *const *argv, struct words *words, struct error *ret_error)
{
    static const char METADATA[] = "--metadata";
    bool has_ended = false; /* after "--" there are no flags */
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool is_flag = !has_ended && word[0] == '-' && word[1] != '\0';
        enum status status = STATUS_OK;
        if (is_flag && strcmp(word, "--") == 0) {
            has_ended = true;
        } else if (!is_flag) {
            take_word(words, word);
        } else if (strcmp(word, METADATA) == 0 && i + 1 < argc) {
            status = take_metadata(words, argv[++i], ret_error);
        } else if (strncmp(word, "--metadata=", sizeof(METADATA)) == 0) {
            status = take_metadata(words, word + sizeof(METADATA), ret_error);
        } else if (words->n_flags + 2 > OPTIONS_FLAGS_MAX) {
            status = error_set(ret_error, STATUS_INVALID_ARGUMENT, "too many flags");
        } else {
            words->flags[words->n_flags++] = word;
            if (word[1] == '-' && takes_next(word) && i + 1 < argc) {
                words->flags[words->n_flags++] = argv[++i];
            }
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status add_metadata(struct options *options, const char *text, struct error *ret_error)
{
    struct rpc_metadata *metadata = &options->metadata;
    size_t key_len = strcspn(text, "=");
    if (text[key_len] != '=' || key_len == 0 || key_len > RPC_METADATA_KEY_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--metadata %.60s: a key (at most %d characters), =, and a value are expected", text,
            RPC_METADATA_KEY_MAX);
    }
    char *key = options->keys[metadata->n_entries];
    snprintf(key, sizeof(options->keys[0]), "%.*s", (int)key_len, text);
    enum status status = rpc_metadata_set(metadata, key, bytes_of(text + key_len + 1));
    if (status != STATUS_OK) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--metadata %.60s: a key is of %s; a value has at most %d bytes, all together %d", text,
            RPC_METADATA_KEY_CHARACTERS, RPC_METADATA_VALUE_MAX, RPC_METADATA_LEN_MAX);
    }
    return STATUS_OK;
}

static enum status read_metadata(
    struct options *options, const struct words *words, struct error *ret_error)
{
    rpc_metadata_init(&options->metadata, options->entries, LENGTH_OF(options->entries));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < words->n_metadata && status == STATUS_OK; i++) {
        status = add_metadata(options, words->metadata[i], ret_error);
    }
    const char *one = settings_text(options->settings, "metadata"); /* of a file or a variable */
    if (status == STATUS_OK && words->n_metadata == 0 && one != NULL) {
        status = add_metadata(options, one, ret_error);
    }
    return status;
}

/* 32 hex digits become a traceparent whose span is made up, as its caller has none. */
static enum status read_trace(struct options *options, struct error *ret_error)
{
    enum { ID_DIGITS = 2 * TRACE_ID_LEN };
    const char *text = settings_text(options->settings, "trace");
    trace_init(&options->trace);
    if (text == NULL) {
        return STATUS_OK;
    }
    char parent[80];
    if (strlen(text) == ID_DIGITS) {
        char span[SPAN_ID_TEXT_MAX];
        span_id_text(options->trace.span_id, span);
        snprintf(parent, sizeof(parent), "00-%s-%s-01", text, span);
    } else {
        snprintf(parent, sizeof(parent), "%s", text);
    }
    if (!trace_parse(parent, &options->trace)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--trace %.60s: a traceparent (00-…) or 32 lower-case hex digits, not all 0, are "
            "expected",
            text);
    }
    return STATUS_OK;
}

static enum status check_words(const struct options *options, struct error *ret_error)
{
    bool is_list = settings_boolean(options->settings, "list");
    bool is_describe = settings_boolean(options->settings, "describe");
    const char *problem = NULL;
    if (is_list && is_describe) {
        problem = "--list or --describe, not both";
    } else if (is_list && options->method != NULL) {
        problem = "--list takes no METHOD; --describe METHOD shows one";
    } else if (!is_list && options->method == NULL) {
        problem = "METHOD is missing; --list shows which there are, --help the rest";
    } else if (is_describe && options->body != NULL) {
        problem = "--describe takes no request";
    }
    return problem == NULL ? STATUS_OK
                           : error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s", problem);
}

enum status options_read(int argc, char *const *argv, char *const *environment,
    struct options *ret_options, struct error *ret_error)
{
    struct words words = {.flags = {argv[0]}, .n_flags = 1};
    enum status status = split(argc, argv, &words, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct options *options = ret_options;
    options->method = words.method;
    options->body = words.body;
    status = settings_load(&CALL_PROGRAM, words.n_flags, (char *const *)(uintptr_t)words.flags,
        environment, &options->settings, ret_error);
    if (status != STATUS_OK || settings_action(options->settings) != SETTINGS_RUN) {
        return status;
    }
    if (words.extra != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "\"%.60s\" is one word too many: METHOD and a request are all; quote the JSON",
            words.extra);
    }
    status = read_metadata(options, &words, ret_error);
    if (status == STATUS_OK) {
        status = read_trace(options, ret_error);
    }
    return status == STATUS_OK ? check_words(options, ret_error) : status;
}

void options_finish(struct options *options)
{
    settings_free(options->settings);
}
