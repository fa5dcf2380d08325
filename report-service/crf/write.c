/* The phase "match": which problems no query tells yet. And the phase "write": those become
 * queries, each with its row of the audit trail. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "crf/run.h"
#include "schema/audit_append.h"
#include "schema/site_total.h"

/* Queries that are not closed, of checks. */
static const char KNOWN_SQL[] =
    "SELECT form_id, item_id, check_id FROM query"
    " WHERE check_id IS NOT NULL AND status IN ('open', 'answered') ORDER BY query_id";

static const char LAST_SQL[] = "SELECT coalesce(max(query_id), 0) FROM query";

static const char COLUMNS[] = "query_id,form_id,item_id,check_id,origin,status,opened_at,text";

enum {
    DAY_MS = 86400000,
    TEXT_MAX = 200,             /* bytes of what is written, with the NUL */
    CODE_SHOWN_MAX = 100,       /* bytes of a check's code in the audit trail */
    EXPRESSION_SHOWN_MAX = 150, /* bytes of an expression in a query */
    SLOTS_MIN = 1024,
    KNOWN_MAX = 1 << 24,
};

/* What makes two queries one. */
struct key {
    int64_t form_id;
    int64_t item_id; /* 0: none */
    int64_t check_id;
};

/* Keys that there are already; check_id 0 marks a free slot. */
struct key_set {
    struct key *slots; /* a power of two of them, at most half in use */
    size_t n_slots;
    size_t n_keys;
};

static struct key *find(struct key *slots, size_t n_slots, const struct key *key)
{
    uint64_t mixed = (uint64_t)key->form_id * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (uint64_t)key->item_id) * UINT64_C(0xC2B2AE3D27D4EB4F);
    mixed = (mixed ^ (uint64_t)key->check_id) * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(mixed >> 32) & (n_slots - 1);
    while (slots[at].check_id != 0 && memcmp(&slots[at], key, sizeof(*key)) != 0) {
        at = (at + 1) & (n_slots - 1);
    }
    return &slots[at];
}

static enum status grow(struct key_set *set)
{
    size_t n_slots = set->n_slots == 0 ? SLOTS_MIN : set->n_slots * 2;
    struct key *slots = n_slots > KNOWN_MAX ? NULL : calloc(n_slots, sizeof(*slots));
    if (slots == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < set->n_slots; i++) {
        if (set->slots[i].check_id != 0) {
            *find(slots, n_slots, &set->slots[i]) = set->slots[i];
        }
    }
    free(set->slots);
    set->slots = slots;
    set->n_slots = n_slots;
    return STATUS_OK;
}

static enum status add_key(struct key_set *set, const struct key *key, bool *ret_is_new)
{
    if (set->n_keys * 2 >= set->n_slots) {
        enum status status = grow(set);
        if (status != STATUS_OK) {
            return status;
        }
    }
    struct key *slot = find(set->slots, set->n_slots, key);
    *ret_is_new = slot->check_id == 0;
    set->n_keys += *ret_is_new;
    *slot = *key;
    return STATUS_OK;
}

static enum status on_known(void *arg, const struct db_rows *rows)
{
    bool is_new;
    const struct key key = {
        db_column_integer(rows, 0), db_column_integer(rows, 1), db_column_integer(rows, 2)};
    return add_key(arg, &key, &is_new);
}

static enum status on_last(void *arg, const struct db_rows *rows)
{
    *(int64_t *)arg = db_column_integer(rows, 0);
    return STATUS_OK;
}

struct matching {
    struct crf_run *run;
    struct key_set known;
    struct error *error;
};

static enum status match_problem(void *arg, const struct crf_problem *problem, const char *value)
{
    (void)value;
    struct matching *matching = arg;
    struct crf_run *run = matching->run;
    bool is_new = false;
    const struct key key = {
        problem->form_id, problem->item_id, study_checks(&run->study)[problem->check].id};
    enum status status = add_key(&matching->known, &key, &is_new);
    if (status != STATUS_OK) {
        return error_set(
            matching->error, status, "more than %d queries of checks are open", KNOWN_MAX / 2);
    }
    if (!is_new) {
        run->counts.n_known++;
        return STATUS_OK;
    }
    run->counts.n_opened++;
    uint32_t site = subjects_at(&run->subjects, problem->subject)->site;
    study_sites(&run->study)[site].n_opened++;
    status = problems_note_opened(run->problems, problem->number);
    return status == STATUS_OK ? status : error_set(matching->error, status, "out of memory");
}

enum status run_match(struct crf_run *run, const struct reader *reader)
{
    struct matching matching = {.run = run, .error = reader->error};
    enum status status = reader_rows(reader, KNOWN_SQL, NULL, 0, on_known, &matching.known);
    if (status == STATUS_OK) {
        status =
            run_each_problem(run, reader->ctx, "match", match_problem, &matching, reader->error);
    }
    free(matching.known.slots);
    return status;
}

struct writing {
    struct crf_run *run;
    const struct reader *reader;
    struct db_bulk *queries;
    struct audit_append *trail;
    int64_t user_id;
    int64_t now_ms;
    int64_t last_query_id;
};

static enum status begin(struct writing *writing)
{
    const struct reader *reader = writing->reader;
    enum status status = reader_rows(reader, LAST_SQL, NULL, 0, on_last, &writing->last_query_id);
    if (status == STATUS_OK) {
        status =
            audit_append_user(reader->ctx, reader->session, NULL, &writing->user_id, reader->error);
    }
    if (status == STATUS_OK) {
        status = db_bulk_open(
            reader->ctx, reader->session, "query", COLUMNS, &writing->queries, reader->error);
    }
    if (status == STATUS_OK) {
        status = audit_append_open(reader->ctx, reader->session, &writing->trail, reader->error);
    }
    return status;
}

static enum status add_trail(
    struct writing *writing, const struct crf_problem *problem, const struct crf_check *check)
{
    char told[TEXT_MAX];
    snprintf(told, sizeof(told), "query/%" PRId64 ": %.*s", writing->last_query_id,
        (int)utf8_fitting_len(check->code, CODE_SHOWN_MAX), check->code);
    const struct audit_row row = {.at = writing->now_ms,
        .user_id = writing->user_id,
        .action = "query",
        .form_id = problem->form_id,
        .item_id = problem->item_id,
        .new_value = told};
    return audit_append_add(writing->reader->ctx, writing->trail, &row, writing->reader->error);
}

static enum status open_query(void *arg, const struct crf_problem *problem, const char *value)
{
    (void)value;
    struct writing *writing = arg;
    const struct crf_check *check = &study_checks(&writing->run->study)[problem->check];
    if (!problems_is_opened(writing->run->problems, problem->number)) {
        return STATUS_OK;
    }
    char text[TEXT_MAX];
    snprintf(text, sizeof(text), "Does not hold: %.*s",
        (int)utf8_fitting_len(check->expression, EXPRESSION_SHOWN_MAX), check->expression);
    enum status status = db_bulk_add(writing->reader->ctx, writing->queries,
        (struct db_value[]){db_integer(++writing->last_query_id), db_integer(problem->form_id),
            problem->item_id == 0 ? db_null() : db_integer(problem->item_id), db_integer(check->id),
            db_text("system"), db_text("open"), db_integer(writing->now_ms),
            db_text(check->message == NULL ? text : check->message)},
        8, writing->reader->error);
    return status == STATUS_OK ? add_trail(writing, problem, check) : status;
}

/* The summaries count the new queries, and are of the new data version. */
static enum status count(const struct writing *writing)
{
    const struct reader *reader = writing->reader;
    const struct crf_study *study = &writing->run->study;
    enum status status = db_bulk_flush(reader->ctx, reader->session, reader->error);
    for (size_t i = 0; i < study_n_sites(study) && status == STATUS_OK; i++) {
        const struct crf_site *site = &study_sites(study)[i];
        if (site->n_opened > 0) {
            status = site_total_add_queries(reader->ctx, reader->session, site->id,
                writing->now_ms / DAY_MS, (int64_t)site->n_opened, reader->error);
        }
    }
    return status == STATUS_OK ? site_total_keep(reader->ctx, reader->session, reader->error)
                               : status;
}

enum status run_write(struct crf_run *run, const struct reader *reader, void *arg)
{
    (void)arg;
    struct writing writing = {
        .run = run, .reader = reader, .now_ms = (int64_t)(clock_epoch_us() / 1000)};
    enum status status = begin(&writing);
    if (status == STATUS_OK) {
        status = run_each_problem(run, reader->ctx, "write", open_query, &writing, reader->error);
    }
    if (status == STATUS_OK) {
        status = count(&writing);
    }
    db_bulk_free(writing.queries);
    audit_append_free(writing.trail);
    return status;
}
