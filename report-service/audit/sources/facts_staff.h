/* What the sources hold about a site's people: who they are, what was delegated to them, what they
 * were trained in, and the gaps between the three. Part of facts.h; the same rules hold.
 *
 *     LIST_EACH(struct training_gap, gap, &facts->ctms.training_gaps) { … }
 *
 * Rows come from ctms_staff.c; gaps and undelegated tasks are worked out in staff_gaps.c. */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_STAFF_H
#define WALKIE_AUDIT_SOURCES_FACTS_STAFF_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/sources/list.h"
#include "audit/sources/rule_mask.h"

enum { RETRAINING_DAYS = 30 }; /* from a version's approval to being trained in it */

struct staff_member {
    struct list_node node;
    int64_t id;
    const char *name;
    const char *role;
    const char *cv_on;
    const char *gcp_cert_on;
    const char *gcp_expires_on;
    const char *licence_expires_on;
    int64_t delegated_from; /* day of the first delegation; only when has_tasks */
    int64_t delegated_to;   /* last day of the last one, as_of at most */
    bool has_tasks;
    bool has_tasks_now;
    bool is_gcp_expired; /* by as_of */
    bool is_licence_expired;
    rule_mask marks;
};

struct delegation {
    struct list_node node;
    struct staff_member *staff;
    const char *task;
    const char *from_on;
    const char *to_on; /* NULL: not ended by as_of */
    const char *pi_signed_on;
    int64_t from_day;
    int64_t to_day; /* as_of at most */
    rule_mask marks;
};

struct training {
    struct list_node node;
    const struct staff_member *staff;
    const char *topic;
    const char *version;
    const char *done_on; /* NULL: not done by as_of */
};

/* A version of the protocol or of the consent form that the ethics committee approved. */
struct approved_version {
    struct list_node node;
    const char *topic; /* "protocol", "icf": as in training */
    const char *version;
    const char *approved_on;
};

enum training_gap_kind {
    TRAINING_GAP_NONE_DONE, /* tasks that need it, and it was never done */
    TRAINING_GAP_LATE,      /* done after the first task that needs it was delegated */
    TRAINING_GAP_VERSION,   /* a new version came, and it was not done, or too late */
};

struct training_gap {
    struct list_node node;
    const struct staff_member *staff;
    enum training_gap_kind kind;
    const char *topic;
    const char *version;     /* VERSION; else NULL */
    const char *required_on; /* by when */
    const char *done_on;     /* NULL: not done */
    rule_mask marks;
};

/* Something done for a subject on a day on which its task was delegated to nobody. */
struct undelegated_task {
    struct list_node node;
    const char *subject_no;
    const char *task;
    const char *done_on;
    rule_mask marks;
};

/* A person of the site who entered or changed data in the EDC. */
struct data_entry_person {
    struct list_node node;
    const char *name;
    int64_t first_at;
    int64_t last_at;
    int64_t n_changes; /* insertions and updates */
    bool is_delegated; /* for data entry, from the first change to the last */
    bool is_on_log;    /* at all */
    rule_mask marks;
};

#endif
