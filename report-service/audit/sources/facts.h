/* What the sources hold about one site, as typed rows: the one input of rules and sections.
 *
 *     LIST_EACH(struct deviation, deviation, &facts->ctms.deviations) { … }
 *     facts_has(&facts->ctms, "deviation", "reported_ec_on")     false: "not provided by ctms"
 *
 * Rows are as of the report's moment: what was stamped later is not there, what happened to a row
 * later (a query's closing, a form's verification) is undone. Texts are borrowed from the source's
 * arena; NULL is SQL's NULL. Rules mark the rows that support them (`marks`, a bit a rule).
 *
 * Not here: SQL (edc*.c, ctms*.c), judgement (rules/). */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_H
#define WALKIE_AUDIT_SOURCES_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/kri/kri.h"
#include "audit/sources/facts_consent.h"
#include "audit/sources/facts_drug.h"
#include "audit/sources/facts_lab.h"
#include "audit/sources/facts_outcome.h"
#include "audit/sources/facts_staff.h"
#include "audit/sources/facts_study.h"
#include "audit/sources/facts_trail.h"
#include "audit/sources/list.h"
#include "audit/sources/rule_mask.h"
#include "base/arena.h"

/* The limits that audit-report.md sets: what is late, what is outstanding. */
enum {
    LATE_ENTRY_DAYS = 10,        /* entered more than so many days after the visit */
    OUTSTANDING_QUERY_DAYS = 30, /* not closed for more than so many days */
    VERIFICATION_DAYS = 60,      /* from a critical page's entry to its verification */
    SAE_REPORT_HOURS = 24,       /* from the site's awareness to the sponsor */
};

/* --- EDC ------------------------------------------------------------------------------------ */

struct subject {
    struct list_node node;
    int64_t id;
    int64_t site_id;
    const char *subject_no;
    const char *screened_on;
    const char *consent_on;
    const char *enrolled_on;
    const char *first_dose_on;
    const char *discont_on;
    const char *discont_reason;
    const char *treatment_reason;
    const char *arm; /* NULL in a blinded request */
    const char *rand_no;
    bool is_screen_failed;
    bool is_enrolled;
    bool is_completed;
    bool is_discontinued;
    bool is_treated;
    bool is_treatment_discontinued;
    int64_t days_on_study; /* 0: not enrolled or unknown */
    rule_mask marks;
};

/* A site of the study. */
struct site_number {
    struct list_node node;
    const char *site_no;
};

struct form_definition {
    struct list_node node;
    int64_t id;
    const char *oid;
    const char *name;
    bool is_critical;
    int64_t n_items; /* of this site, entered so far */
    int64_t n_changed_items;
    int64_t n_forms; /* entered */
    int64_t n_verified;
    int64_t n_partly_verified;
    rule_mask marks;
};

struct event_definition {
    struct list_node node;
    int64_t id;
    const char *name;
};

enum { VERIFICATION_NONE, VERIFICATION_PARTLY, VERIFICATION_DONE };

struct form {
    struct list_node node;
    int64_t id;
    int64_t event_id;
    const struct subject *subject;
    const struct event_definition *event;
    struct form_definition *definition;
    const char *visit_on;
    int64_t first_entry_at; /* 0: missing */
    int64_t lag_days;       /* entry after visit */
    bool has_lag;
    bool is_locked;
    bool is_signed;
    int verification;
    rule_mask marks;
};

struct query {
    struct list_node node;
    const struct subject *subject;
    const struct event_definition *event;
    const struct form_definition *definition;
    const char *origin;
    const char *text;
    int64_t opened_at;
    int64_t age_days; /* while not closed */
    bool is_closed;
    bool is_answered;
    rule_mask marks;
};

struct adverse_event {
    struct list_node node;
    const struct subject *subject;
    int64_t sequence;
    const char *term;
    const char *severity;
    const char *related;
    const char *outcome;
    const char *start_on;
    const char *end_on;
    int64_t grade; /* 0: unknown */
    int64_t aware_at;
    int64_t entered_at;
    bool is_serious;
    const struct sae_report *report; /* its counterpart in the CTMS; NULL: none */
    rule_mask marks;
};

/* --- CTMS ----------------------------------------------------------------------------------- */

struct deviation {
    struct list_node node;
    int64_t id;
    const char *subject_no;
    const char *category;
    const char *occurred_on;
    const char *found_on;
    const char *reported_ec_on;
    const char *description;
    const char *capa;
    bool is_important;
    bool is_open;
    rule_mask marks;
};

struct sae_report {
    struct list_node node;
    int64_t id;
    const char *subject_no;
    int64_t sequence; /* of the adverse event in the EDC; 0: none is named */
    int64_t aware_at;
    int64_t reported_sponsor_at;
    int64_t reported_ec_at;
    int64_t reported_ra_at;
    bool is_susar;
    const struct adverse_event *event; /* its counterpart in the EDC; NULL: none */
    rule_mask marks;
};

struct monitoring_visit {
    struct list_node node;
    const char *kind;
    const char *planned_on;
    const char *start_on;
    const char *monitor;
    const char *report_due_on;
    const char *report_done_on;
    rule_mask marks;
};

struct action_item {
    struct list_node node;
    const char *category;
    const char *severity;
    const char *text;
    const char *owner;
    const char *opened_on;
    const char *due_on;
    const char *closed_on;
    bool is_open;
    int64_t overdue_days; /* 0: not overdue */
    rule_mask marks;
};

/* An audit of the site that had begun by as_of. */
struct site_audit {
    struct list_node node;
    int64_t audit_no;
    const char *kind;
    const char *start_on;
    const char *end_on; /* NULL: not known, or later than as_of */
    const char *lead_auditor;
};

struct previous_finding {
    struct list_node node;
    int64_t audit_no;
    const char *audit_on;
    const char *rule_code;
    const char *grade;
    const char *area;
    const char *statement;
    const char *capa_due_on;
    const char *closed_on;
    bool is_open;
    int64_t overdue_days;
    rule_mask marks;
};

/* A person's regrade of a finding. In the order of time: the last one of a rule holds. */
struct regrade {
    struct list_node node;
    const char *rule_code;
    const char *old_grade; /* "rule": as the rule grades */
    const char *new_grade;
    const char *regraded_by;
    const char *reason;
    int64_t regraded_at;
};

/* --- both ----------------------------------------------------------------------------------- */

/* "table" or "table.column" that a source does not have. */
struct not_provided {
    struct list_node node;
    const char *name;
    const char *note;
};

/* An arm, a kit, lot or randomisation number, read only to keep it out of the report. */
struct treatment_text {
    struct list_node node;
    const char *text;
};

struct source_facts {
    const char *source; /* "edc", "ctms", "lab" */
    struct arena *arena;
    bool has_site;
    int64_t study_id;
    int64_t site_id;
    struct list not_provided;
    int64_t data_version;
    const char *extract_on;      /* the source's own "now"; NULL: it states none */
    int64_t latest_stamp_at;     /* up to as_of; 0: none */
    uint64_t n_rows;             /* read for this report */
    struct list treatment_texts; /* struct treatment_text; empty for an unblinded request */
};

struct edc_facts {
    struct source_facts base;
    const char *protocol_no;
    const char *title;
    const char *phase;
    const char *site_name;
    const char *country;
    struct list subjects; /* of the site */
    struct list form_definitions;
    struct list event_definitions;
    struct list forms;
    struct list queries;
    struct list adverse_events;
    struct list lab_values;           /* as entered; read when the laboratory is asked */
    struct list site_numbers;         /* of the study: what blinding leaves readable */
    const struct study_counts *study; /* all sites; NULL: section 5 is not wanted */
    struct list consents;             /* facts_consent.h; by subject, then by day */
    struct list visits;
    struct list consent_courses;
    struct list reconsents;
    struct list criteria;
    struct list eligibility_checks;
    struct trail_facts trail;
    struct list data_entry_people; /* facts_staff.h */
    struct list epro_responses;    /* facts_outcome.h */
    struct list image_series;
};

struct ctms_facts {
    struct source_facts base;
    const char *protocol_no;
    const char *title;
    const char *phase;
    const char *sponsor;
    const char *institution;
    const char *investigator;
    const char *country;
    const char *time_zone; /* an IANA name */
    const char *site_status;
    const char *activated_on;
    const char *enrolment_until; /* planned end of enrolment */
    int64_t plan_subjects;       /* 0: not planned */
    struct list deviations;
    struct list sae_reports;
    struct list visits;
    struct list action_items;
    struct list audits;
    struct list findings;
    struct list regrades;
    const struct study_deviations *study; /* the same; NULL as well: it has no deviations */
    struct list consent_versions;         /* facts_consent.h; by approval */
    struct list protocol_versions;
    struct list drug_movements; /* facts_drug.h */
    struct list kits;           /* by first movement */
    struct list drug_temperatures;
    double temperature_low; /* allowed; when n_temperature_limits is 2 */
    double temperature_high;
    int n_temperature_limits;
    struct list staff; /* facts_staff.h, in the order of their keys */
    struct list delegations;
    struct list trainings;
    struct list approved_versions;
    struct list training_gaps;
    struct list undelegated_tasks;
    struct list documents; /* facts_outcome.h */
};

/* The central laboratory's side of it. Empty unless it has answered. */
struct lab_facts {
    struct source_facts base; /* has_site: it has answered; latest_stamp_at: as of when */
    enum lab_outcome outcome;
    bool is_asked;
    int status_code;    /* REFUSED: the HTTP status */
    int64_t timeout_ms; /* that it had at most */
    struct list values;
};

/* One indicator over all sites: the values in the order of `edc.study->sites`. */
struct kri_result {
    struct kri_value *values; /* one a site */
    struct kri_study study;
    const char *source; /* that does not provide it; NULL: it is provided */
};

/* The same as of one day of the trend, and only what a report shows of it. */
struct kri_past {
    struct kri_value site; /* the report's */
    struct kri_study study;
};

struct audit_facts {
    const char *protocol_no; /* of the study that was chosen */
    const char *site_no;
    const char *as_of;    /* ISO date */
    int64_t as_of_day;    /* days since 1970-01-01 */
    int64_t as_of_end_ms; /* the last millisecond of that day, UTC */
    uint32_t sections;    /* bit n: section n is wanted */
    bool is_unblinded;    /* otherwise rows hold no arm, kit, lot or randomisation number */
    struct edc_facts edc;
    struct ctms_facts ctms;
    struct lab_facts lab;
    size_t n_kri_sites;
    size_t kri_site; /* index of the report's site; n_kri_sites: it is not in the EDC */
    struct kri_result kri[KRI_COUNT];
    int64_t kri_days[STUDY_DAYS]; /* of the trend, ascending; the last is as_of_day */
    struct kri_past kri_past[STUDY_DAYS][KRI_COUNT];
};

/* Whether the source holds the site and the table (and the column, unless NULL). */
bool facts_has(const struct source_facts *source, const char *table, const char *column);

/* A source by its name: "edc", "ctms", "lab". */
const struct source_facts *facts_source(const struct audit_facts *facts, const char *source);

/* The planned course of enrolment: from activation to its planned end, in a straight line. */
struct enrolment_plan {
    int64_t first_day;
    int64_t last_day;
    int64_t n_planned;
    double n_expected; /* by as_of */
};

/* False when the CTMS does not say how many, from when, or until when. */
bool facts_enrolment_plan(const struct audit_facts *facts, struct enrolment_plan *ret_plan);

/* Whether section `number` is wanted. */
bool facts_wants(const struct audit_facts *facts, int number);

#endif
