/* What the clindata_*.c files share during one import. One thread. */
#ifndef WALKIE_IMPORT_CLINDATA_INTERNAL_H
#define WALKIE_IMPORT_CLINDATA_INTERNAL_H

#include "base/arena.h"
#include "import/clindata.h"
#include "import/clindata_table.h"
#include "import/keymap.h"
#include "import/progress.h"
#include "schema/calendar.h"

enum {
    CLINDATA_KEY_MAX = 256,         /* bytes of a key made of several values, with the NUL */
    CLINDATA_MEMORY_MAX = 64 << 20, /* bytes of what is kept of the subjects */
};

/* Rows that a policy leaves out or bends: counted, and told at the end. */
enum clindata_quirk {
    QUIRK_DEVIATION_WITHOUT_SITE,
    QUIRK_SUBJECT_WITHOUT_CTMS_SITE,
    QUIRK_VISIT_WITHOUT_DATE,
    QUIRK_OUT_OF_BOUND,
    QUIRK_COUNT,
};

struct clin_subject {
    int64_t id;
    int64_t site_id;
    int64_t ctms_site_id; /* 0: the CTMS does not list the site */
    const char *number;
    const char *status;
    const char *sex;
    const char *screened_on;
    const char *consent_on;
    const char *enrolled_on;
    const char *rand_no;
    const char *arm;
    const char *first_dose_on;
    const char *last_dose_on;
    const char *discont_on;
    const char *reason;
    const char *treatment_status;
    const char *treatment_reason;
    const char *last_seen_on;
    int birth_year; /* 0: unknown */
};

struct clindata {
    const struct ctx *ctx;
    const struct clindata_options *options;
    struct dataset *dataset;
    struct progress *progress;
    struct arena *arena;
    struct keymap *sites;         /* site number -> EDC key */
    struct keymap *ctms_sites;    /* site number -> CTMS key */
    struct keymap *subjects;      /* subject number and EDC name -> index in `subject` */
    struct keymap *event_defs;    /* visit name */
    struct keymap *events;        /* "subject|visit" */
    struct keymap *form_defs;     /* form name */
    struct keymap *forms;         /* "event|form definition" */
    struct keymap *item_defs;     /* "form definition|field" */
    struct clin_subject *subject; /* CLINDATA_SUBJECTS_MAX at most */
    size_t n_subjects;
    size_t n_subjects_max;
    uint64_t n_bad;
    uint64_t n_quirks[QUIRK_COUNT];
    int64_t last_stamp; /* latest system stamp: the data's "now" */
};

/* What a reading function does with one row. */
typedef enum status clindata_row_fn(
    struct clindata *import, const struct export_table *table, struct error *ret_error);

/* Run `row` over a table; hears the context, shows progress. Stops at the first failure; bad rows
 * are no failure yet. */
MUST_USE enum status clindata_each(struct clindata *import, const char *name,
    const char *const *columns, size_t n_columns, clindata_row_fn *row, struct error *ret_error);

/* Report a bad row. Returns OK: the reading goes on, so that all bad rows are seen at once. */
enum status clindata_bad(struct clindata *import, const struct export_table *table,
    const char *format, ...) PRINTF_LIKE(3, 4);

/* NULL for "". */
const char *text_or_null(const char *text);
/* The same, kept until the end of the import. */
const char *keep_text(struct clindata *import, const char *text);

/* The column's date: "" and ISO dates are good. False: bad, and reported. */
bool is_good_date(struct clindata *import, const struct export_table *table, size_t column,
    const char **ret_date);
/* The column's number as a value; "" is NULL. False: bad, and reported. */
bool is_good_number(struct clindata *import, const struct export_table *table, size_t column,
    struct db_value *ret_value);

/* From the export's words to ours. */
struct word {
    const char *theirs;
    const char *ours; /* NULL: an SQL NULL */
};
/* False: an unknown word, reported. "out of bound:" is taken off first; what is unknown then is
 * `fallback`. */
bool is_good_word(struct clindata *import, const struct export_table *table, size_t column,
    const struct word *words, size_t n_words, const char *fallback, const char **ret_word);

/* The subject of the column's number or name. NULL: unknown (not reported). */
struct clin_subject *find_subject(
    const struct clindata *import, const struct export_table *table, size_t column);

/* The event definition of a visit's name, made when it is new; 0 when out of memory. */
int64_t event_def_of(struct clindata *import, const char *visit);

MUST_USE enum status clindata_read_sites(struct clindata *import, struct error *ret_error);
MUST_USE enum status clindata_read_subjects(struct clindata *import, struct error *ret_error);
MUST_USE enum status clindata_read_visits(struct clindata *import, struct error *ret_error);
MUST_USE enum status clindata_read_items(struct clindata *import, struct error *ret_error);
MUST_USE enum status clindata_read_safety(struct clindata *import, struct error *ret_error);
MUST_USE enum status clindata_read_deviations(struct clindata *import, struct error *ret_error);
void clindata_describe(struct clindata *import);

#endif
