/* strptime and timegm are not POSIX's of 2008. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* One batch to the collector: made, sent, and sent again where that may help. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "http/strict.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "traces/otlp_internal.h"
#include "traces/otlp_json.h"

static struct metrics_family REQUESTS = {.name = "walkie_otlp_requests_total",
    .help = "Requests whose spans were to go to the OpenTelemetry collector, by what became of "
            "them.",
    .kind = METRICS_COUNTER,
    .labels = {"outcome"}};
static struct metrics_family SPANS = {.name = "walkie_otlp_spans_total",
    .help = "Spans that the OpenTelemetry collector has taken, and those it said it left out.",
    .kind = METRICS_COUNTER,
    .labels = {"outcome"}};

void otlp_count(enum otlp_outcome outcome, size_t n)
{
    static const char *const WORDS[OTLP_OUTCOMES] = {
        "sent", "queue_full", "refused", "unreachable", "no_memory", "stopped"};
    static _Atomic(struct metrics_child *) children[OTLP_OUTCOMES];
    if (n > 0) {
        metrics_add(metrics_child_at(&children[outcome], &REQUESTS, WORDS[outcome], NULL, NULL), n);
    }
}

/* --- the header ----------------------------------------------------------------------------- */

static enum status check_value(const char *value, struct error *ret_error)
{
    for (const char *at = value; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~') {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "--otlp-header: the value has characters that a header field cannot have");
        }
    }
    return *value != '\0'
               ? STATUS_OK
               : error_set(ret_error, STATUS_INVALID_ARGUMENT, "--otlp-header: the value is empty");
}

static enum status split_header(const char *header, char name[OTLP_HEADER_MAX],
    char value[OTLP_HEADER_MAX], struct error *ret_error)
{
    const char *colon = strchr(header, ':');
    size_t name_len = colon == NULL ? 0 : (size_t)(colon - header);
    if (colon == NULL || strlen(header) >= OTLP_HEADER_MAX || !http_is_token(header, name_len)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--otlp-header: not NAME: VALUE (or NAME: @FILE) of at most %d characters",
            OTLP_HEADER_MAX - 1);
    }
    memcpy(name, header, name_len);
    name[name_len] = '\0';
    colon += 1 + strspn(colon + 1, " ");
    snprintf(value, OTLP_HEADER_MAX, "%s", colon);
    return check_value(value, ret_error);
}

static enum status read_value(
    const char *path, char value[OTLP_HEADER_MAX], struct error *ret_error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "--otlp-header: %s: %s", path, strerror(errno));
    }
    size_t len = fread(value, 1, OTLP_HEADER_MAX - 1, file);
    fclose(file);
    while (len > 0 && strchr("\r\n ", value[len - 1]) != NULL) {
        len--;
    }
    value[len] = '\0';
    return check_value(value, ret_error);
}

enum status otlp_read_header(struct otlp *otlp, struct error *ret_error)
{
    const char *header = otlp->options.header;
    if (header == NULL) {
        return STATUS_OK;
    }
    enum status status = split_header(header, otlp->header_name, otlp->header_value, ret_error);
    if (status == STATUS_OK && otlp->header_value[0] == '@') {
        char path[OTLP_HEADER_MAX];
        memcpy(path, otlp->header_value + 1, sizeof(path) - 1);
        path[sizeof(path) - 1] = '\0';
        status = read_value(path, otlp->header_value, ret_error);
    }
    return status;
}

enum status otlp_check(const struct otlp_options *options, struct error *ret_error)
{
    char name[OTLP_HEADER_MAX];
    char value[OTLP_HEADER_MAX];
    bool has_scheme =
        strncmp(options->url, "http://", 7) == 0 || strncmp(options->url, "https://", 8) == 0;
    if (!has_scheme) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--otlp: not a URL such as http://127.0.0.1:4318/v1/traces");
    }
    return options->header == NULL ? STATUS_OK
                                   : split_header(options->header, name, value, ret_error);
}

/* --- sending -------------------------------------------------------------------------------- */

enum verdict { TAKEN, REFUSED, AGAIN };

/* Seconds, or a date; 0: neither. */
static uint64_t retry_after_ms(const struct http_client_reply *reply)
{
    struct bytes field = http_client_reply_field(reply, "retry-after");
    char text[64];
    if (field.len == 0 || field.len >= sizeof(text)) {
        return 0;
    }
    memcpy(text, field.data, field.len);
    text[field.len] = '\0';
    char *end;
    double seconds = strtod(text, &end);
    if (end != text && *end == '\0') {
        return seconds > 0 && seconds < 86400 ? (uint64_t)(seconds * 1e3)
                                              : (seconds > 0 ? OTLP_PAUSE_MAX_MS : 0);
    }
    struct tm date = {.tm_year = 0};
    if (strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &date) == NULL) {
        return 0;
    }
    int64_t until_ms = (int64_t)timegm(&date) * 1000 - clock_epoch_us() / 1000;
    return until_ms > 0 ? (uint64_t)until_ms : 1;
}

/* What a collector that took the batch says it left out. */
static uint64_t rejected_spans(const struct buffer *body)
{
    cJSON *json = body->len == 0 ? NULL : cJSON_ParseWithLength((char *)body->data, body->len);
    const cJSON *partial = cJSON_GetObjectItemCaseSensitive(json, "partialSuccess");
    const cJSON *rejected = cJSON_GetObjectItemCaseSensitive(partial, "rejectedSpans");
    double n = cJSON_IsNumber(rejected)   ? rejected->valuedouble
               : cJSON_IsString(rejected) ? strtod(rejected->valuestring, NULL)
                                          : 0;
    cJSON_Delete(json);
    return n > 0 && n < 1e9 ? (uint64_t)n : 0;
}

static void count_spans(const struct http_client_reply *reply, size_t n_spans)
{
    uint64_t n_rejected = rejected_spans(&reply->body);
    n_rejected = n_rejected < n_spans ? n_rejected : n_spans;
    metrics_add(metrics_child(&SPANS, "taken", NULL, NULL), n_spans - n_rejected);
    metrics_add(metrics_child(&SPANS, "rejected", NULL, NULL), n_rejected);
}

static enum verdict judge(int status_code)
{
    if (status_code >= 200 && status_code < 300) {
        return TAKEN;
    }
    bool is_passing = status_code == 429 || (status_code >= 502 && status_code <= 504);
    return is_passing ? AGAIN : REFUSED;
}

/* One attempt. *ret_pause_ms: what the collector asks for; 0: nothing. */
static enum verdict post(struct otlp *otlp, const struct buffer *body, size_t n_spans,
    uint64_t *ret_pause_ms, struct error *ret_error)
{
    const struct http_client_field fields[] = {
        {"Content-Type", "application/json"}, {otlp->header_name, otlp->header_value}};
    const struct http_client_request request = {.method = "POST",
        .url = otlp->options.url,
        .fields = fields,
        .n_fields = otlp->header_value[0] == '\0' ? 1 : 2,
        .body = buffer_bytes(body),
        .reply_max = OTLP_REPLY_MAX};
    CLEANUP(http_client_reply_finish) struct http_client_reply reply = {0};
    CTX_SCOPE(scope, ctx_with_timeout(otlp->scope->ctx, CTX_MS(OTLP_TIMEOUT_MS)));
    enum status status = http_client_call(scope->ctx, otlp->client, &request, &reply, ret_error);
    *ret_pause_ms = 0;
    if (status != STATUS_OK) {
        return status == STATUS_INVALID_ARGUMENT ? REFUSED : AGAIN;
    }
    enum verdict verdict = judge(reply.status_code);
    if (verdict == TAKEN) {
        count_spans(&reply, n_spans);
    } else {
        error_set(ret_error, STATUS_UNAVAILABLE, "the collector answered %d", reply.status_code);
        *ret_pause_ms = verdict == AGAIN ? retry_after_ms(&reply) : 0;
    }
    return verdict;
}

static uint64_t pause_ms(struct otlp *otlp, unsigned int attempt, uint64_t asked_ms)
{
    uint64_t least_ms =
        otlp->options.pause_min_ms == 0 ? OTLP_PAUSE_MIN_MS : otlp->options.pause_min_ms;
    uint64_t ms = asked_ms > 0 ? asked_ms : least_ms << attempt;
    ms = ms < OTLP_PAUSE_MAX_MS ? ms : OTLP_PAUSE_MAX_MS;
    otlp->random = otlp->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    /* Later, never earlier than asked for. */
    return ms + (otlp->random >> 33) % (ms / 4 + 1);
}

/* A line when it begins to fail, and one when it works again. */
static void tell(struct otlp *otlp, bool is_failing, const struct error *error)
{
    if (is_failing && !otlp->is_failing) {
        LOG_WARN("otlp.failed", NULL, log_str("error", error->text));
    } else if (!is_failing && otlp->is_failing) {
        LOG_INFO("otlp.works", NULL, log_bool("is_failing", false));
    }
    otlp->is_failing = is_failing;
}

static enum otlp_outcome send_body(struct otlp *otlp, const struct buffer *body, size_t n_spans)
{
    for (unsigned int attempt = 0;; attempt++) {
        uint64_t asked_ms;
        struct error error = ERROR_NONE;
        enum verdict verdict = post(otlp, body, n_spans, &asked_ms, &error);
        if (ctx_done(otlp->scope->ctx) && verdict != TAKEN) {
            return OTLP_STOPPED;
        }
        tell(otlp, verdict != TAKEN, &error);
        if (verdict != AGAIN) {
            return verdict == TAKEN ? OTLP_SENT : OTLP_REFUSED;
        }
        if (attempt + 1 == OTLP_ATTEMPTS_MAX) {
            return OTLP_UNREACHABLE;
        }
        uint64_t until_ns = clock_now_ns() + CLOCK_MS(pause_ms(otlp, attempt, asked_ms));
        if (!otlp_pause(otlp, until_ns)) {
            return OTLP_UNREACHABLE;
        }
    }
}

void otlp_send(struct otlp *otlp, struct otlp_item *const *batch, size_t n)
{
    CLEANUP(buffer_finish) struct buffer body = BUFFER_EMPTY(OTLP_BODY_MAX);
    struct trace_facts *facts = malloc(n * sizeof(*facts));
    size_t n_spans = 0;
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    if (facts != NULL) {
        for (size_t i = 0; i < n; i++) {
            facts[i] = batch[i]->facts;
        }
        status = otlp_json_write(facts, n, trace_now(), &body, &n_spans);
    }
    free(facts);
    otlp_count(status == STATUS_OK ? send_body(otlp, &body, n_spans) : OTLP_NO_MEMORY, n);
}
