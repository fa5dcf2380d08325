#include "traces/join.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* Whose spans those are that nobody has told. */
static const char CALLED_SERVICE[] = "report-service";

enum { EXTRA_MAX = 4 + SPAN_STAGES_MAX }; /* spans of a request beside those of its log */

static struct joined_span *add(
    struct joined *joined, const struct trace_facts *root, const struct span_record *record)
{
    struct joined_span *span = &joined->spans[joined->n_spans++];
    *span = (struct joined_span){.record = *record, .root = root};
    return span;
}

static struct span_record record_of(
    const struct trace_facts *root, const char *name, uint64_t start_ns, uint64_t end_ns)
{
    struct span_record record = {.start_ns = start_ns, .end_ns = end_ns};
    record.parent_id = span_id_number(root->trace.span_id);
    span_copy_text(record.name, sizeof(record.name), name);
    return record;
}

static void add_request(struct joined *joined, const struct trace_facts *root)
{
    struct span_record record = record_of(root, root->method, root->start_ns, root->end_ns);
    record.id = span_id_number(root->trace.span_id);
    record.parent_id = 0;
    record.kind = SPAN_SERVER;
    record.status = root->status;
    add(joined, root, &record)->is_request = true;
}

/* Ids of what was never given one: a request's own with some bits turned. */
static uint64_t made_id(const struct trace_facts *root, unsigned int number)
{
    return span_id_number(root->trace.span_id) ^ (UINT64_C(0x5741) << 32) ^ number;
}

/* From the first byte to the whole request, where that took any time worth showing. */
static void add_receive(struct joined *joined, const struct trace_facts *root)
{
    if (root->read_ns > root->start_ns + CLOCK_US(10)) {
        struct span_record record = record_of(root, "receive", root->start_ns, root->read_ns);
        record.id = made_id(root, 1);
        add(joined, root, &record);
    }
}

/* A call of which only the service's account is known: in the middle of its request. */
static void add_quick(struct joined *joined, const struct trace_facts *root)
{
    if (root->quick_call == NULL) {
        return;
    }
    const char *slash = strrchr(root->quick_call, '/');
    const char *word = slash == NULL ? root->quick_call : slash + 1;
    struct span_record rpc = record_of(root, "rpc ", root->read_ns, root->end_ns);
    span_copy_text(rpc.name + 4, sizeof(rpc.name) - 4, word);
    rpc.id = made_id(root, 2);
    rpc.kind = SPAN_CLIENT;
    rpc.status = root->status;
    add(joined, root, &rpc);
    uint64_t whole_ns = rpc.end_ns > rpc.start_ns ? rpc.end_ns - rpc.start_ns : 0;
    uint64_t work_ns = root->quick_queue_ns + root->quick_run_ns;
    if (work_ns == 0 || work_ns > whole_ns) {
        return;
    }
    uint64_t start_ns = rpc.start_ns + (whole_ns - work_ns) / 2;
    struct span_record work = record_of(root, word, start_ns, start_ns + work_ns);
    work.id = made_id(root, 3);
    work.parent_id = rpc.id;
    work.kind = SPAN_SERVER;
    work.status = root->status;
    span_copy_text(work.service, sizeof(work.service), CALLED_SERVICE);
    add(joined, root, &work);
}

/* The call that has told stages and not (yet) its spans: it goes on, or its end never came. NULL:
 * there is none. */
static const struct span_record *silent_call(const struct span_record *records, size_t n)
{
    const struct span_record *call = NULL;
    for (size_t i = 0; i < n; i++) {
        if (*records[i].service != '\0') {
            return NULL;
        }
        call = records[i].kind == SPAN_CLIENT ? &records[i] : call;
    }
    return call;
}

/* What PROGRESS has told, in the place of spans. */
static void add_stages(struct joined *joined, const struct trace_facts *root,
    const struct span_record *records, size_t n_records)
{
    struct span_stage stages[SPAN_STAGES_MAX];
    const struct span_record *call = silent_call(records, n_records);
    size_t n = call == NULL ? 0 : span_log_stages(root->spans, stages);
    for (size_t i = 0; i < n; i++) {
        uint64_t end_ns = i + 1 < n ? stages[i + 1].start_ns : call->end_ns;
        struct span_record record = record_of(root, stages[i].name, stages[i].start_ns, end_ns);
        record.id = made_id(root, 16 + (unsigned int)i);
        record.parent_id = call->id;
        span_copy_text(record.service, sizeof(record.service), CALLED_SERVICE);
        record.status = i + 1 < n ? STATUS_OK : call->status;
        struct joined_span *span = add(joined, root, &record);
        span->has_stage = true;
        span->done = stages[i].done;
        span->total = stages[i].total;
    }
}

static bool has_id(const struct joined *joined, size_t first, uint64_t id)
{
    for (size_t i = first; i < joined->n_spans; i++) {
        if (joined->spans[i].record.id == id) {
            return true;
        }
    }
    return false;
}

/* The call that was under way when a span began, for one whose parent has not come home. */
static uint64_t call_at(const struct joined *joined, size_t first, const struct span_record *lost)
{
    uint64_t id = joined->spans[first].record.id;
    for (size_t i = first + 1; i < joined->n_spans; i++) {
        const struct span_record *record = &joined->spans[i].record;
        bool is_ours = record->kind == SPAN_CLIENT && *record->service == '\0';
        if (is_ours && record->id != lost->id && record->start_ns <= lost->start_ns) {
            id = record->id;
        }
    }
    return id;
}

/* From `first` on are one request's, itself first. */
static void adopt(struct joined *joined, size_t first)
{
    for (size_t i = first + 1; i < joined->n_spans; i++) {
        struct span_record *record = &joined->spans[i].record;
        if (!has_id(joined, first, record->parent_id) || record->parent_id == record->id) {
            record->parent_id = *record->service == '\0' ? joined->spans[first].record.id
                                                         : call_at(joined, first, record);
        }
    }
}

static int compare_start(const void *a, const void *b)
{
    const struct joined_span *left = a;
    const struct joined_span *right = b;
    if (left->record.start_ns != right->record.start_ns) {
        return left->record.start_ns < right->record.start_ns ? -1 : 1;
    }
    uint64_t left_end_ns = left->record.end_ns - 1; /* what goes on lasts longest */
    uint64_t right_end_ns = right->record.end_ns - 1;
    return left_end_ns == right_end_ns ? 0 : (left_end_ns > right_end_ns ? -1 : 1);
}

static bool join_one(struct joined *joined, const struct trace_facts *root)
{
    struct span_record *records;
    size_t n = span_log_copy(root->spans, 0, &records);
    size_t first = joined->n_spans;
    struct joined_span *spans =
        realloc(joined->spans, (first + n + EXTRA_MAX) * sizeof(*joined->spans));
    if (spans == NULL) {
        free(records);
        return false;
    }
    joined->spans = spans;
    joined->n_dropped += span_log_dropped(root->spans);
    add_request(joined, root);
    add_receive(joined, root);
    add_quick(joined, root);
    for (size_t i = 0; i < n; i++) {
        add(joined, root, &records[i]);
    }
    add_stages(joined, root, records, n);
    adopt(joined, first);
    qsort(joined->spans + first + 1, joined->n_spans - first - 1, sizeof(*joined->spans),
        compare_start);
    free(records);
    return true;
}

/* A request that another one's span has called is a part of that. */
static void tie_requests(struct joined *joined)
{
    for (size_t i = 0; i < joined->n_spans; i++) {
        struct joined_span *span = &joined->spans[i];
        uint64_t caller = span_id_number(span->root->trace.parent_span_id);
        if (span->is_request && span->root->has_caller && has_id(joined, 0, caller)) {
            span->record.parent_id = caller;
        }
    }
}

bool trace_join(const struct trace_facts *roots, size_t n_roots, struct joined *ret_joined)
{
    *ret_joined = (struct joined){.spans = NULL};
    for (size_t i = 0; i < n_roots; i++) {
        if (!join_one(ret_joined, &roots[i])) {
            joined_finish(ret_joined);
            return false;
        }
    }
    tie_requests(ret_joined);
    return true;
}

void joined_finish(struct joined *joined)
{
    free(joined->spans);
    joined->spans = NULL;
}
