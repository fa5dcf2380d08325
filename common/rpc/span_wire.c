#include "rpc/span_wire.h"

#include <stdlib.h>
#include <string.h>

#include "rpc/envelope.h"

enum {
    LIST_HEAD_MAX = SPAN_SERVICE_MAX + 40, /* bytes of what a list has beside its spans */
    SPAN_LEN_MAX = 512,                    /* bytes of one span, with its tag and length */
    SPANS_FIELD_TAG = 3 << 3 | 2,          /* SpanList.spans */
};

const char *span_method_word(const char *method)
{
    const char *slash = method == NULL ? NULL : strrchr(method, '/');
    return slash == NULL ? (method == NULL ? "call" : method) : slash + 1;
}

static uint64_t duration_of(const struct span_record *record)
{
    return record->end_ns > record->start_ns ? record->end_ns - record->start_ns : 0;
}

/* What has parts, then the longest. */
static int compare_weight(const void *a, const void *b)
{
    const struct span_record *left = *(const struct span_record *const *)a;
    const struct span_record *right = *(const struct span_record *const *)b;
    if (left->is_leaf != right->is_leaf) {
        return left->is_leaf ? 1 : -1;
    }
    uint64_t left_ns = duration_of(left);
    uint64_t right_ns = duration_of(right);
    return left_ns == right_ns ? 0 : (left_ns < right_ns ? 1 : -1);
}

static size_t pack_span(const struct span_record *record, uint64_t received_ns, uint8_t *out)
{
    Walkie__Rpc__V1__SpanNumber numbers[SPAN_NUMBERS_MAX];
    Walkie__Rpc__V1__SpanNumber *list[SPAN_NUMBERS_MAX];
    Walkie__Rpc__V1__Span span = WALKIE__RPC__V1__SPAN__INIT;
    for (size_t i = 0; i < SPAN_NUMBERS_MAX && record->numbers[i].key != SPAN_NONE; i++) {
        walkie__rpc__v1__span_number__init(&numbers[i]);
        numbers[i].key = record->numbers[i].key;
        numbers[i].value = record->numbers[i].value;
        list[span.n_numbers++] = &numbers[i];
    }
    span.numbers = list;
    span.id = record->id;
    span.parent_id = record->parent_id;
    span.name = (char *)(uintptr_t)record->name; /* packed, not written to */
    span.kind = record->kind;
    span.start_ns = record->start_ns > received_ns ? record->start_ns - received_ns : 0;
    uint64_t end_ns = record->end_ns > received_ns ? record->end_ns - received_ns : 0;
    span.duration_ns = end_ns > span.start_ns ? end_ns - span.start_ns : 0;
    span.status = (uint32_t)record->status;
    span.is_wasted = record->is_wasted;
    span.wasted_cpu_ns = record->wasted_cpu_ns;
    span.text_key = record->text_key;
    span.text = (char *)(uintptr_t)record->text;
    span.service = (char *)(uintptr_t)record->service;
    size_t len = walkie__rpc__v1__span__get_packed_size(&span);
    size_t at = 0;
    out[at++] = SPANS_FIELD_TAG;
    if (len >= 128) {
        out[at++] = (uint8_t)(len | 128);
    }
    out[at++] = (uint8_t)(len >= 128 ? len >> 7 : len);
    return at + walkie__rpc__v1__span__pack(&span, out + at);
}

static void pack_head(const struct span_list *list, uint64_t n_dropped, struct buffer *out)
{
    Walkie__Rpc__V1__SpanList head = WALKIE__RPC__V1__SPAN_LIST__INIT;
    char service[SPAN_SERVICE_MAX];
    envelope_copy_text(service, sizeof(service), list->service);
    head.service = service;
    head.elapsed_ns = list->now_ns > list->received_ns ? list->now_ns - list->received_ns : 0;
    head.n_dropped = n_dropped;
    out->len += walkie__rpc__v1__span_list__pack(&head, out->data + out->len);
}

struct buffer span_wire_pack(const struct span_list *list)
{
    struct buffer out = BUFFER_EMPTY(SPAN_WIRE_MAX);
    const struct span_record **order = malloc((list->n_records + 1) * sizeof(struct span_record *));
    if (order == NULL || buffer_reserve(&out, SPAN_WIRE_MAX) != STATUS_OK) {
        free(order);
        return out;
    }
    for (size_t i = 0; i < list->n_records; i++) {
        order[i] = &list->records[i];
    }
    qsort(order, list->n_records, sizeof(struct span_record *), compare_weight);
    uint64_t n_dropped = list->n_dropped;
    for (size_t i = 0; i < list->n_records; i++) {
        if (out.len + SPAN_LEN_MAX + LIST_HEAD_MAX <= SPAN_WIRE_MAX) {
            out.len += pack_span(order[i], list->received_ns, out.data + out.len);
        } else {
            n_dropped++;
        }
    }
    free(order);
    pack_head(list, n_dropped, &out);
    return out;
}

/* --- on the other side ---------------------------------------------------------------------- */

uint64_t span_anchor_place(const struct span_anchor *anchor, uint64_t elapsed_ns)
{
    if (anchor->received_ns != 0) {
        return anchor->received_ns;
    }
    uint64_t there_and_back_ns =
        anchor->read_ns > anchor->sent_ns ? anchor->read_ns - anchor->sent_ns : 0;
    uint64_t way_ns = there_and_back_ns > elapsed_ns ? there_and_back_ns - elapsed_ns : 0;
    return anchor->sent_ns + way_ns / 2;
}

static uint64_t clamp(uint64_t base_ns, uint64_t after_ns, uint64_t max_ns)
{
    uint64_t at_ns = clock_add_ns(base_ns, after_ns);
    return at_ns < max_ns ? at_ns : max_ns;
}

static void read_numbers(const Walkie__Rpc__V1__Span *wire, struct span_record *record)
{
    for (size_t i = 0; i < wire->n_numbers && i < SPAN_NUMBERS_MAX; i++) {
        uint32_t key = wire->numbers[i]->key;
        bool is_number = key < SPAN_KEYS && !span_key_is_text((enum span_key)key);
        if (is_number && span_key_word((enum span_key)key) != NULL) {
            span_record_number(record, (enum span_key)key, wire->numbers[i]->value);
        }
    }
}

static void read_span(const Walkie__Rpc__V1__Span *wire, const char *service,
    const struct span_anchor *anchor, struct span_log *log)
{
    struct span_record record = {.id = wire->id, .parent_id = wire->parent_id};
    record.start_ns = clamp(anchor->received_ns, wire->start_ns, anchor->read_ns);
    record.end_ns = clamp(record.start_ns, wire->duration_ns, anchor->read_ns);
    record.wasted_cpu_ns = wire->wasted_cpu_ns;
    record.kind = wire->kind <= SPAN_CLIENT ? (enum span_kind)wire->kind : SPAN_INTERNAL;
    record.status = status_from_wire(wire->status);
    record.is_wasted = wire->is_wasted;
    envelope_copy_text(record.name, sizeof(record.name), wire->name);
    envelope_copy_text(
        record.service, sizeof(record.service), *wire->service == '\0' ? service : wire->service);
    uint32_t key = wire->text_key;
    if (key < SPAN_KEYS && span_key_is_text((enum span_key)key)) {
        span_record_text(&record, (enum span_key)key, wire->text);
    }
    read_numbers(wire, &record);
    span_log_put(log, &record);
}

bool span_wire_unpack(struct bytes packed, struct span_anchor *anchor, struct span_log *log)
{
    struct envelope_memory memory;
    if (packed.len > SPAN_WIRE_MAX) {
        return false;
    }
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__SpanList *list = envelope_unpack_span_list(&memory, packed);
    if (list != NULL) {
        anchor->received_ns = span_anchor_place(anchor, list->elapsed_ns);
        for (size_t i = 0; i < list->n_spans && i < SPAN_LOG_MAX; i++) {
            read_span(list->spans[i], list->service, anchor, log);
        }
        uint64_t more = list->n_spans > SPAN_LOG_MAX ? list->n_spans - SPAN_LOG_MAX : 0;
        span_log_add_dropped(log, clock_add_ns(list->n_dropped, more));
    }
    envelope_memory_finish(&memory);
    return list != NULL;
}
