/* The happy path: one GET a page, until a page says that there is none after it. What fails and may
 * be asked again is, a few times, while the time set aside lasts. What else goes wrong ends the
 * fetch with an outcome: no result is kept of an answer that is not whole. */
#include "audit/lab/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "audit/lab/lab_page.h"
#include "audit/lab/lab_retry.h"
#include "ctx/checkpoint.h"
#include "http/client.h"
#include "obs/log.h"
#include "obs/metrics.h"

enum { LAB_RETRY_AFTER_DIGITS_MAX = 5 }; /* of seconds: up to a day */

struct lab {
    struct http_client *client;
    uint64_t timeout_ns;
    char url[LAB_URL_MAX]; /* without a slash at its end */
};

/* One fetch. */
struct asking {
    const struct ctx *ctx; /* with the time set aside */
    struct lab *lab;
    const struct lab_question *question;
    struct arena *arena;
    struct lab_answer *answer;
    struct lab_retry retry;
};

static struct metrics_family FETCHES = {.name = "walkie_lab_fetches_total",
    .help = "Questions to the central laboratory, by how they have ended.",
    .kind = METRICS_COUNTER,
    .labels = {"outcome"}};
static struct metrics_family REQUESTS = {.name = "walkie_lab_requests_total",
    .help = "HTTP requests to the central laboratory, repeated ones included.",
    .kind = METRICS_COUNTER};
static struct metrics_family SECONDS = {.name = "walkie_lab_fetch_seconds",
    .help = "Time that a question to the central laboratory took.",
    .kind = METRICS_HISTOGRAM};

static const char *const OUTCOME_NAMES[LAB_OUTCOMES] = {
    [LAB_NOT_CONFIGURED] = "not_configured",
    [LAB_NOT_ASKED] = "not_asked",
    [LAB_ANSWERED] = "answered",
    [LAB_LATE] = "late",
    [LAB_UNREACHABLE] = "unreachable",
    [LAB_REFUSED] = "refused",
    [LAB_UNKNOWN_SITE] = "unknown_site",
    [LAB_NOT_UNDERSTOOD] = "not_understood",
    [LAB_CHANGED] = "changed",
    [LAB_TOO_MUCH] = "too_much",
};

/* --- the laboratory --------------------------------------------------------------------------- */

enum status lab_check_url(const char *url, struct error *ret_error)
{
    bool is_plain = strncmp(url, "http://", 7) == 0;
    const char *host = url + (is_plain ? 7 : 8);
    if (!is_plain && strncmp(url, "https://", 8) != 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "an address like https://lab.example/api is expected");
    }
    size_t authority_len = strcspn(host, "/");
    for (const char *at = host; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7F) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "the address has a byte that an address cannot have");
        }
    }
    if (authority_len == 0 || *host == ':' || strpbrk(host, "?#") != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the address needs a host, and has no query and no fragment");
    }
    if (memchr(host, '@', authority_len) != NULL) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "the address must not hold a user or a password");
    }
    if (strlen(url) >= LAB_URL_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "the address is longer than %d bytes",
            LAB_URL_MAX - 1);
    }
    return STATUS_OK;
}

enum status lab_new(
    const struct lab_options *options, struct lab **ret_lab, struct error *ret_error)
{
    enum status status = lab_check_url(options->url, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct lab *lab = calloc(1, sizeof(*lab));
    const struct http_client_options client = {
        .user_agent = options->user_agent, .ca_file = options->ca_file};
    if (lab != NULL) {
        lab->client = http_client_new(&client);
    }
    if (lab == NULL || lab->client == NULL) {
        lab_free(lab);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    lab->timeout_ns =
        options->timeout_ns == 0 ? CLOCK_MS(LAB_TIMEOUT_MS_DEFAULT) : options->timeout_ns;
    size_t len = strlen(options->url);
    while (options->url[len - 1] == '/') {
        len--; /* not beyond the host, which is not empty */
    }
    memcpy(lab->url, options->url, len);
    *ret_lab = lab;
    return STATUS_OK;
}

void lab_free(struct lab *lab)
{
    if (lab != NULL) {
        http_client_free(lab->client);
        free(lab);
    }
}

uint64_t lab_timeout_ns(const struct lab *lab)
{
    return lab->timeout_ns;
}

/* --- one request ------------------------------------------------------------------------------ */

/* Percent-encode what is not an unreserved character (RFC 3986, 2.3). */
static enum status append_encoded(struct buffer *target, const char *text)
{
    enum status status = STATUS_OK;
    for (const char *at = text; *at != '\0' && status == STATUS_OK; at++) {
        unsigned char byte = (unsigned char)*at;
        bool is_plain = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                        (byte >= '0' && byte <= '9') || strchr("-._~", byte) != NULL;
        status = is_plain ? buffer_append(target, at, 1) : buffer_printf(target, "%%%02X", byte);
    }
    return status;
}

/* A study or site named "." or ".." would change the path: encoded dots count as dots (RFC 3986),
 * so they cannot be asked for. */
static bool is_segment(const char *text)
{
    return *text != '\0' && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

/* The address of a page, with its NUL. False: it would be too long, or memory has run out. */
static bool write_target(const struct asking *asking, const char *cursor, struct buffer *target)
{
    const struct lab_question *question = asking->question;
    bool is_written = is_segment(question->study) && is_segment(question->site_no) &&
                      buffer_printf(target, "%s/v1/studies/", asking->lab->url) == STATUS_OK &&
                      append_encoded(target, question->study) == STATUS_OK &&
                      buffer_append_text(target, "/sites/") == STATUS_OK &&
                      append_encoded(target, question->site_no) == STATUS_OK &&
                      buffer_append_text(target, "/results?as_of=") == STATUS_OK &&
                      append_encoded(target, question->as_of) == STATUS_OK;
    if (is_written && *cursor != '\0') {
        is_written = buffer_append_text(target, "&cursor=") == STATUS_OK &&
                     append_encoded(target, cursor) == STATUS_OK;
    }
    return is_written && buffer_append(target, "", 1) == STATUS_OK;
}

static bool is_json(const struct http_client_reply *reply)
{
    static const char JSON[] = "application/json";
    struct bytes type = http_client_reply_field(reply, "Content-Type");
    size_t len = sizeof(JSON) - 1;
    return type.len >= len && strncasecmp((const char *)type.data, JSON, len) == 0 &&
           (type.len == len || type.data[len] == ';' || type.data[len] == ' ');
}

/* Seconds that the laboratory wants to be left alone for; 0: it does not say. A date, the header's
 * other form, is taken as longer than we can wait: clocks differ. */
static uint64_t retry_after_ns(const struct http_client_reply *reply)
{
    struct bytes field = http_client_reply_field(reply, "Retry-After");
    uint64_t seconds = 0;
    for (size_t i = 0; i < field.len; i++) {
        if (field.data[i] < '0' || field.data[i] > '9' || i >= LAB_RETRY_AFTER_DIGITS_MAX) {
            return CLOCK_NEVER;
        }
        seconds = seconds * 10 + (uint64_t)(field.data[i] - '0');
    }
    return CLOCK_SECONDS(seconds);
}

static enum lab_outcome judge_answer(
    struct asking *asking, const struct http_client_reply *reply, struct lab_verdict *verdict)
{
    asking->answer->status_code = reply->status_code;
    *verdict = lab_retry_judge_status(reply->status_code, retry_after_ns(reply));
    if (reply->status_code == 200) {
        return is_json(reply) ? LAB_ANSWERED : LAB_NOT_UNDERSTOOD;
    }
    return reply->status_code == 404 ? LAB_UNKNOWN_SITE : LAB_REFUSED;
}

/* The call itself has failed. Its text is not passed on: the log has it (http.call). */
static enum lab_outcome judge_failure(
    const struct asking *asking, enum status status, struct lab_verdict *verdict)
{
    *verdict = (struct lab_verdict){.may_repeat = status == STATUS_UNAVAILABLE};
    if (ctx_err(asking->ctx) != STATUS_OK) {
        verdict->may_repeat = false;
        return LAB_LATE;
    }
    return status == STATUS_RESOURCE_EXHAUSTED ? LAB_TOO_MUCH : LAB_UNREACHABLE;
}

/* Ask for one page until there is an answer that asking again would not change. */
static enum lab_outcome ask(
    struct asking *asking, const char *target, struct http_client_reply *ret_reply)
{
    static const struct http_client_field ACCEPT = {"Accept", "application/json"};
    const struct http_client_request request = {.method = "GET",
        .url = target,
        .fields = &ACCEPT,
        .n_fields = 1,
        .reply_max = LAB_PAGE_LEN_MAX};
    for (;;) {
        struct lab_verdict verdict;
        struct error error = ERROR_NONE;
        asking->answer->n_requests++;
        enum status status =
            http_client_call(asking->ctx, asking->lab->client, &request, ret_reply, &error);
        enum lab_outcome outcome = status == STATUS_OK ? judge_answer(asking, ret_reply, &verdict)
                                                       : judge_failure(asking, status, &verdict);
        uint64_t pause_ns = 0;
        if (!lab_retry_next(&asking->retry, &verdict, ctx_remaining_ns(asking->ctx), &pause_ns)) {
            return outcome;
        }
        http_client_reply_finish(ret_reply);
        *ret_reply = (struct http_client_reply){0};
        LOG_DEBUG("lab.repeat", asking->ctx, log_str("outcome", OUTCOME_NAMES[outcome]),
            log_i64("status", asking->answer->status_code), log_ms("pause_ms", pause_ns),
            log_str("error", error.text[0] == '\0' ? NULL : error.text));
        if (ctx_sleep(asking->ctx, pause_ns) != STATUS_OK) {
            return LAB_LATE;
        }
    }
}

/* --- the pages -------------------------------------------------------------------------------- */

static void append_list(struct list *list, const struct list *more)
{
    if (more->first == NULL) {
        return;
    }
    if (list->last == NULL) {
        list->first = more->first;
    } else {
        list->last->next = more->first;
    }
    list->last = more->last;
    list->count += more->count;
}

/* Pages of one answer speak of one moment, and lead on. */
static enum lab_outcome join_page(struct lab_answer *answer, const struct lab_page *page)
{
    if (answer->n_pages > 0 && page->snapshot_at != answer->snapshot_at) {
        return LAB_CHANGED;
    }
    answer->snapshot_at = page->snapshot_at;
    append_list(&answer->results, &page->results);
    answer->n_pages++;
    bool is_too_long = answer->results.count > LAB_RESULTS_MAX ||
                       (answer->n_pages >= LAB_PAGES_MAX && page->next[0] != '\0');
    return is_too_long ? LAB_TOO_MUCH : LAB_ANSWERED;
}

static enum lab_outcome fetch_page(
    struct asking *asking, const char *cursor, struct lab_page *ret_page)
{
    CLEANUP(buffer_finish) struct buffer target = BUFFER_EMPTY(LAB_TARGET_MAX);
    CLEANUP(http_client_reply_finish) struct http_client_reply reply = {0};
    if (!write_target(asking, cursor, &target)) {
        return LAB_NOT_UNDERSTOOD;
    }
    enum lab_outcome outcome = ask(asking, (const char *)target.data, &reply);
    return outcome == LAB_ANSWERED
               ? lab_page_read(buffer_bytes(&reply.body), asking->question, asking->arena, ret_page)
               : outcome;
}

static enum lab_outcome fetch_pages(struct asking *asking)
{
    struct lab_answer *answer = asking->answer;
    struct lab_page page = {0};
    enum lab_outcome outcome;
    do {
        if (ctx_checkpoint(asking->ctx, "fetch:lab", answer->results.count, 0) != STATUS_OK) {
            return LAB_LATE;
        }
        char cursor[LAB_CURSOR_MAX];
        snprintf(cursor, sizeof(cursor), "%s", page.next);
        page = (struct lab_page){0};
        outcome = fetch_page(asking, cursor, &page);
        if (outcome == LAB_ANSWERED) {
            outcome = strcmp(cursor, page.next) == 0 && *cursor != '\0' ? LAB_NOT_UNDERSTOOD
                                                                        : join_page(answer, &page);
        }
    } while (outcome == LAB_ANSWERED && page.next[0] != '\0');
    return outcome;
}

/* The rest of the report needs its share of the time. */
static uint64_t time_set_aside_ns(const struct ctx *ctx, const struct lab *lab)
{
    uint64_t remaining_ns = ctx_remaining_ns(ctx);
    if (remaining_ns == CLOCK_NEVER) {
        return lab->timeout_ns;
    }
    uint64_t share_ns = remaining_ns / LAB_TIME_SHARE;
    return share_ns < lab->timeout_ns ? share_ns : lab->timeout_ns;
}

static void tell(const struct ctx *ctx, const struct lab_answer *answer, uint64_t elapsed_ns)
{
    const char *outcome = OUTCOME_NAMES[answer->outcome];
    metrics_add(metrics_child(&FETCHES, outcome, NULL, NULL), 1);
    metrics_add(metrics_child(&REQUESTS, NULL, NULL, NULL), answer->n_requests);
    metrics_observe(metrics_child(&SECONDS, NULL, NULL, NULL), elapsed_ns);
    LOG_AT(answer->outcome == LAB_ANSWERED ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "source.fetch", ctx,
        log_str("source", "lab"), log_ms("elapsed_ms", elapsed_ns),
        log_u64("rows", answer->results.count), log_str("outcome", outcome),
        log_u64_if("status", answer->status_code != 0, (uint64_t)answer->status_code),
        log_u64("attempts", answer->n_requests), log_u64("pages", answer->n_pages));
}

enum status lab_fetch(const struct ctx *ctx, struct lab *lab, const struct lab_question *question,
    struct arena *arena, struct lab_answer *ret_answer)
{
    uint64_t started_at_ns = clock_now_ns();
    CTX_SCOPE(scope, ctx_with_timeout(ctx, time_set_aside_ns(ctx, lab)));
    struct lab_answer answer = {.outcome = LAB_NOT_ASKED};
    struct asking asking = {
        .ctx = scope->ctx, .lab = lab, .question = question, .arena = arena, .answer = &answer};
    lab_retry_init(&asking.retry, started_at_ns);
    answer.outcome = fetch_pages(&asking);
    if (answer.outcome != LAB_ANSWERED) {
        answer.results = (struct list){0};
        answer.snapshot_at = 0;
    }
    enum status status = ctx_err(ctx);
    if (status != STATUS_OK) {
        return status; /* nobody waits for the answer: the end of the whole is told elsewhere */
    }
    tell(ctx, &answer, clock_now_ns() - started_at_ns);
    *ret_answer = answer;
    return STATUS_OK;
}
