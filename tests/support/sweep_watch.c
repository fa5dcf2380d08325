/* The eyes of the sweep: what the linker lets us stand in for, and the handlers behind ours. */
#include <stdio.h>
#include <string.h>

#include "api/methods.h"
#include "api/service.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"
#include "obs/log.h"
#include "support/rpc_fixture.h"
#include "support/sweep.h"

enum { WATCHED_MAX = 16 };

struct sweep_now sweep_now = {
    .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
enum status __real_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
void __real_rpc_call_finish(struct rpc_server_call *call, enum status status);
void __wrap_rpc_call_finish(struct rpc_server_call *call, enum status status);
enum status __real_rpc_call_pause(
    struct rpc_server_call *call, uint64_t duration_ns, rpc_handler_fn *resume, void *arg);
enum status __wrap_rpc_call_pause(
    struct rpc_server_call *call, uint64_t duration_ns, rpc_handler_fn *resume, void *arg);
void __wrap_log_event(enum log_level level, const char *event, const struct ctx *ctx,
    const struct log_field *fields, size_t n_fields);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

static void strike(enum sweep_blow blow, const struct ctx_scope *scope)
{
    switch (blow) {
    case SWEEP_CANCEL:
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        break;
    case SWEEP_DEADLINE:
        ctx_test_clock_advance(CTX_MS(SWEEP_TIMEOUT_MS));
        break;
    case SWEEP_CLOSE: /* the test's thread does it: a channel is not freed from a callback */
        break;
    }
}

void sweep_point(const struct ctx *ctx)
{
    pthread_mutex_lock(&sweep_now.mutex);
    struct sweep_story *story = sweep_now.story;
    const struct ctx_scope *scope = sweep_now.scope;
    bool strikes = story != NULL && ++story->n_points == story->blow_at;
    if (strikes) {
        story->is_struck = true;
        story->is_struck_in_handler = ctx != NULL;
        sweep_now.is_close_wanted = story->blow == SWEEP_CLOSE;
        pthread_cond_broadcast(&sweep_now.changed);
    }
    pthread_mutex_unlock(&sweep_now.mutex);
    if (!strikes) {
        return;
    }
    strike(story->blow, scope);
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(TEST_WAIT_SECONDS);
    if (ctx != NULL && ctx_wait_until(ctx, limit_ns) == STATUS_OK) {
        pthread_mutex_lock(&sweep_now.mutex);
        story->n_deaf++;
        pthread_mutex_unlock(&sweep_now.mutex);
    }
}

enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total)
{
    sweep_point(ctx);
    return __real_ctx_checkpoint(ctx, stage, done, total);
}

void __wrap_rpc_call_finish(struct rpc_server_call *call, enum status status)
{
    pthread_mutex_lock(&sweep_now.mutex);
    if (sweep_now.story != NULL) {
        sweep_now.story->n_finished++;
        sweep_now.story->finished = status;
    }
    pthread_mutex_unlock(&sweep_now.mutex);
    __real_rpc_call_finish(call, status);
}

/* --- the log -------------------------------------------------------------------------------- */

static const struct log_field *field_of(
    const struct log_field *fields, size_t n_fields, const char *name)
{
    for (size_t i = 0; i < n_fields; i++) {
        /* An absent field has no name. */
        if (fields[i].kind != LOG_ABSENT && strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

/* Also with nothing: then the line is to say nothing of it. */
static bool gives(const struct log_field *fields, size_t n_fields, const char *name)
{
    for (size_t i = 0; i < n_fields; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void copy_word(
    char word[SWEEP_WORD_MAX], const struct log_field *fields, size_t n_fields, const char *name)
{
    const struct log_field *field = field_of(fields, n_fields, name);
    snprintf(word, SWEEP_WORD_MAX, "%s", field == NULL ? "" : field->value.str);
}

void __wrap_log_event(enum log_level level, const char *event, const struct ctx *ctx,
    const struct log_field *fields, size_t n_fields)
{
    (void)level;
    if (strcmp(event, "rpc.end") != 0) {
        return;
    }
    pthread_mutex_lock(&sweep_now.mutex);
    struct sweep_story *story = sweep_now.story;
    if (story != NULL) {
        bool is_late = field_of(fields, n_fields, "late") != NULL;
        struct sweep_end_line *line = is_late ? &story->late : &story->server;
        line->n_lines++;
        copy_word(line->status, fields, n_fields, "status");
        /* Every line has its context's cause; a field is what was passed on from elsewhere. */
        copy_word(line->cause, fields, n_fields, "cause");
        if (!gives(fields, n_fields, "cause") && ctx != NULL && ctx_done(ctx)) {
            snprintf(line->cause, sizeof(line->cause), "%s", ctx_cause_word(ctx_cause(ctx)));
        }
        copy_word(line->outcome, fields, n_fields, "outcome");
        pthread_cond_broadcast(&sweep_now.changed);
    }
    pthread_mutex_unlock(&sweep_now.mutex);
}

/* --- the handlers --------------------------------------------------------------------------- */

/* The one pause of the call that runs now. */
static struct {
    rpc_handler_fn *resume;
    void *arg;
} paused;

/* A handler's return is one unless it pauses: then its last part's is. */
static void note_return(enum status status)
{
    pthread_mutex_lock(&sweep_now.mutex);
    if (sweep_now.story != NULL && paused.resume == NULL) {
        sweep_now.story->n_returned++;
        sweep_now.story->returned = status;
    }
    pthread_mutex_unlock(&sweep_now.mutex);
}

static enum status watch_resumed(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    pthread_mutex_lock(&sweep_now.mutex);
    rpc_handler_fn *resume = STEAL(paused.resume);
    pthread_mutex_unlock(&sweep_now.mutex);
    enum status status = resume(ctx, call, paused.arg);
    note_return(status);
    sweep_point(ctx);
    return status;
}

enum status __wrap_rpc_call_pause(
    struct rpc_server_call *call, uint64_t duration_ns, rpc_handler_fn *resume, void *arg)
{
    pthread_mutex_lock(&sweep_now.mutex);
    paused.resume = resume;
    paused.arg = arg;
    pthread_mutex_unlock(&sweep_now.mutex);
    return __real_rpc_call_pause(call, duration_ns, watch_resumed, NULL);
}

static enum status watch(
    size_t index, const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    size_t n_bindings;
    const struct rpc_binding *binding = &service_bindings(&n_bindings)[index];
    pthread_mutex_lock(&sweep_now.mutex);
    if (sweep_now.story != NULL) {
        sweep_now.story->n_entered++;
    }
    pthread_mutex_unlock(&sweep_now.mutex);
    enum status status = binding->handler(ctx, call, service);
    note_return(status);
    /* An INLINE handler runs on the thread that would read the CANCEL: it cannot wait for it. */
    bool is_inline = (binding->method->flags & RPC_INLINE) != 0;
    sweep_point(is_inline ? NULL : ctx);
    return status;
}

#define WATCHED(index)                                                                             \
    static enum status watched_##index(                                                            \
        const struct ctx *ctx, struct rpc_server_call *call, void *service)                        \
    {                                                                                              \
        return watch(index, ctx, call, service);                                                   \
    }
WATCHED(0)
WATCHED(1)
WATCHED(2)
WATCHED(3)
WATCHED(4)
WATCHED(5)
WATCHED(6)
WATCHED(7)
WATCHED(8)
WATCHED(9)
WATCHED(10)
WATCHED(11)
WATCHED(12)
WATCHED(13)
WATCHED(14)
WATCHED(15)

const struct rpc_binding *sweep_bindings(size_t *ret_n_bindings)
{
    static rpc_handler_fn *const HANDLERS[WATCHED_MAX] = {watched_0, watched_1, watched_2,
        watched_3, watched_4, watched_5, watched_6, watched_7, watched_8, watched_9, watched_10,
        watched_11, watched_12, watched_13, watched_14, watched_15};
    static struct rpc_binding bindings[WATCHED_MAX];
    size_t n_bindings;
    const struct rpc_binding *real = service_bindings(&n_bindings);
    if (n_bindings > WATCHED_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < n_bindings; i++) {
        bindings[i] = real[i];
        bindings[i].handler = HANDLERS[i];
    }
    *ret_n_bindings = n_bindings;
    return bindings;
}
