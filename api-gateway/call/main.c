/* walkie-call: connect, ask the service what it has, make the call, print the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "call/body.h"
#include "call/call_run.h"
#include "call/codec.h"
#include "call/connect.h"
#include "call/exit_code.h"
#include "call/listing.h"
#include "call/options.h"
#include "call/raw_message.h"
#include "call/safe_text.h"
#include "obs/interrupt.h"
#include "obs/startup.h"

extern char **environ;

struct program {
    struct options options;
    struct ctx_scope *scope; /* what Ctrl-C cancels */
    struct connection connection;
    struct service_view *view;
    struct rpc_method method;
    const struct schema_method *messages; /* of that method */
    struct call_run run;
    struct progress progress;
};

static int complain(const struct error *error, int exit_code)
{
    fprintf(stderr, "%s: ", CALL_PROGRAM.name);
    safe_text_print(error->text, stderr); /* it may quote what the service said */
    fputc('\n', stderr);
    return exit_code;
}

static int fail(const struct program *program, const struct error *error)
{
    bool is_interrupted = ctx_cause(program->scope->ctx) == CTX_CAUSE_USER_CANCELLED;
    return complain(error, is_interrupted ? EXIT_INTERRUPTED : exit_code_of_failure(error->status));
}

static bool wants(const struct program *program, const char *name)
{
    return settings_boolean(program->options.settings, name);
}

static enum status fetch_view(struct program *program, struct error *ret_error)
{
    /* Its own time: the call's timeout is for the call. */
    CTX_SCOPE(scope, ctx_with_timeout(program->scope->ctx,
                         settings_duration_ns(program->options.settings, "connect-timeout")));
    return service_view_fetch(scope->ctx, program->connection.channel, &program->view, ret_error);
}

static enum status open_output(
    const struct program *program, struct output **ret_output, struct error *ret_error)
{
    const char *path = settings_text(program->options.settings, "output");
    return output_open(path == NULL ? "-" : path, ret_output, ret_error);
}

static int answer_about(struct program *program)
{
    struct error error = ERROR_NONE;
    struct output *output = NULL;
    if (open_output(program, &output, &error) != STATUS_OK) {
        return complain(&error, EXIT_OUTPUT);
    }
    enum status status =
        wants(program, "list")
            ? listing_methods(program->view, wants(program, "json"), output, &error)
            : listing_describe(program->view, program->options.method, output, &error);
    if (status != STATUS_OK) {
        output_abandon(output);
    } else {
        status = output_close(output, &error);
    }
    if (status == STATUS_UNAVAILABLE) {
        return complain(&error, EXIT_OUTPUT);
    }
    return status == STATUS_OK ? EXIT_OK : fail(program, &error);
}

/* Where a reply's JSON goes, and the words when that fails. */
struct sink {
    struct output *output;
    struct error *error;
};

static enum status write_piece(void *arg, struct bytes piece)
{
    const struct sink *sink = arg;
    return output_write(sink->output, piece, sink->error);
}

/* The reply as JSON: pretty for people, one line for programs. */
static enum status write_reply(
    struct program *program, struct output *output, struct error *ret_error)
{
    struct sink sink = {output, ret_error};
    struct json_writer *json = malloc(sizeof(*json));
    if (json == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    json_init(json, write_piece, &sink);
    json->is_pretty = output_is_terminal(output) && !wants(program, "json");
    struct bytes reply = buffer_bytes(&program->run.reply);
    enum status status = codec_to_json(program->messages->output, reply, json, ret_error);
    if (status == STATUS_OK) {
        status = json_finish(json);
    }
    free(json);
    if (status == STATUS_DATA_LOSS) {
        error_prefix(ret_error, "the answer cannot be read");
    }
    return status == STATUS_OK ? output_write(output, bytes_of("\n"), ret_error) : status;
}

static int exit_code_of_end(const struct program *program)
{
    const struct rpc_end *end = &program->run.account.end;
    bool is_interrupted = end->cause == CTX_CAUSE_USER_CANCELLED &&
                          ctx_cause(program->scope->ctx) == CTX_CAUSE_USER_CANCELLED;
    return is_interrupted ? EXIT_INTERRUPTED : exit_code_of_call(end->status);
}

static void print_end(struct program *program)
{
    progress_clear(&program->progress);
    if (wants(program, "quiet")) {
        account_print_failure(&program->run.account, stderr);
    } else {
        account_print(&program->run.account, wants(program, "json"), stderr);
    }
}

/* A stream whose bytes are in their file has its head on standard output. */
static enum status write_head(struct program *program, struct error *ret_error)
{
    struct output *output = NULL;
    enum status status = output_open("-", &output, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = write_reply(program, output, ret_error);
    if (status != STATUS_OK) {
        output_abandon(output);
        return status;
    }
    return output_close(output, ret_error);
}

/* After a call that succeeded: the answer. */
static enum status write_answer(
    struct program *program, struct output *output, struct error *ret_error)
{
    bool is_stream = program->method.kind == RPC_SERVER_STREAM;
    enum status status = is_stream ? STATUS_OK : write_reply(program, output, ret_error);
    if (status != STATUS_OK) {
        output_abandon(output);
        return status;
    }
    status = output_close(output, ret_error);
    const char *path = settings_text(program->options.settings, "output");
    bool has_head = is_stream && program->run.has_reply && strcmp(path, "-") != 0;
    return status == STATUS_OK && has_head ? write_head(program, ret_error) : status;
}

/* After the call: the account, the answer, the exit code. */
static int conclude(
    struct program *program, struct output *output, enum status run_status, struct error *error)
{
    print_end(program);
    enum status status = run_status;
    if (status == STATUS_OK && program->run.account.end.status == STATUS_OK) {
        status = write_answer(program, output, error);
    } else {
        output_abandon(output);
    }
    if (status == STATUS_UNAVAILABLE) {
        return complain(error, EXIT_OUTPUT);
    }
    if (status != STATUS_OK) {
        return complain(error, exit_code_of_failure(status));
    }
    return exit_code_of_end(program);
}

/* What can be wrong with the output is found before the call is made. */
static int prepare_output(struct program *program, struct output **ret_output)
{
    struct error error = ERROR_NONE;
    struct output *output = NULL;
    bool is_stream = program->method.kind == RPC_SERVER_STREAM;
    if (is_stream && settings_text(program->options.settings, "output") == NULL) {
        error_record(&error, STATUS_INVALID_ARGUMENT,
            "%s answers with a stream of bytes: say --output FILE, or - for standard output",
            program->method.name);
        return complain(&error, EXIT_USAGE);
    }
    if (open_output(program, &output, &error) != STATUS_OK) {
        return complain(&error, EXIT_OUTPUT);
    }
    if (is_stream && output_is_terminal(output)) {
        output_abandon(output);
        error_record(&error, STATUS_INVALID_ARGUMENT,
            "bytes are not written to a terminal: give --output a file, or pipe them on");
        return complain(&error, EXIT_USAGE);
    }
    *ret_output = output;
    return EXIT_OK;
}

static enum progress_style progress_style_of(const struct program *program)
{
    if (wants(program, "quiet")) {
        return PROGRESS_NONE;
    }
    if (wants(program, "progress")) {
        return PROGRESS_LINES;
    }
    return isatty(STDERR_FILENO) == 1 ? PROGRESS_TERMINAL : PROGRESS_NONE;
}

static int make_call(struct program *program, const struct raw_message *request)
{
    struct error error = ERROR_NONE;
    struct output *output = NULL;
    int exit_code = prepare_output(program, &output);
    if (exit_code != EXIT_OK) {
        return exit_code;
    }
    uint64_t timeout_ns = settings_duration_ns(program->options.settings, "timeout");
    uint64_t deadline_ns = timeout_ns == 0 ? CLOCK_NEVER : clock_add_ns(clock_now_ns(), timeout_ns);
    CTX_SCOPE(
        deadline, ctx_with_deadline_origin(program->scope->ctx, CTX_ORIGIN_CALLER, deadline_ns));
    CTX_SCOPE(trace, ctx_with_value(deadline->ctx, &TRACE_KEY, &program->options.trace));
    CTX_SCOPE(metadata, ctx_with_value(trace->ctx, &RPC_METADATA_KEY, &program->options.metadata));
    program->progress.style = progress_style_of(program);
    program->run = (struct call_run){.channel = program->connection.channel,
        .method = &program->method,
        .request = raw_message_base(request),
        .scope = program->scope,
        .output = program->method.kind == RPC_SERVER_STREAM ? output : NULL,
        .progress = &program->progress};
    enum status status = call_run(metadata->ctx, &program->run, &error);
    return conclude(program, output, status, &error);
}

static enum rpc_kind kind_of(const Walkie__Rpc__V1__Method *described)
{
    return described->kind == WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_SERVER_STREAM
               ? RPC_SERVER_STREAM
               : RPC_UNARY;
}

static int call(struct program *program)
{
    struct error error = ERROR_NONE;
    struct service_method method;
    CLEANUP(buffer_finish) struct buffer json = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
    CLEANUP(buffer_finish) struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    CLEANUP(raw_message_free_at) struct raw_message *request = NULL;
    enum status status = service_view_find(program->view, program->options.method, &method, &error);
    if (status == STATUS_OK) {
        status = body_read(program->options.body, &json, &error);
    }
    if (status == STATUS_OK) {
        status = codec_from_json(method.messages->input, buffer_bytes(&json), &message, &error);
    }
    if (status == STATUS_OK) {
        status = raw_message_new(buffer_bytes(&message), &request);
    }
    if (status != STATUS_OK) {
        return fail(program, &error);
    }
    program->method = (struct rpc_method){.name = method.described->name,
        .kind = kind_of(method.described),
        .flags = method.described->is_idempotent ? RPC_IDEMPOTENT : 0,
        .timeout_default_ns = method.described->timeout_default_ns,
        .timeout_max_ns = method.described->timeout_max_ns};
    program->messages = method.messages;
    return make_call(program, request);
}

static int run(struct program *program)
{
    struct error error = ERROR_NONE;
    enum status status = connect_to_service(
        program->scope->ctx, program->options.settings, &program->connection, &error);
    if (status == STATUS_OK) {
        status = fetch_view(program, &error);
    }
    if (status != STATUS_OK) {
        return fail(program, &error);
    }
    bool is_question = wants(program, "list") || wants(program, "describe");
    return is_question ? answer_about(program) : call(program);
}

/* Everything under a scope that Ctrl-C cancels. */
static int run_until_interrupted(struct program *program)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    program->scope = scope;
    struct interrupt *interrupt = interrupt_start(scope);
    int exit_code = run(program);
    connect_finish(&program->connection);
    call_run_finish(&program->run);
    service_view_free(program->view);
    interrupt_stop(interrupt);
    return exit_code;
}

int main(int argc, char **argv)
{
    process_occupy_standard_streams();
    process_survive_writes();
    static struct program program; /* its metadata's keys are long */
    struct error error = ERROR_NONE;
    int exit_code = EXIT_OK;
    if (options_read(argc, argv, environ, &program.options, &error) != STATUS_OK) {
        exit_code = complain(&error, EXIT_USAGE);
    } else if (settings_action(program.options.settings) != SETTINGS_RUN) {
        settings_answer(program.options.settings, stdout);
        if (fflush(stdout) != 0) {
            exit_code = EXIT_OUTPUT;
        }
    } else {
        const struct log_options log = {.service = CALL_PROGRAM.name,
            .level = startup_log_level(settings_text(program.options.settings, "log-level"))};
        exit_code = log_init(&log, &error) == STATUS_OK ? run_until_interrupted(&program)
                                                        : complain(&error, EXIT_UNAVAILABLE);
    }
    options_finish(&program.options);
    return exit_code;
}
