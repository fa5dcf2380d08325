/* One outgoing call. The loop below is the whole of it: let libcurl do what it can, ask the
 * context, sleep until a socket, the context or the deadline wakes us. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http/client_internal.h"
#include "obs/detached.h"
#include "obs/log.h"
#include "obs/span.h"
#include "obs/trace.h"

enum {
    ORIGIN_TEXT_MAX = 160,
    FIELD_TEXT_MAX = 4096,
    POLL_MS_MAX = 1000,     /* a sleep, when nothing has to end sooner */
    POLL_MS_WITHOUT_FD = 5, /* the same when the context has no descriptor to wait for */
    TIMEOUT_TEXT_MAX = 32,
};

struct transfer {
    const struct ctx *ctx;
    bool has_span; /* the context's trace is the call's own */
    const struct http_client_request *request;
    struct http_client_handles handles;
    struct curl_slist *fields;
    struct http_client_reply reply;
    bool is_too_long;
    char origin[ORIGIN_TEXT_MAX]; /* scheme, host and port, for texts */
    char curl_error[CURL_ERROR_SIZE];
};

/* Neither path and query nor user and password: they may be secret. */
static void copy_origin(const char *url, char origin[ORIGIN_TEXT_MAX])
{
    const char *host = strstr(url, "://");
    host = host == NULL ? url : host + 3;
    size_t authority_len = strcspn(host, "/?#");
    const char *at = memchr(host, '@', authority_len);
    const char *name = at == NULL ? host : at + 1;
    snprintf(origin, ORIGIN_TEXT_MAX, "%.*s%.*s", (int)(host - url), url,
        (int)(authority_len - (size_t)(name - host)), name);
}

/* --- what libcurl calls ----------------------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *transfer = arg;
    if (buffer_append(&transfer->reply.body, data, size * n) != STATUS_OK) {
        transfer->is_too_long = true;
        return 0;
    }
    return size * n;
}

static size_t on_head(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *transfer = arg;
    if (size * n > 5 && memcmp(data, "HTTP/", 5) == 0) {
        transfer->reply.head.len = 0; /* the real answer, after a 100 */
        return size * n;
    }
    if (buffer_append(&transfer->reply.head, data, size * n) != STATUS_OK) {
        transfer->is_too_long = true;
        return 0;
    }
    return size * n;
}

/* --- setting up ------------------------------------------------------------------------------- */

static bool add_line(struct transfer *transfer, const char *text)
{
    struct curl_slist *longer = curl_slist_append(transfer->fields, text);
    if (longer != NULL) {
        transfer->fields = longer;
    }
    return longer != NULL;
}

static bool add_field(struct transfer *transfer, const char *name, const char *value)
{
    char text[FIELD_TEXT_MAX];
    /* "name;" is how libcurl wants a field without a value: "name:" would take one away. */
    bool has_value = *value != '\0';
    int len = snprintf(
        text, sizeof(text), "%s%s%s", name, has_value ? ": " : ";", has_value ? value : "");
    return len >= 0 && (size_t)len < sizeof(text) && add_line(transfer, text);
}

static bool is_field(const struct http_client_field *field)
{
    if (*field->name == '\0') {
        return false;
    }
    for (const char *at = field->name; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at) && strchr("!#$%&'*+-.^_`|~", *at) == NULL) {
            return false;
        }
    }
    for (const char *at = field->value; *at != '\0'; at++) {
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7F) {
            return false;
        }
    }
    return true;
}

/* The caller's fields, then ours: whose trace this is, and how long an answer is of use. */
static enum status set_fields(struct transfer *transfer, struct error *ret_error)
{
    const struct http_client_request *request = transfer->request;
    if (request->n_fields > HTTP_CLIENT_FIELDS_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: more than %d header fields",
            transfer->origin, HTTP_CLIENT_FIELDS_MAX);
    }
    bool has_room = true;
    for (size_t i = 0; i < request->n_fields; i++) {
        if (!is_field(&request->fields[i])) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "%s: header field %zu has a name or a value that HTTP does not allow",
                transfer->origin, i + 1);
        }
        has_room =
            has_room && add_field(transfer, request->fields[i].name, request->fields[i].value);
    }
    const struct trace *trace = trace_of(transfer->ctx);
    if (trace != NULL) {
        struct trace child;
        char text[TRACE_PARENT_TEXT_MAX];
        trace_child(trace, &child);
        /* The call's span is its context's already, where somebody records. */
        trace_parent_text(transfer->has_span ? trace : &child, text);
        has_room = has_room && add_field(transfer, "traceparent", text);
        if (trace->state != NULL) {
            has_room = has_room && add_field(transfer, "tracestate", trace->state);
        }
    }
    uint64_t remaining_ns = ctx_remaining_ns(transfer->ctx);
    if (remaining_ns != CLOCK_NEVER) {
        char text[TIMEOUT_TEXT_MAX];
        uint64_t ms = remaining_ns / CLOCK_MS(1);
        snprintf(text, sizeof(text), "%" PRIu64 "ms", ms == 0 ? 1 : ms);
        has_room = has_room && add_field(transfer, "X-Request-Timeout", text);
    }
    /* No Expect: libcurl would wait a second for a 100 before a long body. */
    has_room = has_room && add_line(transfer, "Expect:");
    return has_room ? STATUS_OK
                    : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
                          "%s: a header field is too long, or out of memory", transfer->origin);
}

static CURLcode set_method(CURL *easy, const struct http_client_request *request)
{
    if (strcmp(request->method, "GET") == 0) {
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    }
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                                  request->body.len == 0 ? "" : (const char *)request->body.data)
                            : code;
}

/* The first failure counts; libcurl's options fail only when memory runs out. */
#define SET(option, value) (code = code == CURLE_OK ? curl_easy_setopt(easy, option, value) : code)

static CURLcode set_options(struct transfer *transfer, const struct http_client_options *options)
{
    CURL *easy = transfer->handles.easy;
    CURLcode code = set_method(easy, transfer->request);
    SET(CURLOPT_URL, transfer->request->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a cancel does not wait for the thread that looks up a name */
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CLIENT_CONNECT_TIMEOUT_MS);
    SET(CURLOPT_HTTPHEADER, transfer->fields);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->curl_error);
    if (options->user_agent != NULL) {
        SET(CURLOPT_USERAGENT, options->user_agent);
    }
    if (options->ca_file != NULL) {
        SET(CURLOPT_CAINFO, options->ca_file);
    }
    return code;
}

/* --- running ---------------------------------------------------------------------------------- */

static int poll_ms(const struct ctx *ctx, int done_fd)
{
    uint64_t remaining_ns = ctx_remaining_ns(ctx);
    uint64_t most_ms = done_fd >= 0 ? POLL_MS_MAX : POLL_MS_WITHOUT_FD;
    uint64_t ms = remaining_ns == CLOCK_NEVER ? most_ms : remaining_ns / CLOCK_MS(1) + 1;
    return (int)(ms < most_ms ? ms : most_ms);
}

/* libcurl's verdict, or the context's. */
static enum status drive(struct transfer *transfer, CURLcode *ret_code)
{
    CURLM *multi = transfer->handles.multi;
    int done_fd = ctx_done_fd(transfer->ctx);
    struct curl_waitfd done = {.fd = done_fd, .events = CURL_WAIT_POLLIN};
    int n_running = 1;
    for (;;) {
        if (curl_multi_perform(multi, &n_running) != CURLM_OK) {
            *ret_code = CURLE_OUT_OF_MEMORY;
            return STATUS_OK;
        }
        if (n_running == 0) {
            int n_left;
            const CURLMsg *message = curl_multi_info_read(multi, &n_left);
            *ret_code = message == NULL ? CURLE_OUT_OF_MEMORY : message->data.result;
            return STATUS_OK;
        }
        enum status status = ctx_err(transfer->ctx);
        if (status != STATUS_OK) {
            return status;
        }
        (void)curl_multi_poll(
            multi, &done, done_fd >= 0 ? 1 : 0, poll_ms(transfer->ctx, done_fd), NULL);
    }
}

static enum status explain(const struct transfer *transfer, CURLcode code, struct error *ret_error)
{
    const char *origin = transfer->origin;
    const char *detail =
        transfer->curl_error[0] != '\0' ? transfer->curl_error : curl_easy_strerror(code);
    if (transfer->is_too_long) {
        size_t max = transfer->reply.body.len_max;
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: the answer is longer than %zu bytes, or its header than %d", origin, max,
            HTTP_CLIENT_HEAD_MAX);
    }
    if (code == CURLE_OUT_OF_MEMORY) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", origin);
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: not a URL that can be called (http:// or https://)", origin);
    }
    if (code == CURLE_COULDNT_RESOLVE_HOST) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: the name has no address", origin);
    }
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT) {
        long os_errno = 0;
        (void)curl_easy_getinfo(transfer->handles.easy, CURLINFO_OS_ERRNO, &os_errno);
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot connect: %s", origin,
            os_errno != 0 ? strerror((int)os_errno) : "no answer");
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
        code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CERTPROBLEM) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: TLS: %s", origin, detail);
    }
    return error_set(ret_error, STATUS_UNAVAILABLE, "%s: the call broke off: %s", origin, detail);
}

static void log_call(const struct transfer *transfer, enum status status, uint64_t started_ns)
{
    uint64_t elapsed_ns = clock_now_ns() - started_ns;
    if (status == STATUS_OK || ctx_err(transfer->ctx) != status) {
        LOG_DEBUG("http.call", transfer->ctx, log_ms("elapsed_ms", elapsed_ns),
            log_str("server", transfer->origin), log_str("outcome", status_name(status)),
            log_i64("status", transfer->reply.status_code),
            log_u64("bytes", transfer->reply.body.len));
        return;
    }
    uint64_t done_at_ns = ctx_done_at_ns(transfer->ctx);
    LOG_INFO("http.cancel", transfer->ctx, log_ms("elapsed_ms", elapsed_ns),
        log_str("cause", ctx_cause_word(ctx_cause(transfer->ctx))),
        log_str("server", transfer->origin),
        log_ms("stop_latency_ms", clock_now_ns() - done_at_ns));
}

static enum status run(struct transfer *transfer, struct error *ret_error)
{
    struct http_client_handles *handles = &transfer->handles;
    if (curl_multi_add_handle(handles->multi, handles->easy) != CURLM_OK) {
        return explain(transfer, CURLE_OUT_OF_MEMORY, ret_error);
    }
    CURLcode code = CURLE_OK;
    enum status status = drive(transfer, &code);
    if (status != STATUS_OK) {
        error_set(ret_error, status, "%s: the call was stopped (%s)", transfer->origin,
            ctx_cause_word(ctx_cause(transfer->ctx)));
    } else if (code != CURLE_OK) {
        status = explain(transfer, code, ret_error);
    } else {
        long status_code = 0;
        (void)curl_easy_getinfo(handles->easy, CURLINFO_RESPONSE_CODE, &status_code);
        transfer->reply.status_code = (int)status_code;
    }
    (void)curl_multi_remove_handle(handles->multi, handles->easy);
    return status;
}

static enum status check(
    const struct ctx *ctx, const struct transfer *transfer, struct error *ret_error)
{
    const char *method = transfer->request->method;
    if (strcmp(method, "GET") != 0 && strcmp(method, "POST") != 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: this client knows GET and POST only", transfer->origin);
    }
    enum status status = ctx_err(ctx);
    return status == STATUS_OK ? STATUS_OK
                               : error_set(ret_error, status, "%s: the call was not started (%s)",
                                     transfer->origin, ctx_cause_word(ctx_cause(ctx)));
}

static enum status call(
    struct http_client *client, struct transfer *transfer, struct error *ret_error)
{
    if (!http_client_take(client, &transfer->handles)) {
        return explain(transfer, CURLE_OUT_OF_MEMORY, ret_error);
    }
    enum status status = set_fields(transfer, ret_error);
    if (status == STATUS_OK && set_options(transfer, &client->options) != CURLE_OK) {
        status = explain(transfer, CURLE_OUT_OF_MEMORY, ret_error);
    }
    if (status == STATUS_OK) {
        status = run(transfer, ret_error);
    }
    http_client_give(client, transfer->handles);
    curl_slist_free_all(transfer->fields);
    return status;
}

/* As a span of its own, whose id the other side is told. */
static enum status call_recorded(
    struct http_client *client, struct transfer *transfer, struct error *ret_error)
{
    struct span span;
    span_begin(transfer->ctx, "http", &span);
    transfer->ctx = span.ctx;
    transfer->has_span = span.scope != NULL;
    uint64_t started_ns = clock_now_ns();
    enum status status = call(client, transfer, ret_error);
    log_call(transfer, status, started_ns);
    span_end(&span, status,
        &(struct span_facts){.text_key = SPAN_SERVER_NAME,
            .text = transfer->origin,
            .numbers = {{SPAN_HTTP_STATUS, (uint64_t)transfer->reply.status_code},
                {SPAN_BYTES, transfer->reply.body.len}}});
    return status;
}

enum status http_client_call_from(struct ctx_site site, const struct ctx *ctx,
    struct http_client *client, const struct http_client_request *request,
    struct http_client_reply *ret_reply, struct error *ret_error)
{
    detached_check(site, ctx, "http");
    size_t reply_max =
        request->reply_max == 0 ? (size_t)HTTP_CLIENT_REPLY_MAX_DEFAULT : request->reply_max;
    struct transfer transfer = {.ctx = ctx,
        .request = request,
        .reply = {.head = BUFFER_EMPTY(HTTP_CLIENT_HEAD_MAX), .body = BUFFER_EMPTY(reply_max)}};
    copy_origin(request->url, transfer.origin);
    enum status status = check(ctx, &transfer, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = call_recorded(client, &transfer, ret_error);
    if (status == STATUS_OK) {
        *ret_reply = transfer.reply;
    } else {
        http_client_reply_finish(&transfer.reply);
    }
    return status;
}
