/* Spans: which part of a piece of work took how long. Recorded where a trace has somebody who
 * records (`struct trace`'s `spans`), and nothing but a look-up where it has nobody.
 *
 *     struct span span;
 *     span_begin(ctx, "render", &span);
 *     status = render(span.ctx, report);                 what happens within is below "render"
 *     span_end(&span, status, &(struct span_facts){.numbers = {{SPAN_PAGES, n_pages}}});
 *
 *     span_add(ctx, "sql", started_ns, status,           what has no parts: one call, afterwards
 *         &(struct span_facts){.text_key = SPAN_STATEMENT, .text = sql});
 *
 * A span's context carries a trace of its own, so that log lines and outgoing calls name the span
 * as theirs. Spans lie in a log that is bounded: a work's slowest parts are kept, further ones of
 * the same name below the same parent become one span that sums them up. Out of memory: they are
 * counted, and the work goes on.
 *
 * Not here: how spans travel (rpc/span_wire.h), where they are kept and shown (api-gateway/traces).
 */
#ifndef WALKIE_OBS_SPAN_H
#define WALKIE_OBS_SPAN_H

#include "base/bytes.h"
#include "obs/trace.h"

enum {
    SPAN_NAME_MAX = 40,    /* bytes, with the NUL; longer ones are cut */
    SPAN_TEXT_MAX = 72,    /* bytes of a span's text, with the NUL; longer ones are cut */
    SPAN_NUMBERS_MAX = 4,  /* numbers of one span */
    SPAN_LOG_MAX = 256,    /* spans of one log; further ones are folded or counted */
    SPAN_LEAVES_MAX = 24,  /* of one name below one parent that stand for themselves */
    SPAN_SERVICE_MAX = 32, /* bytes of a service's name, with the NUL */
};

enum span_kind { /* numbers are the wire's */
    SPAN_INTERNAL = 0,
    SPAN_SERVER = 1,
    SPAN_CLIENT = 2,
};

/* What a number or text of a span says. Numbers are the wire's, never reused; unknown ones are left
 * out. span_key_word has their names. */
enum span_key {
    SPAN_NONE = 0,
    SPAN_ROWS = 1,
    SPAN_BYTES = 2,
    SPAN_PAGES = 3,
    SPAN_COUNT = 4, /* of the spans that this one sums up; its sum is SPAN_SUM_NS */
    SPAN_SUM_NS = 5,
    SPAN_CPU_NS = 6,
    SPAN_HTTP_STATUS = 7,
    SPAN_ATTEMPT = 8,
    SPAN_JOINED_NS = 9, /* how old the shared work was when this call joined it */
    SPAN_MEMBERS = 10,
    SPAN_DROPPED = 11,      /* spans that had no room */
    SPAN_ABANDONED_NS = 12, /* after how long its caller gave it up */
    SPAN_STATEMENT = 13,    /* texts from here on */
    SPAN_DATABASE = 14,
    SPAN_CACHE = 15,
    SPAN_SERVER_NAME = 16,
    SPAN_BACKEND = 17,
    SPAN_CAUSE = 18,
    SPAN_OUTCOME = 19,
    SPAN_WORD = 20,    /* a format, a section: whatever tells it from its likes */
    SPAN_REFUSED = 21, /* why the call was not let in */
    SPAN_KEYS,
};

struct span_number {
    enum span_key key; /* SPAN_NONE: no number */
    uint64_t value;
};

struct span_facts {
    enum span_key text_key; /* SPAN_NONE: no text */
    const char *text;       /* NULL: none */
    struct span_number numbers[SPAN_NUMBERS_MAX];
};

/* A span as it is kept. Times are this process's monotonic clock's. */
struct span_record {
    uint64_t id; /* the 8 bytes of a span id, big-endian; never 0 */
    uint64_t parent_id;
    uint64_t start_ns;
    uint64_t end_ns; /* 0: not yet */
    uint64_t wasted_cpu_ns;
    struct span_number numbers[SPAN_NUMBERS_MAX];
    enum span_kind kind;
    enum status status;
    enum span_key text_key;
    bool is_wasted; /* it went on after its work was told to stop */
    bool is_leaf;
    char name[SPAN_NAME_MAX];
    char text[SPAN_TEXT_MAX];
    char service[SPAN_SERVICE_MAX]; /* "": this process */
};

/* --- recording ------------------------------------------------------------------------------ */

struct span {
    const struct ctx *ctx;   /* for what happens within */
    struct ctx_scope *scope; /* NULL: nobody records */
    struct trace trace;
    struct span_log *log; /* borrowed */
    const char *name;
    uint64_t start_ns;
    uint64_t parent_id;
    bool is_opaque;
};

/* Begin a span below the context's; end it with span_end, once, on every path. `name` is a literal.
 * `ctx` and *ret_span stay where they are until then. Threads: each its own spans. */
void span_begin(const struct ctx *ctx, const char *name, struct span *ret_span);
/* The same, but what happens within is not recorded: for one of very many of its kind. */
void span_begin_opaque(const struct ctx *ctx, const char *name, struct span *ret_span);
void span_end(struct span *span, enum status status, const struct span_facts *facts); /* or NULL */

/* A span without parts that has just ended. */
void span_add(const struct ctx *ctx, const char *name, enum span_kind kind, uint64_t start_ns,
    enum status status, const struct span_facts *facts);

/* Whether somebody records: for what costs something to find out. */
bool span_is_on(const struct ctx *ctx);

/* --- the log -------------------------------------------------------------------------------- */

struct span_log; /* counted; any thread */

/* NULL when out of memory, which records nothing. */
MUST_USE struct span_log *span_log_new(void);
struct span_log *span_log_ref(struct span_log *log); /* accepts NULL, as the others */
void span_log_unref(struct span_log *log);

/* Keep a copy. Ids of 0 get one. Returns its id. */
uint64_t span_log_put(struct span_log *log, const struct span_record *record);

/* Put `record` in the place of the one with its id; keep it when there is none. */
void span_log_update(struct span_log *log, const struct span_record *record);

/* The span with this id. False: there is none. */
bool span_log_find(struct span_log *log, uint64_t id, struct span_record *ret_record);

/* Copy the spans from number `first` on, in the order in which they came. *ret_records is the
 * caller's, to free; NULL when there are none or no memory. Returns how many. */
size_t span_log_copy(struct span_log *log, size_t first, struct span_record **ret_records);
/* Look at each under the log's lock: `visit` must be quick. */
void span_log_each(struct span_log *log,
    void (*visit)(void *arg, const struct span_record *record, uint64_t now_ns), void *arg,
    uint64_t now_ns);
size_t span_log_count(struct span_log *log);
uint64_t span_log_dropped(struct span_log *log); /* for which there was no room */
void span_log_add_dropped(struct span_log *log, uint64_t n);
size_t span_log_bytes(struct span_log *log); /* of memory that it holds */
enum { SPAN_LOG_BYTES_MAX = 88 << 10 };      /* the most that can be */

/* The stages of work that goes on elsewhere, as it tells of them: each lasts until the next one.
 * Copies; `stage` may be a peer's. */
enum { SPAN_STAGES_MAX = 24 };
struct span_stage {
    char name[SPAN_NAME_MAX];
    uint64_t start_ns;
    uint64_t done;
    uint64_t total; /* 0: unknown */
};
void span_log_stage(
    struct span_log *log, const char *stage, uint64_t done, uint64_t total, uint64_t now_ns);
/* Returns how many there are, in order. */
size_t span_log_stages(struct span_log *log, struct span_stage stages[SPAN_STAGES_MAX]);

/* Spans that cannot be told yet, because a call that brings them home is under way. */
void span_log_expect(struct span_log *log, int change); /* 1, -1 */
bool span_log_is_whole(struct span_log *log);           /* nothing is expected */

/* --- helpers -------------------------------------------------------------------------------- */

/* "rows"; NULL: unknown. Static storage. Times are told in ms: "sum_ms". */
const char *span_key_word(enum span_key key);
bool span_key_is_text(enum span_key key);
bool span_key_is_time(enum span_key key);

/* A span id as a number, and back. */
uint64_t span_id_number(const uint8_t span_id[SPAN_ID_LEN]);
void span_id_put(uint64_t number, uint8_t span_id[SPAN_ID_LEN]);
uint64_t span_id_new(void);

/* Copy a text, cut to `size` bytes with its NUL. */
void span_copy_text(char *to, size_t size, const char *text);

/* Add a number if there is room. */
void span_record_number(struct span_record *record, enum span_key key, uint64_t value);
void span_record_text(struct span_record *record, enum span_key key, const char *text);

#endif
