/* Edit checks as a language: an expression says what must hold of a form's values.
 *
 *     status = check_compile("SYSBP between 80 and 200", &schema, form, arena, &program, &error);
 *     for (i = 0; i < program->n_references; i++)         which values it needs, in their order
 *         check_value_parse(program->references[i].kind, text_of(&program->references[i]),
 *             &values[i]);
 *     if (check_evaluate(machine, program, values, &result) == CHECK_FAILS) { a problem }
 *
 * README.md is the language's reference. A program is made once, does not change and may be shared
 * by threads; a machine is one thread's. Evaluating allocates nothing and ends after a bounded
 * number of steps.
 * Not here: where values come from, and which forms a check is run on. */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_H
#define WALKIE_CRF_LANGUAGE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum {
    CHECK_TEXT_LEN_MAX = 4096,    /* bytes of an expression */
    CHECK_DEPTH_MAX = 64,         /* parentheses, conditions and signs within each other */
    CHECK_NODES_MAX = 1024,       /* constants, names and operators of an expression */
    CHECK_REFERENCES_MAX = 64,    /* different references of an expression */
    CHECK_PATTERNS_MAX = 8,       /* regular expressions of an expression */
    CHECK_PATTERN_LEN_MAX = 512,  /* bytes of a regular expression */
    CHECK_STEPS_MAX = 50000,      /* steps of one evaluation */
    CHECK_MATCHES_MAX = 1000,     /* matches of one evaluation */
    CHECK_SUBJECT_LEN_MAX = 1000, /* bytes of a text that is matched */
    CHECK_MESSAGE_MAX = 256,      /* bytes of an error's words, with the NUL */
    CHECK_POINTER_MAX = 1024,     /* bytes of a line and its caret, with the NUL */
};

/* --- what names mean ------------------------------------------------------------------------ */

enum check_kind { CHECK_NUMBER, CHECK_TEXT, CHECK_DATE, CHECK_BOOLEAN };

struct check_item {
    const char *oid;
    const char *data_type; /* item_def.data_type; NULL: text */
    const char *codelist;  /* "1,2,3"; NULL: none */
    int64_t id;            /* the caller's: item_def_id */
};

struct check_form {
    const char *oid;
    const struct check_item *items;
    size_t n_items;
    int64_t id; /* form_def_id */
};

struct check_event {
    const char *oid;
    int64_t id; /* event_def_id */
};

/* Borrowed by programs: it must live as long as they do. */
struct check_schema {
    const struct check_form *forms;
    size_t n_forms;
    const struct check_event *events;
    size_t n_events;
};

/* Which kind of value an item of a data type ("integer", "date", "code", NULL …) has. */
enum check_kind check_kind_of(const char *data_type);
const char *check_kind_name(enum check_kind kind); /* "number" */

/* --- programs ------------------------------------------------------------------------------- */

enum check_visit {
    CHECK_THIS_VISIT,
    CHECK_NAMED_VISIT,    /* `event` of the same subject */
    CHECK_PREVIOUS_VISIT, /* the nearest earlier visit that has `form`; of a visit's property: the
                             nearest earlier visit */
};

/* X(name in C, scope, property, kind): the names after "subject.", "visit.", "form.", "study." */
#define CHECK_PROPERTIES(X)                                                                        \
    X(SUBJECT_NO, "subject", "no", CHECK_TEXT)                                                     \
    X(SUBJECT_STATUS, "subject", "status", CHECK_TEXT)                                             \
    X(SUBJECT_SEX, "subject", "sex", CHECK_TEXT)                                                   \
    X(SUBJECT_BIRTH_YEAR, "subject", "birth_year", CHECK_NUMBER)                                   \
    X(SUBJECT_SCREENED_ON, "subject", "screened_on", CHECK_DATE)                                   \
    X(SUBJECT_CONSENT_ON, "subject", "consent_on", CHECK_DATE)                                     \
    X(SUBJECT_CONSENT_VERSION, "subject", "consent_version", CHECK_TEXT)                           \
    X(SUBJECT_ENROLLED_ON, "subject", "enrolled_on", CHECK_DATE)                                   \
    X(SUBJECT_FIRST_DOSE_ON, "subject", "first_dose_on", CHECK_DATE)                               \
    X(SUBJECT_LAST_DOSE_ON, "subject", "last_dose_on", CHECK_DATE)                                 \
    X(SUBJECT_DISCONT_ON, "subject", "discont_on", CHECK_DATE)                                     \
    X(SUBJECT_LAST_SEEN_ON, "subject", "last_seen_on", CHECK_DATE)                                 \
    X(VISIT_NAME, "visit", "name", CHECK_TEXT) /* event_def.oid */                                 \
    X(VISIT_DATE, "visit", "date", CHECK_DATE)                                                     \
    X(VISIT_STATUS, "visit", "status", CHECK_TEXT)                                                 \
    X(VISIT_REPEAT, "visit", "repeat", CHECK_NUMBER)                                               \
    X(VISIT_TARGET_DAY, "visit", "target_day", CHECK_NUMBER)                                       \
    X(FORM_STATUS, "form", "status", CHECK_TEXT)                                                   \
    X(FORM_REPEAT, "form", "repeat", CHECK_NUMBER)                                                 \
    X(FORM_ENTERED_ON, "form", "entered_on", CHECK_DATE) /* of first_entry_at, UTC */              \
    X(STUDY_AS_OF, "study", "as_of", CHECK_DATE)         /* the data's "now": meta.as_of */

enum check_property {
    CHECK_ITEM, /* no property: the value of an item */
#define CHECK_PROPERTY_ENUM(name, scope, property, kind) CHECK_##name,
    CHECK_PROPERTIES(CHECK_PROPERTY_ENUM)
#undef CHECK_PROPERTY_ENUM
        CHECK_PROPERTY_COUNT,
};

/* One value that a program needs.
 *
 * An item of the check's own form that was written without a form (`is_own`) is that of the form at
 * hand, in the same repeat of its item group: a check with such references is run once for each
 * repeat that any of them has (once when none has a value).
 * `VS.SYSBP`, `SCREENING/VS.SYSBP` and `PREVIOUS/VS.SYSBP` are of the visit's form VS; when several
 * forms or repeats come in question the value's state is CHECK_SEVERAL, when there is none it is
 * CHECK_MISSING. Within any(), all() and count() (`is_many`) they are all of them, as `many` of the
 * value: rows in one order for all references of the same visit and form, an item that a row lacks
 * CHECK_MISSING. An own reference that is_many has the repeats of the form at hand as rows. */
struct check_reference {
    enum check_property property;
    enum check_visit visit;
    size_t event; /* of CHECK_NAMED_VISIT: number in schema.events */
    size_t form;  /* of CHECK_ITEM: number in schema.forms */
    size_t item;  /* of CHECK_ITEM: number in the form's items */
    enum check_kind kind;
    bool is_own;
    bool is_many;
    unsigned int column; /* where it first stands, from 1 */
};

struct check_code;

struct check_program {
    const struct check_reference *references;
    size_t n_references;
    const struct check_code *code; /* check_evaluate's */
};

struct check_error {
    enum status status;
    unsigned int line;    /* of the expression, from 1 */
    unsigned int column;  /* in characters of that line, from 1; 0: nowhere in particular */
    size_t offset;        /* the same in bytes of the whole text */
    bool is_foreign_item; /* the form has no such item: the check may be another form's */
    char text[CHECK_MESSAGE_MAX];
};

/* `form` of a check that belongs to no form: only references with a form and properties then. */
#define CHECK_NO_FORM SIZE_MAX

/* Read an expression, check its types and names, make its program. The program and everything in it
 * are the arena's; `text` may go, the schema must stay.
 * Threads: any, one arena by one thread.
 * Errors: INVALID_ARGUMENT (the expression is none, or uses a name that is not there; a near name
 *         is suggested), OUT_OF_RANGE (a limit above), RESOURCE_EXHAUSTED (memory). `ret_error`
 *         may be NULL. */
MUST_USE enum status check_compile(const char *text, const struct check_schema *schema, size_t form,
    struct arena *arena, struct check_program *ret_program, struct check_error *ret_error);

/* The line in which the error is and a caret below its column, both indented by two. */
void check_error_point(
    const char *text, const struct check_error *error, char ret_text[CHECK_POINTER_MAX]);

/* --- values --------------------------------------------------------------------------------- */

enum check_state {
    CHECK_MISSING, /* what zeroed memory says */
    CHECK_GIVEN,
    CHECK_UNREADABLE,   /* there, but no value of its kind: "UNK" as a date */
    CHECK_SEVERAL,      /* there are several and the reference means one */
    CHECK_NOT_PROVIDED, /* the source does not have it: not even `is missing` can be said */
};

/* digits × 10^exponent, exactly. */
struct check_number {
    int64_t digits; /* at most 18 of them */
    int32_t exponent;
};

struct check_value {
    enum check_state state;
    union {
        struct check_number number;
        struct { /* the first and the last day that it can be (schema/calendar.h) */
            int32_t first;
            int32_t last;
        } date;
        struct { /* UTF-8, borrowed */
            const char *data;
            size_t len;
        } text;
        bool truth;
        struct { /* of a reference that is_many; its state is CHECK_GIVEN or CHECK_NOT_PROVIDED */
            const struct check_value *rows;
            size_t n_rows;
        } many;
    };
};

/* A value from the text that was entered. NULL and nothing but blanks are missing; blanks around
 * numbers, dates and booleans do not count. A text is borrowed. Never fails: what cannot be read is
 * CHECK_UNREADABLE. */
void check_value_parse(enum check_kind kind, const char *text, struct check_value *ret_value);

/* Values that are no texts in the database. */
struct check_value check_value_integer(int64_t number);
struct check_value check_value_day(int day);
struct check_value check_value_state(enum check_state state);

/* --- evaluating ----------------------------------------------------------------------------- */

enum check_outcome {
    CHECK_HOLDS,
    CHECK_FAILS, /* a problem */
    CHECK_NOT_APPLICABLE,
    CHECK_TOO_COSTLY, /* given up at a limit */
};

/* Why it is not applicable or too costly. */
enum check_reason {
    CHECK_REASON_NONE,
    CHECK_REASON_MISSING,
    CHECK_REASON_UNREADABLE,
    CHECK_REASON_SEVERAL,
    CHECK_REASON_NOT_PROVIDED,
    CHECK_REASON_PARTIAL_DATE, /* the missing part of a date decides */
    CHECK_REASON_DIVISION_BY_ZERO,
    CHECK_REASON_OVERFLOW,
    CHECK_REASON_STEPS,
    CHECK_REASON_MATCH, /* a regular expression took too long */
};
const char *check_reason_text(enum check_reason reason); /* "a value is missing" */

struct check_result {
    enum check_outcome outcome;
    enum check_reason reason;
    int reference; /* the one to blame when it does not hold, -1: none. One of the own form is
                      preferred to others */
    size_t row;    /* of an is_many reference to blame */
};

struct check_machine;

/* NULL: out of memory. */
MUST_USE struct check_machine *check_machine_new(void);
void check_machine_free(struct check_machine *machine); /* accepts NULL */

/* Whether the values hold; also in ret_result->outcome. `values`: one for each reference.
 * Threads: one machine by one thread. Never fails, never allocates, never reads a clock. */
enum check_outcome check_evaluate(struct check_machine *machine,
    const struct check_program *program, const struct check_value *values,
    struct check_result *ret_result);

#endif
