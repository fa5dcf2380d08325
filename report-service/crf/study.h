/* What is the same for all subjects of a validation: sites, visits, forms, items, and the edit
 * checks, each compiled once. Private to crf/.
 *
 *     status = study_load(&reader, &scope, arena, &study);     which study, its definitions
 *     status = study_compile(&reader, &study);                 its checks
 *
 * Everything lives in the arena, or in the study's arrays (study_finish). Not here: subjects. */
#ifndef WALKIE_CRF_STUDY_H
#define WALKIE_CRF_STUDY_H

#include "base/bytes.h"
#include "crf/id_index.h"
#include "crf/language/check.h"
#include "crf/reader.h"

enum {
    STUDY_MEMORY_MAX = 64 << 20, /* bytes of a study's names and programs, and of each array */
    STUDY_CHECKS_MAX = 20000,    /* active checks of a study */
    STUDY_NAMES_MAX = 300,       /* bytes of the studies that a message names */
};

#define STUDY_NO_SLOT UINT32_MAX /* of an item that no check needs */

struct crf_scope {
    const char *study;      /* protocol number; NULL: the only study that has the site */
    const char *site_no;    /* NULL: all sites of the study */
    const char *subject_no; /* NULL: all subjects */
};

struct crf_site {
    int64_t id;
    const char *site_no;
    const char *name;  /* NULL: unknown */
    uint64_t n_opened; /* queries, by the write */
};

/* What is beside a check_event of the same place. */
struct crf_visit {
    int64_t ordinal; /* of the schedule; those without one come last */
    struct check_value target_day;
};

/* What is beside a check_form of the same place. */
struct crf_form_def {
    size_t first_item;  /* in study.items */
    uint32_t n_slots;   /* items that some check needs */
    size_t first_check; /* in study.by_form */
    size_t n_checks;
};

struct crf_item {
    uint32_t form;
    uint32_t slot; /* place of its values in a form; STUDY_NO_SLOT */
    enum check_kind kind;
};

struct crf_check {
    int64_t id;
    const char *code;
    const char *message; /* NULL: the check has none */
    const char *severity;
    const char *expression;
    size_t form;          /* it is run on forms of this definition; CHECK_NO_FORM: not compiled */
    bool is_once_a_visit; /* belongs to no form: run on the first one of the visit */
    bool is_compiled;
    struct check_program program;
    struct check_error error;
    uint64_t n_evaluated;
    uint64_t n_not_applicable;
    uint64_t n_too_costly;
    uint64_t n_problems;
};

struct crf_study {
    struct arena *arena; /* borrowed */
    int64_t id;
    const char *protocol_no;
    int64_t site_id;        /* of a site's run; 0: all */
    const char *subject_no; /* of a subject's; borrowed; NULL: all */
    const char *source;     /* "demo", "clindata"; NULL: not said */
    const char *as_of;      /* NULL: not said */
    int64_t data_version;   /* of the snapshot */
    bool has_values;        /* false: item_data.value is not provided */
    bool has_checks;
    bool lacks[CHECK_PROPERTY_COUNT]; /* properties whose column is not provided */
    struct buffer sites;              /* of crf_site, in the order of keys */
    struct buffer visits;             /* of crf_visit */
    struct buffer forms;              /* of crf_form_def */
    struct buffer items;              /* of crf_item, form by form */
    struct buffer checks;             /* of crf_check, by code */
    struct buffer by_form;            /* of size_t: numbers of checks, form by form */
    struct buffer events;             /* of check_event */
    struct buffer check_forms;        /* of check_form */
    struct buffer check_items;        /* of check_item */
    struct id_index site_index;
    struct id_index visit_index;
    struct id_index form_index;
    struct id_index item_index;
    struct check_schema schema;
    uint32_t n_studies; /* while the study is looked for */
    char studies[STUDY_NAMES_MAX];
};

/* Errors: NOT_FOUND (no such study or site; names it), FAILED_PRECONDITION (the site number is in
 * several studies; names them), RESOURCE_EXHAUSTED (STUDY_MEMORY_MAX); the context's and the
 * database's. */
MUST_USE enum status study_load(const struct reader *reader, const struct crf_scope *scope,
    struct arena *arena, struct crf_study *study);

/* A check that does not compile is no error: it says so itself. Errors: RESOURCE_EXHAUSTED
 * (STUDY_MEMORY_MAX, STUDY_CHECKS_MAX), the context's and the database's. */
MUST_USE enum status study_compile(const struct reader *reader, struct crf_study *study);

/* The expression as the only check, instead of the study's own. Errors: INVALID_ARGUMENT (it does
 * not compile, there is no such form; in the reader's error), RESOURCE_EXHAUSTED. */
MUST_USE enum status study_compile_single(const struct reader *reader, struct crf_study *study,
    const char *form_oid, const char *expression);

void study_finish(struct crf_study *study); /* accepts one that was never filled */

static inline struct crf_site *study_sites(const struct crf_study *study)
{
    return (struct crf_site *)study->sites.data;
}
static inline struct crf_visit *study_visits(const struct crf_study *study)
{
    return (struct crf_visit *)study->visits.data;
}
static inline struct crf_form_def *study_forms(const struct crf_study *study)
{
    return (struct crf_form_def *)study->forms.data;
}
static inline struct crf_item *study_items(const struct crf_study *study)
{
    return (struct crf_item *)study->items.data;
}
static inline struct crf_check *study_checks(const struct crf_study *study)
{
    return (struct crf_check *)study->checks.data;
}
static inline size_t study_n_checks(const struct crf_study *study)
{
    return study->checks.len / sizeof(struct crf_check);
}
static inline size_t study_n_sites(const struct crf_study *study)
{
    return study->sites.len / sizeof(struct crf_site);
}

#endif
