/* The queue, and the thread that makes batches of it. How a batch is sent: otlp_send.c. */
#include "traces/otlp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/condition.h"
#include "traces/otlp_internal.h"

static void item_free(struct otlp_item *item)
{
    trace_facts_finish(&item->facts);
    free(item);
}

void otlp_offer(void *arg, const struct trace_facts *facts)
{
    struct otlp *otlp = arg;
    if ((facts->trace.flags & TRACE_SAMPLED) == 0) {
        return;
    }
    size_t bytes =
        sizeof(struct otlp_item) +
        (span_log_is_whole(facts->spans) ? span_log_bytes(facts->spans) : SPAN_LOG_BYTES_MAX);
    struct otlp_item *item = malloc(sizeof(*item));
    if (item != NULL) {
        *item = (struct otlp_item){.facts = *facts, .bytes = bytes};
        span_log_ref(item->facts.spans);
        item->ready_ns = facts->end_ns;
    }
    pthread_mutex_lock(&otlp->mutex);
    bool has_room = item != NULL && otlp->n_queued < otlp->options.queue_max &&
                    otlp->bytes + bytes <= OTLP_QUEUE_BYTES_MAX;
    if (has_room) {
        *otlp->end = item;
        otlp->end = &item->next;
        otlp->n_queued++;
        otlp->bytes += bytes;
        if (otlp->n_queued == 1 || otlp->n_queued >= OTLP_BATCH_MAX) {
            pthread_cond_signal(&otlp->changed);
        }
    }
    pthread_mutex_unlock(&otlp->mutex);
    if (!has_room) {
        otlp_count(OTLP_QUEUE_FULL, 1);
        if (item != NULL) {
            item_free(item);
        }
    }
}

/* Its spans have all come home, or will not any more. */
static bool is_ready(const struct otlp *otlp, const struct otlp_item *item, uint64_t now_ns)
{
    return otlp->is_draining || span_log_is_whole(item->facts.spans) ||
           now_ns >= item->ready_ns + CLOCK_MS(OTLP_LATE_MS);
}

/* Move those that are ready from the queue to the batch. */
static size_t take_locked(struct otlp *otlp, struct otlp_item *batch[OTLP_BATCH_MAX])
{
    size_t n = 0;
    uint64_t now_ns = clock_now_ns();
    struct otlp_item **place = &otlp->first;
    while (*place != NULL && n < OTLP_BATCH_MAX) {
        struct otlp_item *item = *place;
        if (!is_ready(otlp, item, now_ns)) {
            place = &item->next;
            continue;
        }
        *place = item->next;
        otlp->n_queued--;
        otlp->bytes -= item->bytes;
        batch[n++] = item;
    }
    otlp->end = &otlp->first;
    while (*otlp->end != NULL) {
        otlp->end = &(*otlp->end)->next;
    }
    return n;
}

/* Wait until there is a batch: full, or old enough, or the last one. */
static size_t wait_for_batch(struct otlp *otlp, struct otlp_item *batch[OTLP_BATCH_MAX])
{
    size_t n = 0;
    pthread_mutex_lock(&otlp->mutex);
    otlp->is_sending = false;
    uint64_t limit_ns = CLOCK_NEVER;
    while (n == 0 && !otlp->is_stopping) {
        pthread_cond_broadcast(&otlp->idle);
        if (otlp->n_queued == 0) {
            limit_ns = CLOCK_NEVER;
            condition_wait_until(&otlp->changed, &otlp->mutex, limit_ns);
            continue;
        }
        limit_ns =
            limit_ns == CLOCK_NEVER ? clock_now_ns() + CLOCK_MS(OTLP_BATCH_EVERY_MS) : limit_ns;
        bool is_due =
            otlp->is_draining || otlp->n_queued >= OTLP_BATCH_MAX || clock_now_ns() >= limit_ns;
        if (is_due) {
            n = take_locked(otlp, batch);
            limit_ns = clock_now_ns() + CLOCK_MS(OTLP_BATCH_EVERY_MS) / 4; /* late ones are due */
        }
        if (n == 0) {
            condition_wait_until(&otlp->changed, &otlp->mutex, limit_ns);
        }
    }
    otlp->is_sending = n > 0;
    pthread_mutex_unlock(&otlp->mutex);
    return n;
}

bool otlp_pause(struct otlp *otlp, uint64_t until_ns)
{
    pthread_mutex_lock(&otlp->mutex);
    while (!otlp->is_stopping && !otlp->is_draining && clock_now_ns() < until_ns) {
        condition_wait_until(&otlp->changed, &otlp->mutex, until_ns);
    }
    bool may_go_on = !otlp->is_stopping && !otlp->is_draining;
    pthread_mutex_unlock(&otlp->mutex);
    return may_go_on;
}

static void *run(void *arg)
{
    struct otlp *otlp = arg;
    struct otlp_item *batch[OTLP_BATCH_MAX];
    for (;;) {
        size_t n = wait_for_batch(otlp, batch);
        if (n == 0) {
            return NULL;
        }
        otlp_send(otlp, batch, n);
        for (size_t i = 0; i < n; i++) {
            item_free(batch[i]);
        }
    }
}

static void otlp_free(struct otlp *otlp)
{
    size_t n_left = 0;
    while (otlp->first != NULL) {
        struct otlp_item *item = otlp->first;
        otlp->first = item->next;
        item_free(item);
        n_left++;
    }
    otlp_count(OTLP_STOPPED, n_left);
    http_client_free(otlp->client);
    ctx_scope_end(otlp->scope);
    pthread_mutex_destroy(&otlp->mutex);
    pthread_cond_destroy(&otlp->changed);
    pthread_cond_destroy(&otlp->idle);
    free(otlp);
}

enum status otlp_start(
    const struct otlp_options *options, struct otlp **ret_otlp, struct error *ret_error)
{
    struct otlp *otlp = calloc(1, sizeof(*otlp));
    if (otlp == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    otlp->options = *options;
    otlp->end = &otlp->first;
    otlp->scope = ctx_with_cancel(ctx_background());
    pthread_mutex_init(&otlp->mutex, NULL);
    condition_init(&otlp->changed);
    condition_init(&otlp->idle);
    const struct http_client_options client_options = {.user_agent = "api-gateway/" WALKIE_VERSION};
    otlp->client = http_client_new(&client_options);
    enum status status = otlp_read_header(otlp, ret_error);
    if (status == STATUS_OK &&
        (otlp->client == NULL || pthread_create(&otlp->thread, NULL, run, otlp) != 0)) {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no thread for the exporter");
    }
    if (status != STATUS_OK) {
        otlp_free(otlp);
        return status;
    }
    *ret_otlp = otlp;
    return STATUS_OK;
}

enum status otlp_drain(const struct ctx *ctx, struct otlp *otlp)
{
    if (otlp == NULL) {
        return STATUS_OK;
    }
    enum status status = ctx_err(ctx);
    pthread_mutex_lock(&otlp->mutex);
    otlp->is_draining = true;
    pthread_cond_broadcast(&otlp->changed);
    while ((otlp->n_queued > 0 || otlp->is_sending) && status == STATUS_OK) {
        /* The context cannot signal: it is looked at again in a while. */
        condition_wait_until(&otlp->idle, &otlp->mutex, clock_now_ns() + CLOCK_MS(20));
        status = ctx_err(ctx);
    }
    pthread_mutex_unlock(&otlp->mutex);
    return status;
}

void otlp_stop(struct otlp *otlp)
{
    if (otlp == NULL) {
        return;
    }
    pthread_mutex_lock(&otlp->mutex);
    otlp->is_stopping = true;
    pthread_cond_broadcast(&otlp->changed);
    pthread_mutex_unlock(&otlp->mutex);
    ctx_cancel(otlp->scope, CTX_CAUSE_SERVER_DRAINING);
    pthread_join(otlp->thread, NULL);
    otlp_free(otlp);
}
