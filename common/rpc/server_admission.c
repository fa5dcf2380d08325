/* Between the server's calls and admission: which class a method belongs to, who a caller is, what
 * is said to those that are refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/process.h"
#include "obs/log.h"
#include "rpc/metadata.h"
#include "rpc/server_internal.h"

enum { WARN_EVERY_S = 1 };

static const struct rpc_class DEFAULT_CLASS = {.name = "default"};

/* --- classes -------------------------------------------------------------------------------- */

static struct rpc_server_call *call_of(struct admission_job *job)
{
    return CONTAINER_OF(job, struct rpc_server_call, job);
}

static uint64_t deadline_of(const struct scheduler_job *job)
{
    const struct admission_job *owner = CONTAINER_OF(job, struct admission_job, scheduled);
    return ctx_deadline_ns(CONTAINER_OF(owner, struct rpc_server_call, job)->ctx);
}

static void drop(void *server, struct admission_job *job)
{
    (void)server;
    server_call_end_refused(call_of(job));
}

static struct admission_class bounds_of(
    const struct rpc_class *class, const struct rpc_server_options *options)
{
    struct admission_class bounds = {class->name, options->n_workers, options->queue_max};
    if (class->max_running != 0 && class->max_running < bounds.max_running) {
        bounds.max_running = class->max_running;
    }
    unsigned int n_cpus = process_cpu_count();
    if (class->is_cpu && n_cpus < bounds.max_running) {
        bounds.max_running = n_cpus;
    }
    if (class->queue_max != 0) {
        bounds.queue_max = class->queue_max;
    }
    return bounds;
}

struct class_list {
    const struct rpc_class *classes[ADMISSION_CLASSES_MAX];
    unsigned int n_classes;
};

/* The place of a class, which is added when it is new. False: there are too many. */
static bool place_of(
    struct class_list *list, const struct rpc_class *class, unsigned int *ret_index)
{
    const struct rpc_class *wanted = class == NULL ? &DEFAULT_CLASS : class;
    unsigned int i = 0;
    while (i < list->n_classes && list->classes[i] != wanted) {
        i++;
    }
    if (i == ADMISSION_CLASSES_MAX) {
        return false;
    }
    if (i == list->n_classes) {
        list->classes[list->n_classes++] = wanted;
    }
    *ret_index = i;
    return true;
}

enum status server_admission_start(struct rpc_server *server)
{
    const struct rpc_server_options *options = &server->options;
    server->methods = calloc(options->n_bindings + 1, sizeof(*server->methods));
    if (server->methods == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct class_list list = {.n_classes = 0};
    /* What is built in has the default class; methods that run INLINE have none. */
    bool has_room = place_of(&list, NULL, &server->methods[options->n_bindings].class_index);
    for (size_t i = 0; i < options->n_bindings && has_room; i++) {
        const struct rpc_method *method = options->bindings[i].method;
        if ((method->flags & RPC_INLINE) == 0) {
            has_room = place_of(&list, method->class, &server->methods[i].class_index);
        }
    }
    if (!has_room) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct admission_class classes[ADMISSION_CLASSES_MAX];
    for (unsigned int i = 0; i < list.n_classes; i++) {
        classes[i] = bounds_of(list.classes[i], options);
    }
    struct admission_options admission = {
        .classes = classes,
        .n_classes = list.n_classes,
        .run = server_call_run_job,
        .drop = drop,
        .deadline_ns = deadline_of,
        .arg = server,
    };
    /* Names are hashed together with a number that peers cannot know. */
    server->principal_seed = clock_now_ns() ^ (uint64_t)(uintptr_t)server;
    return admission_new(&admission, &server->admission);
}

void server_admission_stop(struct rpc_server *server)
{
    admission_free(server->admission);
    for (size_t i = 0; server->methods != NULL && i <= server->options.n_bindings; i++) {
        method_times_finish(&server->methods[i].times);
    }
    free(server->methods);
}

/* --- offers --------------------------------------------------------------------------------- */

static uint64_t hash(uint64_t seed, struct bytes name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ name.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ (hash >> 32);
}

struct server_principal server_principal_of_peer(
    const struct rpc_server *server, const char *peer_text)
{
    const char *port = strrchr(peer_text, ':');
    bool is_tcp = strncmp(peer_text, "tcp:", 4) == 0;
    size_t len = is_tcp && port != NULL ? (size_t)(port - peer_text) : strlen(peer_text);
    struct bytes name = {(const uint8_t *)peer_text, len};
    return (struct server_principal){.name = name, .id = hash(server->principal_seed, name)};
}

/* Who asks, as the caller says; else the peer's machine: connections do not make shares. */
struct server_principal server_principal_of(const struct rpc_server_call *call)
{
    struct server_principal principal = call->peer->principal;
    if (rpc_metadata_get(&call->metadata, RPC_METADATA_PRINCIPAL, &principal.name)) {
        principal.id = hash(call->peer->server->principal_seed, principal.name);
    }
    return principal;
}

struct server_method *server_method_of(
    const struct rpc_server *server, const struct rpc_binding *binding)
{
    for (size_t i = 0; i < server->options.n_bindings; i++) {
        if (&server->options.bindings[i] == binding) {
            return &server->methods[i];
        }
    }
    return &server->methods[server->options.n_bindings];
}

void server_call_set_offer(struct rpc_server_call *call)
{
    const struct rpc_method *method = call->binding->method;
    struct server_method *known = server_method_of(call->peer->server, call->binding);
    call->job.class_index = known->class_index;
    struct scheduler_offer *offer = &call->job.offer;
    struct server_principal principal = server_principal_of(call);
    offer->principal_name = principal.name;
    offer->principal_id = principal.id;
    offer->times = &known->times;
    offer->size = method->size_of == NULL ? call->request.len : method->size_of(call->request);
}

void server_call_learn(struct rpc_server_call *call, uint64_t now_ns)
{
    uint64_t run_ns = now_ns - call->started_ns - call->paused_ns;
    admission_learn(call->peer->server->admission, &call->job, run_ns,
        call->status == STATUS_OK ? SCHEDULER_COMPLETED : SCHEDULER_CUT_SHORT);
}

/* --- refusals ------------------------------------------------------------------------------- */

static uint64_t ms_up(uint64_t ns)
{
    return (ns + CLOCK_MS(1) - 1) / CLOCK_MS(1);
}

static void end_doomed(struct rpc_server_call *call)
{
    const struct scheduler_job *job = &call->job.scheduled;
    uint64_t needed_ns = clock_add_ns(job->wait_ns, job->quantile_ns);
    char words[ERROR_TEXT_MAX];
    snprintf(words, sizeof(words), "would need %" PRIu64 " ms, %" PRIu64 " ms left",
        ms_up(needed_ns), job->remaining_ns / CLOCK_MS(1));
    call->retry_after_ms = ms_up(needed_ns - job->remaining_ns);
    server_call_refuse(call, STATUS_RESOURCE_EXHAUSTED, "doomed", words);
}

void server_call_end_refused(struct rpc_server_call *call)
{
    if (call->job.state == ADMISSION_TAKEN_BACK) {
        server_call_end_unstarted(call, STATUS_OK, NULL);
        return;
    }
    switch (call->job.scheduled.verdict) {
    case SCHEDULER_DOOMED:
        end_doomed(call);
        return;
    case SCHEDULER_QUEUE_FULL:
        call->retry_after_ms = ms_up(call->job.scheduled.wait_ns);
        server_call_end_unstarted(call, STATUS_RESOURCE_EXHAUSTED, "queue full");
        return;
    case SCHEDULER_NO_MEMORY:
        server_call_end_unstarted(call, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        return;
    case SCHEDULER_EXPIRED:
    case SCHEDULER_ADMITTED:
    case SCHEDULER_VERDICTS:
        break;
    }
    /* Its deadline has passed; asking makes the context say so, too. */
    server_call_end_unstarted(call, ctx_err(call->ctx), NULL);
}

void server_call_log_admit(struct rpc_server_call *call, uint64_t now_ns)
{
    const struct scheduler_job *job = &call->job.scheduled;
    if (call->is_inline) {
        LOG_DEBUG("rpc.admit", call->ctx, log_ms("queue_ms", now_ns - call->received_ns));
        return;
    }
    LOG_DEBUG("rpc.admit", call->ctx, log_ms("queue_ms", now_ns - call->received_ns),
        log_ms("expected_wait_ms", job->wait_ns), log_ms("quantile_ms", job->quantile_ns),
        log_u64("queue_len", job->n_queued), log_bool("probe", job->is_probe));
}

void server_call_log_refuse(
    struct rpc_server_call *call, enum status status, const char *why, const char *words)
{
    struct server_refusals *refusals = &call->peer->server->refusals[call->job.class_index];
    uint64_t now_ns = clock_recent_ns();
    uint64_t next_ns = atomic_load_explicit(&refusals->next_warning_ns, memory_order_relaxed);
    if (now_ns < next_ns || !atomic_compare_exchange_strong(&refusals->next_warning_ns, &next_ns,
                                now_ns + CLOCK_SECONDS(WARN_EVERY_S))) {
        atomic_fetch_add_explicit(&refusals->n_silent, 1, memory_order_relaxed);
        LOG_INFO("rpc.refuse", call->ctx, log_str("why", words), log_str("reason", why),
            log_str("status", status_name(status)),
            log_u64("retry_after_ms", call->retry_after_ms));
        return;
    }
    LOG_WARN("rpc.refuse", call->ctx, log_str("why", words), log_str("reason", why),
        log_str("status", status_name(status)), log_u64("retry_after_ms", call->retry_after_ms),
        log_u64("others", atomic_exchange(&refusals->n_silent, 0)));
}
