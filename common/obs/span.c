#include "obs/span.h"

#include <string.h>

#include "base/clock.h"

struct key_row {
    const char *word;
    bool is_text;
    bool is_time;
};

static const struct key_row KEYS[SPAN_KEYS] = {
    [SPAN_ROWS] = {"rows", false, false},
    [SPAN_BYTES] = {"bytes", false, false},
    [SPAN_PAGES] = {"pages", false, false},
    [SPAN_COUNT] = {"count", false, false},
    [SPAN_SUM_NS] = {"sum_ms", false, true},
    [SPAN_CPU_NS] = {"cpu_ms", false, true},
    [SPAN_HTTP_STATUS] = {"http_status", false, false},
    [SPAN_ATTEMPT] = {"attempt", false, false},
    [SPAN_JOINED_NS] = {"joined_ms", false, true},
    [SPAN_MEMBERS] = {"members", false, false},
    [SPAN_DROPPED] = {"dropped", false, false},
    [SPAN_ABANDONED_NS] = {"abandoned_ms", false, true},
    [SPAN_STATEMENT] = {"statement", true, false},
    [SPAN_DATABASE] = {"database", true, false},
    [SPAN_CACHE] = {"cache", true, false},
    [SPAN_SERVER_NAME] = {"server", true, false},
    [SPAN_BACKEND] = {"backend", true, false},
    [SPAN_CAUSE] = {"cause", true, false},
    [SPAN_OUTCOME] = {"outcome", true, false},
    [SPAN_WORD] = {"what", true, false},
    [SPAN_REFUSED] = {"refused", true, false},
};

const char *span_key_word(enum span_key key)
{
    return (unsigned int)key < SPAN_KEYS ? KEYS[key].word : NULL;
}

bool span_key_is_text(enum span_key key)
{
    return (unsigned int)key < SPAN_KEYS && KEYS[key].is_text;
}

bool span_key_is_time(enum span_key key)
{
    return (unsigned int)key < SPAN_KEYS && KEYS[key].is_time;
}

uint64_t span_id_number(const uint8_t span_id[SPAN_ID_LEN])
{
    return be64_get(span_id);
}

void span_id_put(uint64_t number, uint8_t span_id[SPAN_ID_LEN])
{
    be64_put(span_id, number);
}

uint64_t span_id_new(void)
{
    uint8_t span_id[SPAN_ID_LEN];
    trace_new_span_id(span_id);
    return span_id_number(span_id);
}

void span_record_number(struct span_record *record, enum span_key key, uint64_t value)
{
    for (size_t i = 0; i < SPAN_NUMBERS_MAX; i++) {
        if (record->numbers[i].key == SPAN_NONE || record->numbers[i].key == key) {
            record->numbers[i] = (struct span_number){key, value};
            return;
        }
    }
}

void span_copy_text(char *to, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    memcpy(to, text, len);
    to[len] = '\0';
}

void span_record_text(struct span_record *record, enum span_key key, const char *text)
{
    if (text != NULL) {
        record->text_key = key;
        span_copy_text(record->text, sizeof(record->text), text);
    }
}

static void fill(struct span_record *record, const char *name, uint64_t start_ns,
    enum status status, const struct span_facts *facts)
{
    *record = (struct span_record){.start_ns = start_ns, .status = status};
    record->end_ns = clock_now_ns();
    span_copy_text(record->name, sizeof(record->name), name);
    if (facts != NULL) {
        span_record_text(record, facts->text_key, facts->text);
        memcpy(record->numbers, facts->numbers, sizeof(record->numbers));
    }
}

/* What ended after the work was told to stop was waste, at least its last part. */
static bool is_wasted(const struct ctx *ctx, uint64_t end_ns)
{
    uint64_t done_at_ns = ctx_done_at_ns(ctx);
    return done_at_ns != 0 && end_ns > done_at_ns;
}

bool span_is_on(const struct ctx *ctx)
{
    const struct trace *trace = trace_of(ctx);
    return trace != NULL && trace->spans != NULL;
}

static void begin(const struct ctx *ctx, const char *name, bool is_opaque, struct span *ret_span)
{
    const struct trace *trace = trace_of(ctx);
    ret_span->ctx = ctx;
    ret_span->scope = NULL;
    if (trace == NULL || trace->spans == NULL) {
        return;
    }
    ret_span->name = name;
    ret_span->is_opaque = is_opaque;
    ret_span->start_ns = clock_now_ns();
    ret_span->parent_id = span_id_number(trace->span_id);
    ret_span->log = trace->spans;
    trace_child(trace, &ret_span->trace);
    ret_span->trace.call_id = trace->call_id;
    ret_span->trace.method = trace->method;
    ret_span->trace.spans = is_opaque ? NULL : trace->spans;
    ret_span->scope = ctx_with_value(ctx, &TRACE_KEY, &ret_span->trace);
    ret_span->ctx = ret_span->scope->ctx;
    if (ctx_value(ret_span->ctx, &TRACE_KEY) != &ret_span->trace) {
        /* Out of memory: the scope that took its place is done, and the work is not. */
        ctx_scope_end(STEAL(ret_span->scope));
        ret_span->ctx = ctx;
    }
}

void span_begin(const struct ctx *ctx, const char *name, struct span *ret_span)
{
    begin(ctx, name, false, ret_span);
}

void span_begin_opaque(const struct ctx *ctx, const char *name, struct span *ret_span)
{
    begin(ctx, name, true, ret_span);
}

void span_end(struct span *span, enum status status, const struct span_facts *facts)
{
    if (span->scope == NULL) {
        return;
    }
    struct span_record record;
    fill(&record, span->name, span->start_ns, status, facts);
    record.id = span_id_number(span->trace.span_id);
    record.parent_id = span->parent_id;
    record.is_leaf = span->is_opaque;
    record.is_wasted = is_wasted(span->ctx, record.end_ns);
    ctx_scope_end(STEAL(span->scope));
    span_log_put(span->log, &record);
}

void span_add(const struct ctx *ctx, const char *name, enum span_kind kind, uint64_t start_ns,
    enum status status, const struct span_facts *facts)
{
    const struct trace *trace = trace_of(ctx);
    if (trace == NULL || trace->spans == NULL) {
        return;
    }
    struct span_record record;
    fill(&record, name, start_ns, status, facts);
    record.kind = kind;
    record.is_leaf = true;
    record.parent_id = span_id_number(trace->span_id);
    record.is_wasted = is_wasted(ctx, record.end_ns);
    span_log_put(trace->spans, &record);
}
