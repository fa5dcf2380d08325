/* The demonstration study's cast: sites, people, schedule and words. Constant tables only. */
#ifndef WALKIE_IMPORT_DEMO_WORLD_H
#define WALKIE_IMPORT_DEMO_WORLD_H

#include <stddef.h>
#include <stdint.h>

enum { DEMO_STAFF = 6, DEMO_PROFILES = 12 };

/* What goes wrong at a site: planted on purpose, each listed in the manifest with the rule that
 * must find it. */
enum demo_problem {
    PROBLEM_CONSENT_AFTER_PROCEDURE,
    PROBLEM_CONSENT_VERSION,
    PROBLEM_RECONSENT_MISSING,
    PROBLEM_SAE_LATE,
    PROBLEM_SAE_NOT_IN_CTMS,
    PROBLEM_SAE_NOT_IN_EDC,
    PROBLEM_LATE_ENTRY,
    PROBLEM_MISSING_PAGES,
    PROBLEM_AE_UNDER_REPORTING,
    PROBLEM_DEVIATION_RATE,
    PROBLEM_DEVIATION_NOT_REPORTED,
    PROBLEM_OVERDUE_ACTIONS,
    PROBLEM_GCP_EXPIRED,
    PROBLEM_ENROLMENT_LAG,
    PROBLEM_LOW_SDV,
    PROBLEM_OLD_QUERIES,
    PROBLEM_OVERDUE_CAPA,
    PROBLEM_DOCUMENTS,
    PROBLEM_TEMPERATURE,
    PROBLEM_ELIGIBILITY,
    PROBLEM_NIGHT_EDITS,
    PROBLEM_NO_REASON,
    PROBLEM_DRUG_BALANCE,
    PROBLEM_EPRO,
    PROBLEM_CONSENT_NOT_APPROVED,
    PROBLEM_CONSENT_MISSING,
    PROBLEM_RECONSENT_LATE,
    PROBLEM_CRITERIA_UNANSWERED,
    PROBLEM_PROTOCOL_VERSION,
    PROBLEM_LAB_NOT_ENTERED,
    PROBLEM_LAB_UNKNOWN,
    PROBLEM_LAB_VALUE,
    PROBLEM_LAB_DATE,
    PROBLEM_LAB_FLAG,
    PROBLEM_KIT_EXPIRED,
    PROBLEM_KIT_NOT_ON_STUDY,
    PROBLEM_KIT_IMPOSSIBLE,
    PROBLEM_DOCUMENTS_EXPIRED,
    PROBLEM_DOCUMENTS_EXPIRING,
    PROBLEM_DOCUMENTS_ONE_FILE,
    PROBLEM_NOT_SIGNED,
    PROBLEM_SIGNED_LATE,
    PROBLEM_UNDELEGATED,
    PROBLEM_DATA_ENTRY,
    PROBLEM_CV_MISSING,
    PROBLEM_LICENCE_EXPIRED,
    PROBLEM_TRAINING_MISSING,
    PROBLEM_TRAINING_LATE,
    PROBLEM_TRAINING_VERSION,
    PROBLEM_EPRO_SHARED,
    PROBLEM_EPRO_LATER,
    PROBLEM_IMAGE_FAILED,
    PROBLEM_IMAGE_PENDING,
    PROBLEM_VISIT_REPORTS,
    PROBLEM_DEVIATION_UNDATED,
    PROBLEM_DEVIATION_NO_CAPA,
    PROBLEM_DEVIATION_PATTERN,
    PROBLEM_WEEKEND_EDITS,
    PROBLEM_AFTER_LOCK,
    PROBLEM_AFTER_SIGNATURE,
    PROBLEM_BULK_EDITS,
    PROBLEM_HASH_CHAIN,
    PROBLEM_FOREIGN_USER,
    PROBLEM_USER_SHARE,
    PROBLEM_REPEAT,        /* worked out: an earlier finding whose rule finds again */
    PROBLEM_INDICATOR_FAR, /* worked out, as the next one: what the rates come to */
    PROBLEM_INDICATOR_RAISED,
    PROBLEM_COUNT,
};

enum demo_language { LANGUAGE_EN, LANGUAGE_ZH };

struct demo_profile {
    const char *institution;
    const char *city;
    const char *country;
    const char *time_zone;
    int utc_offset_h;
    enum demo_language language;
    double weight;     /* subjects, as a share of the average */
    uint64_t problems; /* bit = demo_problem */
    const char
        *staff[DEMO_STAFF]; /* pi, sub-investigator, coordinator, coordinator, pharmacist, nurse */
};
extern const struct demo_profile DEMO_PROFILE[DEMO_PROFILES];
extern const char *const DEMO_STAFF_ROLE[DEMO_STAFF];

/* The schedule. Days count from the first dose, day 1. */
enum demo_event {
    EVENT_SCREENING,
    EVENT_DAY1,
    EVENT_WEEK2,
    EVENT_WEEK4,
    EVENT_WEEK8,
    EVENT_WEEK12,
    EVENT_WEEK16,
    EVENT_WEEK20,
    EVENT_WEEK24,
    EVENT_FOLLOW_UP,
    EVENT_COMMON,
    EVENT_COUNT,
};
struct demo_event_def {
    const char *oid;
    const char *name;
    int target_day;
    int window; /* days before and after */
};
extern const struct demo_event_def DEMO_EVENT[EVENT_COUNT];

enum demo_form {
    FORM_CONSENT,
    FORM_DEMOGRAPHICS,
    FORM_ELIGIBILITY,
    FORM_VITAL_SIGNS,
    FORM_LABORATORY,
    FORM_ECG,
    FORM_EXPOSURE,
    FORM_ACCOUNTABILITY,
    FORM_MEDICATION,
    FORM_ADVERSE_EVENT,
    FORM_END_OF_STUDY,
    FORM_COUNT,
};
enum { FORM_ITEMS_MAX = 5 };
struct demo_item_def {
    const char *oid; /* NULL: no more items */
    const char *label;
    const char *data_type; /* integer, float, text, date, code */
    const char *unit;
    double lo, hi;          /* both 0: no range */
    double mean, deviation; /* of made-up numbers */
    const char *codelist;   /* "M,F": one of these */
};
struct demo_form_def {
    const char *oid;
    const char *name;
    int critical;
    unsigned int events; /* bit = demo_event */
    struct demo_item_def items[FORM_ITEMS_MAX];
};
extern const struct demo_form_def DEMO_FORM[FORM_COUNT];

struct demo_term {
    const char *term[2]; /* by language */
    const char *pt;
    const char *soc;
    int can_be_serious;
};
extern const struct demo_term DEMO_TERM[];
extern const size_t DEMO_TERM_COUNT;

struct demo_test {
    const char *name;
    const char *unit;
    double lo, hi;
};
extern const struct demo_test DEMO_TEST[];
extern const size_t DEMO_TEST_COUNT;

struct demo_check {
    const char *code;
    int form; /* demo_form */
    const char *expr;
    const char *message;
    const char *severity;
};
extern const struct demo_check DEMO_CHECK[];
extern const size_t DEMO_CHECK_COUNT;

enum { QUERY_TEXTS = 6, DEVIATION_KINDS = 8, ACTION_KINDS = 6, DOCUMENT_KINDS = 12 };
extern const char *const DEMO_QUERY_TEXT[QUERY_TEXTS][2];

struct demo_deviation {
    const char *category;
    const char *text[2];
    double important; /* probability */
};
extern const struct demo_deviation DEMO_DEVIATION[DEVIATION_KINDS];

struct demo_action {
    const char *category;
    const char *severity;
    const char *text[2];
};
extern const struct demo_action DEMO_ACTION[ACTION_KINDS];

struct demo_document {
    const char *tmf_ref;
    const char *title;
    int years; /* until it expires; 0: never */
};
extern const struct demo_document DEMO_DOCUMENT[DOCUMENT_KINDS];

extern const char *const DEMO_MONITOR[4];

#endif
