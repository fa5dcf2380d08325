/* The sweep's caller, and what it makes of what both sides tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctx/test.h"
#include "rpc/condition.h"
#include "support/rpc_fixture.h"
#include "support/sweep.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

enum { WORK_MS = 2, SLEEP_MS = 50 };

const struct sweep_target SWEEP_TARGETS[] = {
    {"Echo", &REPORT_ECHO, 0},
    {"Work", &REPORT_WORK, 0},
    {"Sleep", &REPORT_SLEEP, 0},
    {"ListCenters", &REPORT_LIST_CENTERS, 0},
    {"AuditReport json", &REPORT_AUDIT_REPORT, WALKIE__REPORT__V1__FORMAT__FORMAT_JSON},
    {"AuditReport pdf", &REPORT_AUDIT_REPORT, WALKIE__REPORT__V1__FORMAT__FORMAT_PDF},
};
const size_t SWEEP_N_TARGETS = LENGTH_OF(SWEEP_TARGETS);

struct caller {
    struct sweep_story *story;
    struct rpc_client_call *call;
    struct sha256 *digest;
};

/* --- callbacks ------------------------------------------------------------------------------ */

static void note_callback(struct sweep_story *story)
{
    story->n_after_end += story->n_ends > 0;
}

static void on_reply(void *arg, struct bytes message)
{
    struct caller *caller = arg;
    struct sweep_story *story = caller->story;
    pthread_mutex_lock(&sweep_now.mutex);
    note_callback(story);
    story->n_replies++;
    if (story->target->method == &REPORT_AUDIT_REPORT) {
        Walkie__Report__V1__AuditReportHead *head =
            walkie__report__v1__audit_report_head__unpack(NULL, message.len, message.data);
        if (head != NULL) {
            story->content_len = head->content_len;
            snprintf(story->sha256_told, sizeof(story->sha256_told), "%s", head->sha256);
            walkie__report__v1__audit_report_head__free_unpacked(head, NULL);
        }
    }
    pthread_mutex_unlock(&sweep_now.mutex);
}

static void on_chunk(void *arg, struct bytes piece)
{
    struct caller *caller = arg;
    pthread_mutex_lock(&sweep_now.mutex);
    note_callback(caller->story);
    caller->story->n_bytes += piece.len;
    sha256_update(caller->digest, piece.data, piece.len);
    pthread_mutex_unlock(&sweep_now.mutex);
    sweep_point(NULL);
    rpc_client_call_consumed(caller->call, piece.len);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct caller *caller = arg;
    pthread_mutex_lock(&sweep_now.mutex);
    caller->story->n_ends++;
    caller->story->end = *end;
    pthread_cond_broadcast(&sweep_now.changed);
    pthread_mutex_unlock(&sweep_now.mutex);
}

static const struct rpc_call_events EVENTS = {
    .on_reply = on_reply, .on_chunk = on_chunk, .on_end = on_end};

/* --- the call ------------------------------------------------------------------------------- */

static enum status start(const struct ctx *ctx, struct sweep *sweep, struct caller *caller)
{
    const struct sweep_target *target = caller->story->target;
    Walkie__Report__V1__EchoRequest echo = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    Walkie__Report__V1__WorkRequest work = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    Walkie__Report__V1__SleepRequest nap = WALKIE__REPORT__V1__SLEEP_REQUEST__INIT;
    Walkie__Report__V1__ListCentersRequest list = WALKIE__REPORT__V1__LIST_CENTERS_REQUEST__INIT;
    Walkie__Report__V1__AuditReportRequest report = WALKIE__REPORT__V1__AUDIT_REPORT_REQUEST__INIT;
    echo.reply_len = 1024;
    work.ms = WORK_MS;
    nap.ms = sweep->blow == SWEEP_DEADLINE ? 0 : SLEEP_MS; /* the fake clock wakes nobody */
    report.site_no = (char *)(uintptr_t) "101";
    report.format = (Walkie__Report__V1__Format)target->format;
    const struct {
        const struct rpc_method *method;
        const ProtobufCMessage *request;
    } REQUESTS[] = {{&REPORT_ECHO, &echo.base}, {&REPORT_WORK, &work.base},
        {&REPORT_SLEEP, &nap.base}, {&REPORT_LIST_CENTERS, &list.base},
        {&REPORT_AUDIT_REPORT, &report.base}};
    size_t at = 0;
    while (REQUESTS[at].method != target->method) {
        at++;
    }
    return rpc_call_start(
        ctx, sweep->channel, target->method, REQUESTS[at].request, &EVENTS, caller, &caller->call);
}

/* Whether both sides have said all that they will say. */
static bool is_told(const struct sweep_story *story)
{
    bool is_unknown = story->n_ends > 0 && story->end.account.outcome == RPC_OUTCOME_UNKNOWN;
    bool comes_late = is_unknown && story->blow != SWEEP_CLOSE;
    bool has_server = story->blow_at > 0;
    return story->n_ends > 0 && (!has_server || story->server.n_lines > 0) &&
           (!comes_late || story->late.n_lines > 0);
}

static void wait_until_told(struct sweep *sweep, const struct sweep_story *story)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(TEST_WAIT_SECONDS);
    bool is_in_time = true;
    pthread_mutex_lock(&sweep_now.mutex);
    while (is_in_time && !is_told(story)) {
        if (sweep_now.is_close_wanted) {
            sweep_now.is_close_wanted = false;
            pthread_mutex_unlock(&sweep_now.mutex);
            rpc_channel_free(STEAL(sweep->channel));
            pthread_mutex_lock(&sweep_now.mutex);
            continue;
        }
        is_in_time = condition_wait_until(&sweep_now.changed, &sweep_now.mutex, limit_ns);
    }
    pthread_mutex_unlock(&sweep_now.mutex);
}

static void publish(struct sweep_story *story, struct ctx_scope *scope)
{
    pthread_mutex_lock(&sweep_now.mutex);
    sweep_now.story = story;
    sweep_now.scope = scope;
    sweep_now.is_close_wanted = false;
    pthread_mutex_unlock(&sweep_now.mutex);
}

static void strike_before_start(struct sweep *sweep, struct ctx_scope *scope)
{
    if (sweep->blow == SWEEP_DEADLINE) {
        ctx_test_clock_advance(CTX_MS(SWEEP_TIMEOUT_MS));
    } else {
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
}

void sweep_call(struct sweep *sweep, const struct sweep_target *target, unsigned int blow_at,
    struct sweep_story *ret_story)
{
    struct sweep_story *story = ret_story;
    memset(story, 0, sizeof(*story));
    story->target = target;
    story->blow = sweep->blow;
    story->blow_at = blow_at;
    struct caller caller = {.story = story, .digest = sha256_new()};
    if (sweep->channel == NULL) {
        sweep->channel = sweep_connect(sweep);
    }
    bool has_deadline = sweep->blow == SWEEP_DEADLINE;
    uint64_t timeout_ns = has_deadline ? CTX_MS(SWEEP_TIMEOUT_MS) : CTX_SECONDS(TEST_WAIT_SECONDS);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), timeout_ns));
    publish(story, scope);
    if (blow_at == 0) {
        strike_before_start(sweep, scope);
    }
    if (start(scope->ctx, sweep, &caller) == STATUS_OK) {
        wait_until_told(sweep, story);
        (void)sweep_until(sweep_is_idle, sweep); /* whatever else it says belongs to this call */
    }
    publish(NULL, NULL);
    rpc_client_call_unref(caller.call);
    if (sweep->blow == SWEEP_CLOSE) {
        rpc_channel_free(STEAL(sweep->channel));
    }
    sha256_finish_hex(caller.digest, story->sha256_seen);
    sha256_free(caller.digest);
}

/* --- the judgement -------------------------------------------------------------------------- */

static const char *expected_outcome(const struct sweep_story *story)
{
    enum status status = story->n_finished > 0 ? story->finished : story->returned;
    enum rpc_outcome outcome = story->n_entered == 0 ? RPC_OUTCOME_NOT_STARTED
                               : status == STATUS_OK ? RPC_OUTCOME_COMMITTED
                                                     : RPC_OUTCOME_STOPPED;
    return rpc_outcome_word(outcome);
}

static bool is_word(const char *word, const char *expected)
{
    return strcmp(word, expected) == 0;
}

static const char *server_complaint(const struct sweep_story *story)
{
    static const struct {
        enum status status;
        enum ctx_cause cause;
    } BLOWS[] = {
        [SWEEP_CANCEL] = {STATUS_CANCELLED, CTX_CAUSE_CLIENT_DISCONNECTED},
        [SWEEP_DEADLINE] = {STATUS_DEADLINE_EXCEEDED, CTX_CAUSE_DEADLINE_EXCEEDED},
        [SWEEP_CLOSE] = {STATUS_CANCELLED, CTX_CAUSE_PEER_LOST},
    };
    const struct sweep_end_line *server = &story->server;
    if (server->n_lines != 1) {
        return server->n_lines == 0 ? "the server did not end it" : "the server ended it twice";
    }
    if (story->n_entered > 1 || story->n_returned != story->n_entered || story->n_finished > 1) {
        return "the handler did not run once";
    }
    if (!is_word(server->outcome, expected_outcome(story))) {
        return "the server's outcome is not what became of the handler";
    }
    bool is_blow = is_word(server->status, status_name(BLOWS[story->blow].status)) &&
                   is_word(server->cause, ctx_cause_word(BLOWS[story->blow].cause));
    bool is_ok = is_word(server->status, "OK") && *server->cause == '\0';
    if (story->is_struck_in_handler ? !is_blow : !is_ok && !(is_blow && story->is_struck)) {
        return "the server's status or cause is not the blow's";
    }
    return NULL;
}

static const char *told_complaint(const struct sweep_story *story)
{
    enum rpc_outcome outcome = story->end.account.outcome;
    if (outcome != RPC_OUTCOME_UNKNOWN) {
        return story->late.n_lines > 0 ? "a late END for a caller who had it"
               : is_word(rpc_outcome_word(outcome), story->server.outcome)
                   ? NULL
                   : "the caller was told another outcome than the server's";
    }
    if (story->blow == SWEEP_CLOSE) {
        return NULL; /* a lost connection tells nobody */
    }
    if (story->late.n_lines != 1 || !is_word(story->late.outcome, story->server.outcome) ||
        !is_word(story->late.status, story->server.status)) {
        return "the late END does not say what the server's does";
    }
    return NULL;
}

static const char *answer_complaint(const struct sweep_story *story)
{
    bool is_stream = story->target->method->kind == RPC_SERVER_STREAM;
    enum status blow_status =
        story->blow == SWEEP_DEADLINE ? STATUS_DEADLINE_EXCEEDED : STATUS_CANCELLED;
    if (story->end.status != STATUS_OK) {
        return story->is_struck && story->end.status == blow_status
                   ? NULL
                   : "the caller's status is not the blow's";
    }
    if (story->is_struck_in_handler) {
        return "OK, although the blow had come before the end";
    }
    if (story->n_replies != 1) {
        return "OK without an answer";
    }
    bool is_whole = story->n_bytes == story->content_len &&
                    is_word(story->sha256_seen, story->sha256_told) && story->n_bytes > 0;
    return is_stream && !is_whole ? "OK for bytes that are not the whole file" : NULL;
}

const char *sweep_complaint(const struct sweep_story *story)
{
    if (story->n_ends != 1) {
        return story->n_ends == 0 ? "on_end did not run" : "on_end ran twice";
    }
    if (story->n_after_end > 0) {
        return "a callback ran after on_end";
    }
    if (story->n_deaf > 0) {
        return "the blow did not reach the handler's context";
    }
    if (story->blow_at == 0) {
        bool is_clean = story->n_entered == 0 && story->server.n_lines == 0 &&
                        story->end.status != STATUS_OK &&
                        story->end.account.outcome == RPC_OUTCOME_NOT_STARTED;
        return is_clean ? NULL : "a call of a done context was not left unstarted";
    }
    const char *complaint = server_complaint(story);
    complaint = complaint == NULL ? told_complaint(story) : complaint;
    return complaint == NULL ? answer_complaint(story) : complaint;
}
