/* Reading one source: a session, an arena for its facts, and rows handed to a function each.
 *
 *     status = fetch_rows(ctx, fetch, SQL, (struct db_value[]){db_integer(site_id)}, 1, on_row);
 *
 * One fetch belongs to one thread at a time. A checkpoint every FETCH_ROWS_PER_CHECKPOINT rows. */
#ifndef WALKIE_AUDIT_SOURCES_FETCH_H
#define WALKIE_AUDIT_SOURCES_FETCH_H

#include "audit/audit.h"
#include "audit/sources/facts.h"

enum {
    FETCH_ROWS_PER_CHECKPOINT = 256,
    SITE_CANDIDATES_MAX = 64, /* studies that share a site number */
};

struct study_cache;
struct study_run;

/* A study that has a site of the wanted number. */
struct site_candidate {
    struct list_node node;
    const char *protocol_no;
    int64_t study_id;
    int64_t site_id;
};

struct fetch {
    struct db *db;
    struct db_session *session;
    struct source_facts *base;
    struct audit_facts *facts;
    const struct audit_request *request;
    const char *stage; /* "fetch:edc" */
    struct list candidates;
    int64_t last_day; /* the source's own "now", or its latest stamp's day */
    bool has_last_day;
    int64_t summary_version;         /* the data version that site_total was made for; 0: none */
    struct study_cache *study_cache; /* NULL: none */
    struct db_stamp stamp;           /* of the snapshot's file; len 0: there are no stamps */
    bool is_stamp_uncertain;         /* the file changed while the snapshot was taken */
    struct study_run *study;         /* while study-wide rows are read */
    void *run;                       /* what other rows need on their way into the facts */
    const char *cache_outcome;       /* how the study-wide facts came; NULL: they are not wanted */
    struct error error;
};

/* Takes the current row. Not called again after anything but OK. */
typedef enum status fetch_row_fn(struct fetch *fetch, const struct db_rows *rows);

MUST_USE enum status fetch_rows(const struct ctx *ctx, struct fetch *fetch, const char *sql,
    const struct db_value *values, size_t n_values, fetch_row_fn *on_row);

/* A zeroed object for a row; NULL when memory has run out (fetch_out_of_memory says so). */
void *fetch_new(struct fetch *fetch, size_t size);
enum status fetch_out_of_memory(struct fetch *fetch);

/* A column as the facts want it: copied text; a date, NULL when it is none; a stamp not later than
 * as_of, else 0. */
const char *fetch_text(struct fetch *fetch, const struct db_rows *rows, int column);
const char *fetch_date(struct fetch *fetch, const struct db_rows *rows, int column);
int64_t fetch_stamp(const struct fetch *fetch, const struct db_rows *rows, int column);

/* Whether a column holds this very word. */
bool fetch_is_word(const struct db_rows *rows, int column, const char *word);

/* The site's subject of this key; NULL when it is none, or was screened after as_of. Rows come
 * subject by subject, so the one `before` is tried first; it may be NULL. */
const struct subject *fetch_subject(
    const struct fetch *fetch, const struct subject *before, int64_t subject_id);

/* Whether a date has come by as_of. NULL: `when_unknown`. */
bool fetch_has_come(const struct fetch *fetch, const char *date, bool when_unknown);

/* Step 1, a context task: open the snapshot, read meta and provided, find the site's candidates. */
enum status fetch_locate(const struct ctx *ctx, void *fetch);

/* Step 2, context tasks: read the facts of the chosen site as of the chosen day. */
enum status fetch_edc(const struct ctx *ctx, void *fetch);
enum status fetch_ctms(const struct ctx *ctx, void *fetch);

/* The EDC's latest stamp up to the day, of all its studies: base->latest_stamp_at. */
MUST_USE enum status fetch_edc_stamp(const struct ctx *ctx, struct fetch *fetch);

/* The site's forms and queries. */
MUST_USE enum status fetch_edc_forms(const struct ctx *ctx, struct fetch *fetch);

/* Signatures and visits, eligibility criteria; the approved versions of their documents. */
MUST_USE enum status fetch_edc_consent(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status fetch_edc_eligibility(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status fetch_ctms_versions(const struct ctx *ctx, struct fetch *fetch);

/* The site's movements of study drug. */
MUST_USE enum status fetch_ctms_drug(const struct ctx *ctx, struct fetch *fetch);

/* The definitions, which all that follows names pages and visits by; one of them, NULL: none. */
MUST_USE enum status fetch_edc_definitions(const struct ctx *ctx, struct fetch *fetch);
struct form_definition *fetch_form_definition(const struct fetch *fetch, int64_t id);
const struct event_definition *fetch_event_definition(const struct fetch *fetch, int64_t id);

/* The audit trail of the site's pages, and whether the whole trail's chain holds. */
MUST_USE enum status fetch_edc_trail(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status fetch_edc_chain(const struct ctx *ctx, struct fetch *fetch);

/* Say that the source does not provide a column, for a reason that the data show. */
MUST_USE enum status fetch_say_missing(struct fetch *fetch, const char *name, const char *note);

/* Treatment data that a blinded report must not say; nothing for an unblinded one. */
MUST_USE enum status fetch_edc_treatment(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status fetch_ctms_treatment(const struct ctx *ctx, struct fetch *fetch);

/* The site's people, their delegations and trainings; its essential documents. */
MUST_USE enum status fetch_ctms_staff(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status fetch_ctms_documents(const struct ctx *ctx, struct fetch *fetch);

/* Questionnaires and image series; who of the site entered data.
 * After the subjects. */
MUST_USE enum status fetch_edc_outcomes(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status fetch_edc_data_entry(const struct ctx *ctx, struct fetch *fetch);

/* Whether site_total (schema/site_total.h) is there and of this very data. */
bool fetch_has_summary(const struct fetch *fetch);

/* One step of a fetch: run when one of its sections is wanted. */
struct fetch_step {
    uint32_t sections;
    enum status (*run)(const struct ctx *ctx, struct fetch *fetch);
};
MUST_USE enum status fetch_run_steps(
    const struct ctx *ctx, struct fetch *fetch, const struct fetch_step *steps, size_t n_steps);

#define SECTION_BIT(number) (UINT32_C(1) << (number))

#endif
