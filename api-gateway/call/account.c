#include "call/account.h"

#include <stdlib.h>

#include "base/json_writer.h"
#include "call/safe_text.h"
#include "call/service_view.h"

static double ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void print_status(const struct account *account, FILE *stream)
{
    const struct rpc_end *end = &account->end;
    fprintf(stream, "walkie-call: %s: %s after %.1f ms", service_short_name(account->method),
        status_name(end->status), ms(account->elapsed_ns));
    if (end->status != STATUS_OK) {
        fputs(": ", stream);
        safe_text_print(end->message[0] == '\0' ? status_text(end->status) : end->message, stream);
    }
    if (end->cause != CTX_CAUSE_NONE) {
        fprintf(stream, " (%s)", ctx_cause_word(end->cause));
    }
    if (end->retry_after_ms != 0) {
        fprintf(stream, "; try again in %llu ms", (unsigned long long)end->retry_after_ms);
    }
    fputc('\n', stream);
}

static void print_work(const struct account *account, FILE *stream)
{
    const struct rpc_account *work = &account->end.account;
    fprintf(stream, "account: %s", rpc_outcome_word(work->outcome));
    if (work->stage[0] != '\0') {
        fputs(" at stage ", stream);
        safe_text_print(work->stage, stream);
    }
    if (account->is_from_service) {
        fprintf(stream, "; queue %.1f ms, run %.1f ms, cpu %.1f ms", ms(work->queue_ns),
            ms(work->run_ns), ms(work->cpu_ns));
        if (account->end.cause != CTX_CAUSE_NONE) {
            fprintf(stream, ", wasted cpu %.1f ms, stop latency %.1f ms", ms(work->wasted_cpu_ns),
                ms(work->stop_latency_ns));
        }
    } else {
        fputs("; the service has said nothing of it", stream);
    }
    char id[TRACE_ID_TEXT_MAX];
    trace_id_text(account->trace, id);
    fprintf(stream, "; trace %s\n", id);
}

static enum status write_stream(void *arg, struct bytes piece)
{
    return fwrite(piece.data, 1, piece.len, arg) == piece.len ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void put_ms(struct json_writer *json, const char *key, uint64_t ns)
{
    json_key(json, key);
    json_number(json, ms(ns));
}

static void put_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void print_json(const struct account *account, FILE *stream)
{
    struct json_writer *json = malloc(sizeof(*json));
    if (json == NULL) {
        print_status(account, stream);
        return;
    }
    const struct rpc_end *end = &account->end;
    char id[TRACE_ID_TEXT_MAX];
    trace_id_text(account->trace, id);
    json_init(json, write_stream, stream);
    json_begin(json, '{');
    put_text(json, "method", account->method);
    put_text(json, "status", status_name(end->status));
    put_text(json, "message", end->message[0] == '\0' ? NULL : end->message);
    put_text(json, "cause", end->cause == CTX_CAUSE_NONE ? NULL : ctx_cause_word(end->cause));
    put_text(json, "outcome", rpc_outcome_word(end->account.outcome));
    put_text(json, "stage", end->account.stage[0] == '\0' ? NULL : end->account.stage);
    put_ms(json, "elapsed_ms", account->elapsed_ns);
    json_key(json, "is_from_service");
    json_bool(json, account->is_from_service);
    put_ms(json, "queue_ms", end->account.queue_ns);
    put_ms(json, "run_ms", end->account.run_ns);
    put_ms(json, "cpu_ms", end->account.cpu_ns);
    put_ms(json, "wasted_cpu_ms", end->account.wasted_cpu_ns);
    put_ms(json, "stop_latency_ms", end->account.stop_latency_ns);
    json_key(json, "retry_after_ms");
    json_integer(json, (int64_t)end->retry_after_ms);
    put_text(json, "trace_id", id);
    json_end(json, '}');
    if (json_finish(json) == STATUS_OK) { /* else there is nobody to tell */
        fputc('\n', stream);
    }
    free(json);
}

void account_print(const struct account *account, bool is_json, FILE *stream)
{
    if (is_json) {
        print_json(account, stream);
    } else {
        print_status(account, stream);
        print_work(account, stream);
    }
}

void account_print_failure(const struct account *account, FILE *stream)
{
    if (account->end.status != STATUS_OK) {
        print_status(account, stream);
    }
}
