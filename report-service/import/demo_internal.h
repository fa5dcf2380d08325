/* What the demo_*.c files share while one study is being made. One thread. */
#ifndef WALKIE_IMPORT_DEMO_INTERNAL_H
#define WALKIE_IMPORT_DEMO_INTERNAL_H

#include "base/arena.h"
#include "base/bytes.h"
#include "import/demo.h"
#include "import/demo_world.h"
#include "import/random.h"
#include "schema/calendar.h"

/* What happens to a fixed share of a site's things, in turn: chance would let small sites stray
 * beyond a rule's threshold now and then. */
enum demo_quota {
    QUOTA_SCREEN_FAILURE,
    QUOTA_LEAVING,
    QUOTA_STOPPING,
    QUOTA_LATE_PAGE,
    QUOTA_CHANGED_ITEM,
    QUOTA_MISSED_EPRO,
    DEMO_QUOTAS,
};

enum {
    DEMO_OLD_FINDINGS_MAX = 3 * DEMO_SITES_MAX,
    DEMO_SITE_NO_MAX = 8,        /* bytes of a site's number, with the NUL */
    DEMO_NO_MAX = 16,            /* bytes of a subject's or kit's number, with the NUL */
    DEMO_EXPIRED_KITS_MAX = 8,   /* of a site */
    DEMO_VALUE_MAX = 64,         /* bytes of an item's value, with the NUL */
    DEMO_LAB_LEN_MAX = 64 << 20, /* bytes of the laboratory's file */
    DEMO_MEMORY_MAX = 512 << 20, /* bytes of the audit trail before it is written */
};

struct trail; /* demo_trail.c: audit rows, collected, then written in the order of time */

/* One planted problem of the manifest. */
struct demo_planted {
    int site_number;
    enum demo_problem problem;
    int count;
};

/* One value of a page that an edit check must find. */
struct demo_crf_problem {
    int site_number;
    const char *check;
    char subject_no[DEMO_NO_MAX];
    enum demo_event event;
    enum demo_form form;
    const char *item;
};

/* What the values of a subject's next visit depend on. */
struct demo_course {
    int64_t subject_id; /* whose visits these are */
    double weight;      /* at the first visit; 0: not weighed yet */
    double last_weight; /* as entered */
    int last_dose;
};

/* A finding of an earlier audit: does its rule find again? */
struct demo_old_finding {
    int site_number;
    const char *rule;
};

/* What the indicators of a site are made of: counted as it is made, apart from the report. */
struct demo_counts {
    int n_screened;
    int n_failed;
    int n_left;
    int n_treated;
    int n_stopped; /* the drug */
    int n_events;
    int n_serious;
    int n_important; /* deviations */
    int n_other;
    int n_queries;
    int n_old_queries; /* not closed after 30 days */
    int n_dated_pages; /* entered, of a visit with a date */
    int n_late_pages;
    int n_items;
    int n_changed_items;
};

struct demo {
    const struct demo_options *options;
    struct dataset *dataset;
    struct arena *arena;
    struct random random;
    struct trail *trail;
    int as_of;           /* day */
    int64_t study_id[2]; /* by schema_kind */
    int64_t item_def_id[FORM_COUNT][FORM_ITEMS_MAX];
    int n_subjects; /* of all sites so far */
    struct demo_planted *planted;
    size_t n_planted;
    size_t n_planted_max;
    struct demo_crf_problem *crf_problems;
    size_t n_crf_problems;
    size_t n_crf_problems_max;
    bool has_crf_failed; /* out of memory */
    struct demo_course course;
    struct demo_old_finding old_findings[DEMO_OLD_FINDINGS_MAX];
    size_t n_old_findings;
    struct demo_tally *tallies; /* one a site: demo_indicators.c */
    struct buffer lab;          /* the laboratory's file so far */
    bool has_lab_failed;
};

struct demo_site {
    const struct demo_profile *profile;
    int number; /* 1, 2, … */
    char site_no[DEMO_SITE_NO_MAX];
    char institution[128];
    int64_t edc_id;
    int64_t ctms_id;
    int64_t pi_user;
    int64_t coordinator_user;
    int64_t monitor_user;
    const char *monitor;
    int64_t staff_id[DEMO_STAFF];
    int activated; /* day */
    int icf2_on;   /* day the second consent form was approved */
    int plan_subjects;
    int n_subjects; /* screened */
    int n_enrolled;
    int n_serious;
    int days_on_study; /* of all its subjects */
    int dosing_until;  /* day the delegation of dosing ended; CALENDAR_NONE */
    int n_drawn[DEMO_QUOTAS];
    int n_shared;                 /* questionnaires from one device so far */
    int n_alike[DEVIATION_KINDS]; /* important deviations by category */
    struct demo_counts counts;
    int expired_kit[DEMO_EXPIRED_KITS_MAX];
    int expired_on[DEMO_EXPIRED_KITS_MAX];
    int n_expired_kits;
    int n_wrong_dispensings;
    int64_t second_coordinator; /* who changes much at some sites */
    int n_changes;
    int n_second_changes;
    int n_foreign_changes;
    int n_bulk_changes;
    int n_after_lock;
    int n_after_signature;
    int n_tampered;
    uint64_t crf_planted; /* bit = row of demo_crf.c's plants */
};

struct demo_subject {
    struct demo_site *site;
    int64_t id;
    int number; /* in its site, from 1 */
    char subject_no[DEMO_NO_MAX];
    const char *status;
    const char *reason; /* of leaving; NULL */
    const char *consent_version;
    const char *sex;
    int birth_year;
    int screened; /* days; CALENDAR_NONE where it did not happen */
    int consented;
    int day1;
    int last_dose;
    int left; /* discontinued */
    int last_seen;
    bool has_stopped_drug;
    int visit_on[EVENT_COUNT];
    int64_t event_id[EVENT_COUNT];
};

static inline bool has_problem(const struct demo_site *site, enum demo_problem problem)
{
    return (site->profile->problems >> problem & 1U) != 0;
}

/* Epoch ms of an hour and minute, local time, on a day at the site. */
int64_t demo_stamp(const struct demo_site *site, int day, int hour, int minute);
/* The same at some minute of the working day. */
int64_t demo_work_stamp(struct demo *demo, const struct demo_site *site, int day);

/* Write down that a problem was planted `count` times at the site. */
void demo_plant(
    struct demo *demo, const struct demo_site *site, enum demo_problem problem, int count);
void demo_plant_at(struct demo *demo, int site_number, enum demo_problem problem, int count);

/* Whether the next one of the site is among the `part` of every `whole`; spread evenly. */
bool demo_quota(struct demo_site *site, enum demo_quota quota, int part, int whole);

/* demo_indicators.c: what the rates of all sites come to, once all are made. Errors: none; a site
 * without memory for it has none. */
struct demo_tally;
struct demo_tally *demo_tally_new(int n_sites);
void demo_tally_free(struct demo_tally *tallies); /* accepts NULL */
void demo_tally_keep(struct demo *demo, const struct demo_site *site);
void demo_plant_indicators(struct demo *demo);

/* demo_subject.c */
void demo_add_subjects(struct demo *demo, struct demo_site *site);
/* demo_consent.c: what was signed is decided first, written when the visits are known */
void demo_decide_consent(struct demo *demo, struct demo_subject *subject);
void demo_add_consents(struct demo *demo, const struct demo_subject *subject);
void demo_add_eligibility(struct demo *demo, const struct demo_subject *subject);
/* One page on its way into the database. */
struct demo_page {
    const struct demo_subject *subject;
    enum demo_form form;
    int64_t form_id;
    int day; /* of the visit */
    int64_t entered_at;
    enum demo_event event;
};

struct demo_item {
    int64_t id;
    char value[DEMO_VALUE_MAX];
    int n_changes;
};

/* What the monitor, the investigator and the data manager did with the page. */
struct demo_review {
    const char *status;
    int sdv_status;
    int64_t sdv_at;
    int64_t signed_at;
    int64_t locked_at;
};

/* demo_change.c */
/* The item's history: first entry, then every change. Returns when it was last changed. */
int64_t demo_add_changes(struct demo *demo, const struct demo_page *page, struct demo_item *item);
/* Changes that should not have been: after lock, after signature. Returns as above. */
int64_t demo_change_reviewed(struct demo *demo, const struct demo_page *page,
    struct demo_item *item, struct demo_review *review, int64_t changed_at);
/* Plant what only the whole site shows: shares and bursts. */
void demo_plant_changes(struct demo *demo, const struct demo_site *site);

/* demo_crf.c: a made-up value becomes one that the edit checks agree with, or, at some sites, one
 * that they must find. `items` are those of the page so far, `index` the one whose value it is.
 * Draws no random number. */
void demo_settle_value(struct demo *demo, const struct demo_page *page,
    const struct demo_item items[FORM_ITEMS_MAX], int index, char value[DEMO_VALUE_MAX]);

/* demo_form.c */
void demo_add_forms(struct demo *demo, const struct demo_subject *subject);
void demo_add_adverse_event_form(struct demo *demo, const struct demo_subject *subject,
    int repeat_no, int day, const char *term, bool is_serious);
/* demo_safety.c */
void demo_add_safety(struct demo *demo, struct demo_subject *subject);
void demo_add_outcomes(struct demo *demo, const struct demo_subject *subject);
/* demo_centre.c, demo_drug.c */
void demo_add_centre(struct demo *demo, struct demo_site *site);
void demo_add_oversight(struct demo *demo, struct demo_site *site);
void demo_add_drug(struct demo *demo, const struct demo_site *site);
void demo_dispense(struct demo *demo, const struct demo_subject *subject);
void demo_dispense_wrongly(struct demo *demo, const struct demo_subject *subject);

/* demo_lab.c: a result as the central laboratory has it. Errors: RESOURCE_EXHAUSTED, UNAVAILABLE.
 */
void demo_add_lab_result(struct demo *demo, const struct demo_subject *subject,
    enum demo_event event, size_t test, double value, const char *flag);
enum status demo_begin_lab(struct demo *demo);
enum status demo_write_lab(const struct demo *demo, struct error *ret_error);

/* demo_trail.c */
struct trail_entry {
    int64_t at;
    int64_t user_id;
    const char *action;
    int64_t form_id;
    int64_t item_id;
    const char *old_value; /* copied */
    const char *new_value; /* copied */
    const char *reason;    /* a literal */
    bool is_tampered;      /* written with another value than the chain has */
};
struct trail *trail_new(struct arena *arena);
void trail_free(struct trail *trail);
void trail_add(struct trail *trail, const struct trail_entry *entry);
/* Sort, chain and write all rows. Errors: RESOURCE_EXHAUSTED when one did not fit in memory. */
enum status trail_write(struct demo *demo, struct error *ret_error);

/* demo_manifest.c: earlier findings whose rules are planted again, once all sites are made. */
void demo_plant_repeats(struct demo *demo);
/* Errors: UNAVAILABLE. */
enum status demo_write_manifest(const struct demo *demo, struct error *ret_error);

#endif
