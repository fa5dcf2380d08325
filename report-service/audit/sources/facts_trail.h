/* What the EDC's audit trail says about one site: who changed what, when and why, against locks and
 * signatures; and whether the trail itself is whole. Part of facts.h; the same rules hold.
 *
 *     LIST_EACH(struct trail_change, change, &facts->edc.trail.changes) { … }
 *
 * Rows come from edc_trail.c and edc_chain.c; local times, bursts and shares are worked out in
 * trail_course.c. */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_TRAIL_H
#define WALKIE_AUDIT_SOURCES_FACTS_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/sources/facts_study.h"
#include "audit/sources/list.h"
#include "audit/sources/rule_mask.h"
#include "audit/sources/time_zone.h"

struct subject;
struct event_definition;
struct form_definition;

enum {
    NIGHT_FROM_HOUR = 1, /* local time */
    NIGHT_TO_HOUR = 5,
    HOURS = 24,
    LATE_CHANGE_DAYS = 30,   /* after the visit */
    BEFORE_LOCK_DAYS = 7,    /* changed in the last days before the page was locked */
    BULK_CHANGES_MIN = 10,   /* late changes of one user … */
    BULK_MINUTES = 60,       /* … within so many minutes are one burst */
    USER_CHANGES_MIN = 20,   /* fewer changes say nothing about a user */
    CHAIN_BREAKS_MAX = 1000, /* that are kept; further ones are counted */
};

/* More of the site's changes than of its entries, by this share: unusual. */
#define USER_SHARE_DIFFERENCE 0.3

struct trail_user {
    struct list_node node;
    int64_t id;
    const char *name; /* NULL: not known */
    const char *role;
    int64_t n_entries;
    int64_t n_changes;
    int64_t n_night;
    int64_t n_unexplained;
    double entry_share; /* of the site's */
    double change_share;
    bool is_unusual; /* USER_SHARE_DIFFERENCE */
    bool is_foreign; /* changed data, and is none of the site's people nor the system */
    rule_mask marks;
};

enum trail_action { TRAIL_INSERT, TRAIL_UPDATE, TRAIL_DELETE };

/* A value changed or deleted; or entered after its page was locked. */
struct trail_change {
    struct list_node node;
    int64_t audit_id;
    int64_t at;
    enum trail_action action;
    struct trail_user *user;
    const struct subject *subject;
    const struct event_definition *event;
    const struct form_definition *definition;
    const char *item;
    const char *old_value;
    const char *new_value;
    const char *reason; /* NULL: none, or a blank one */
    int64_t form_id;
    int64_t late_days;       /* after the visit; only when has_visit */
    struct local_time local; /* only when the site's time zone is known */
    bool has_visit;
    bool is_before_lock; /* by BEFORE_LOCK_DAYS at most */
    bool is_after_lock;
    bool is_after_signature; /* and not signed again */
    bool is_night;
    bool is_day_off;
    const struct trail_burst *burst; /* NULL: none */
    rule_mask marks;
};

/* When a value was first entered. */
struct trail_entry {
    struct list_node node;
    int64_t at;
};

/* Many late changes of one user in a short time. */
struct trail_burst {
    struct list_node node;
    const struct trail_user *user;
    int64_t from_at;
    int64_t to_at;
    int64_t n_changes;
    int64_t n_forms;
    int64_t n_subjects;
    rule_mask marks;
};

enum chain_break_kind {
    CHAIN_ROW_CHANGED, /* the row's hash is not that of its content */
    CHAIN_LINK_BROKEN, /* the row before it was changed, taken out or put in */
};

struct chain_break {
    int64_t audit_id;
    int64_t at;
    int64_t form_id;        /* 0: none */
    int64_t before_form_id; /* of the row before it */
    enum chain_break_kind kind;
};

/* The chain of the whole database, verified once for each version of the data. */
struct chain_facts {
    struct study_facts facts;
    int64_t n_rows;
    int64_t n_unchained; /* rows without a hash, which are breaks unless all are */
    int64_t n_breaks;
    size_t n_kept;
    struct chain_break breaks[CHAIN_BREAKS_MAX];
};

/* A break that touches this site, or no site that can be told. */
struct site_chain_break {
    struct list_node node;
    struct chain_break found;
    const struct subject *subject; /* of the row; NULL: of another site, or none */
    rule_mask marks;
};

struct trail_facts {
    struct list users;   /* who entered, changed, verified, signed or locked here */
    struct list changes; /* page by page, then by time */
    struct list entries;
    struct list bursts;
    struct list breaks; /* struct site_chain_break */
    int64_t n_breaks_elsewhere;
    bool is_chain_verified;            /* the trail has hashes, and they were followed */
    bool has_local_time;               /* the site's time zone is known */
    int64_t activity[WEEKDAYS][HOURS]; /* entries and changes, by local time */
};

#endif
