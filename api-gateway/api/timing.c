#include "api/timing.h"

#include <string.h>

#include "base/clock.h"

struct timing {
    char name[SPAN_NAME_MAX];
    uint64_t ns;
};

struct timings {
    struct timing list[TIMINGS_MAX];
    size_t n;
};

size_t timing_print_ms(char text[TIMING_MS_MAX], uint64_t ns)
{
    char digits[TIMING_MS_MAX];
    size_t n = 0;
    uint64_t us = (ns + CLOCK_US(1) / 2) / CLOCK_US(1);
    for (; n < 4 || us > 0; us /= 10) { /* three of them are decimals */
        digits[n++] = (char)('0' + us % 10);
    }
    size_t len = 0;
    while (n > 0) {
        text[len++] = digits[--n];
        if (n == 3) {
            text[len++] = '.';
        }
    }
    return len;
}

/* --- what there is to tell ------------------------------------------------------------------ */

static void add(struct timings *timings, const char *name, uint64_t ns)
{
    for (size_t i = 0; i < timings->n; i++) {
        if (strcmp(timings->list[i].name, name) == 0) {
            timings->list[i].ns += ns;
            return;
        }
    }
    if (timings->n < TIMINGS_MAX) {
        struct timing *timing = &timings->list[timings->n++];
        span_copy_text(timing->name, sizeof(timing->name), name);
        timing->ns = ns;
    }
}

static uint64_t time_of(const struct span_record *record, uint64_t now_ns)
{
    if (record->numbers[0].key == SPAN_COUNT) {
        return record->numbers[1].value; /* a sum of many: they need not follow each other */
    }
    uint64_t end_ns = record->end_ns == 0 ? now_ns : record->end_ns;
    return end_ns > record->start_ns ? end_ns - record->start_ns : 0;
}

static void add_span(void *arg, const struct span_record *record, uint64_t now_ns)
{
    struct timings *timings = arg;
    bool is_statement = strcmp(record->name, "sql") == 0 || strncmp(record->name, "db.", 3) == 0;
    bool is_part = strcmp(record->name, "section") == 0 || strcmp(record->name, "shared") == 0;
    if (*record->service == '\0') {
        add(timings, "rpc", time_of(record, now_ns));
    } else if (is_statement) {
        add(timings, "db", time_of(record, now_ns));
    } else if (!is_part && record->kind == SPAN_INTERNAL) {
        add(timings, record->name, time_of(record, now_ns));
    }
}

static void gather(const struct request *request, uint64_t now_ns, struct timings *ret_timings)
{
    ret_timings->n = 0;
    add(ret_timings, "total", now_ns - request->start_ns);
    const struct request_tracing *tracing = &request->tracing;
    if (request->trace.spans != NULL) {
        span_log_each(request->trace.spans, add_span, ret_timings, now_ns);
    } else if (tracing->is_noted) {
        add(ret_timings, "queue", tracing->noted_queue_ns);
        add(ret_timings, "run", tracing->noted_run_ns);
    }
    if (request->trace.spans == NULL && tracing->method != NULL) {
        add(ret_timings, "rpc", now_ns - request->start_ns);
    }
}

/* --- how it is told ------------------------------------------------------------------------- */

/* A literal's bytes, without measuring them. */
#define BYTES(literal) ((struct bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

/* A token: what is none of these becomes a dash. */
static char token_character(char c)
{
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '.';
    return is_plain ? c : '-';
}

static void put(char *text, size_t *len, struct bytes piece)
{
    memcpy(text + *len, piece.data, piece.len);
    *len += piece.len;
}

/* Bytes written; what does not fit is left out. */
static size_t print(const struct timings *timings, char *text, size_t size)
{
    enum { EXTRA = 8 + TIMING_MS_MAX };
    size_t len = 0;
    for (size_t i = 0; i < timings->n; i++) {
        const char *name = timings->list[i].name;
        if (len + strlen(name) + EXTRA > size) {
            break;
        }
        if (i > 0) {
            put(text, &len, BYTES(", "));
        }
        for (; *name != '\0'; name++) {
            text[len++] = token_character(*name);
        }
        put(text, &len, BYTES(";dur="));
        len += timing_print_ms(text + len, timings->list[i].ns);
    }
    return len;
}

size_t timing_on_head(
    struct http_exchange *exchange, bool has_trailers, char lines[HTTP_HEAD_LINES_MAX], void *arg)
{
    const struct bytes trailer = BYTES("Trailer: Server-Timing\r\n");
    (void)arg;
    const struct request *request = http_exchange_data(exchange);
    if (request == NULL) {
        return 0;
    }
    struct timings timings;
    gather(request, clock_now_ns(), &timings);
    size_t len = 0;
    put(lines, &len, BYTES("Server-Timing: "));
    len += print(&timings, lines + len, HTTP_HEAD_LINES_MAX - len - trailer.len - 2);
    put(lines, &len, BYTES("\r\n"));
    if (has_trailers) {
        put(lines, &len, trailer);
    }
    return len;
}

void timing_respond_trailer(struct request *request)
{
    if (!http_takes_trailers(request->exchange)) {
        return;
    }
    struct timings timings;
    char value[HTTP_HEAD_LINES_MAX];
    gather(request, clock_now_ns(), &timings);
    value[print(&timings, value, sizeof(value) - 1)] = '\0';
    http_respond_trailer(request->exchange, "Server-Timing", value);
}

void timing_note_call(struct request *request)
{
    rpc_client_call_account(
        request->call, &request->tracing.noted_queue_ns, &request->tracing.noted_run_ns);
    request->tracing.is_noted = true;
}
