/* What the steps share: a job, its responses, and what is stored of the patient. For the files of
 * this folder alone. */
#ifndef WALKIE_EPRO_INTERNAL_H
#define WALKIE_EPRO_INTERNAL_H

#include "base/arena.h"
#include "crypto/sha256.h"
#include "epro/coding.h"
#include "epro/epro.h"
#include "epro/fhir.h"
#include "epro/moment.h"
#include "epro/reason.h"
#include "epro/score.h"

enum {
    EPRO_ISSUES_MAX = 64,      /* kept of one response; what comes after adds nothing new */
    EPRO_ISSUES_REJECTING = 8, /* … of which are for those that reject it */
    EPRO_NEAR_DAYS = 28,       /* a due date farther away than this is not meant */
    EPRO_WINDOW_DAYS = 3,      /* before and after a due date that has no window of its own */
    EPRO_DAY_AHEAD_S = 50400,  /* a day begins somewhere up to 14 h before it does in UTC */
    EPRO_CLOCK_SKEW_S = 300,   /* a device's clock may be so much ahead */
    EPRO_EVENTS_MAX = 1000,    /* events of a study that are looked at */
    EPRO_STATE_MEMORY_MAX = 64 << 20, /* bytes of what is read again before it is written */
};

/* --- what is stored ------------------------------------------------------------------------- */

struct epro_stored_answer {
    struct epro_stored_answer *next;
    const char *link_id;
    const char *value; /* NULL: none */
};

/* epro_alert.kind of a total; those of items are the instruments'. */
#define EPRO_ALERT_OF_TOTAL "severe_score"

struct epro_stored_alert {
    struct epro_stored_alert *next; /* an older one */
    int64_t id;
    const char *kind;
    const char *link_id; /* NULL: of the total */
    bool has_value;
    double value;
    bool is_closed;
    const char *closed_reason; /* NULL: open */
};

/* A row of epro_response. */
struct epro_stored {
    int64_t id;
    const char *instrument_word;
    const struct epro_instrument *instrument; /* NULL: not known */
    const struct epro_event *event;           /* NULL: none */
    const char *due_on;                       /* NULL: none */
    bool has_due_day;                         /* the date is complete */
    int64_t due_day;
    int64_t submitted_at; /* 0: there is no response yet */
    const char *status;
    bool has_score;
    double score;
    const char *external_id;
    const char *content_hash;
    const char *severity;
    const char *profile;
    bool has_n_missing;
    int64_t n_missing;
    struct epro_stored_answer *answers;
    struct epro_stored_alert *alerts;
};

/* A row of event_def that has a day. */
struct epro_event {
    int64_t id;
    const char *name;
    bool has_target_day;
    int64_t target_day;
    int64_t before;
    int64_t after;
};

struct epro_state {
    struct epro_patient patient;
    bool has_first_dose;
    int64_t first_dose_day;
    size_t n_events;
    struct epro_event *events;
    size_t n_stored;
    struct epro_stored *stored;  /* by key */
    char digest[SHA256_HEX_MAX]; /* of all of it, as it was read */
};

/* state.c. Read what is stored of one patient. Errors: RESOURCE_EXHAUSTED, the database's. */
MUST_USE enum status epro_state_read(const struct ctx *ctx, struct db_session *session,
    int64_t subject_id, struct arena *arena, struct epro_state *ret_state, struct error *ret_error);

/* patient.c. The one patient that the request means. Errors: as epro_load. */
MUST_USE enum status epro_patient_find(const struct ctx *ctx, struct db_session *session,
    const struct epro_request *request, int64_t *ret_subject_id, struct error *ret_error);

/* --- responses ------------------------------------------------------------------------------ */

/* Where a response belongs in time. */
struct epro_slot {
    struct epro_stored *stored;     /* the row that waits for it; NULL: none */
    const struct epro_event *event; /* NULL: none */
    bool has_due_day;
    int64_t due_day;
    int64_t days_off; /* before the window < 0, after it > 0 */
};

struct epro_response {
    struct epro_fhir fhir;      /* as it came */
    struct epro_result *result; /* what is told of it */
    struct epro_issue *issues;  /* result->issues, growing */
    size_t issues_capacity;
    const struct epro_instrument *instrument; /* NULL: not known */
    bool is_rejected;
    bool is_same;                    /* stored already, exactly so */
    bool is_amendment;               /* of slot.stored, which has a response already */
    bool is_settled;                 /* has its place beside the others of the job */
    struct epro_response *same_seat; /* another one that has, in the same list of `seats` */
    struct epro_moment moment;
    struct epro_slot slot;
    double values[EPRO_ITEMS_MAX];
    bool has_value[EPRO_ITEMS_MAX];
    bool has_said_total;
    double said_total;
    char content_hash[SHA256_HEX_MAX];
};

struct epro_job {
    struct db *db;
    const struct epro_request *request;
    struct arena *arena;
    struct sha256 *digest;
    int64_t now_ms;
    int step; /* that was begun last */
    bool is_from_database;
    struct epro_state state;
    size_t n_responses;
    struct epro_response *responses;
    struct epro_response **seats; /* n_responses lists of those that have their place, by day */
    struct epro_report report;
};

/* job.c */
MUST_USE enum status epro_out_of_memory(struct error *ret_error);

/* Whether the step may go on with response `done`: a checkpoint every EPRO_POLL_RESPONSES. */
MUST_USE enum status epro_poll(
    const struct ctx *ctx, struct epro_job *job, uint64_t done, struct error *ret_error);

/* note.c. Note an issue; `zero` and `one` fill {0} and {1} of its words (NULL: nothing). A lack
 * of memory shows in the arena. */
void epro_note(struct epro_job *job, struct epro_response *response, enum epro_issue_kind kind,
    const char *link_id, const char *zero, const char *one);

/* … whose words quote a reason, which `zero` and `one` fill. */
void epro_note_reason(struct epro_job *job, struct epro_response *response,
    enum epro_issue_kind kind, enum epro_reason reason, const char *zero, const char *one);

/* schedule.c. The slot of a response that was filled in on `day`. */
void epro_schedule_find(const struct epro_state *state, const struct epro_instrument *instrument,
    int64_t day, struct epro_slot *ret_slot);

/* The slot of a row that is stored. */
void epro_schedule_of(struct epro_stored *stored, int64_t day, struct epro_slot *ret_slot);

/* items.c. The answers of a response as values of its instrument's items, with their issues. */
void epro_read_items(struct epro_job *job, struct epro_response *response);

/* "moderate" and "moderate", NULL and NULL. */
bool epro_is_same_text(const char *a, const char *b);

#endif
