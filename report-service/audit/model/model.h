/* The report as data: sections of blocks, free of language, page and pixel. The PDF, the JSON and
 * every later format are drawn from this one model, so that they cannot differ in a number.
 *
 *     struct section *section = report_add_section(report, 4, "enrolment", WORD_SECTION_ENROLMENT);
 *     struct table *table = section_add_table(section, "subjects", WORD_TABLE_SUBJECTS, columns,
 * 5); struct cell *row = table_add_row(table); row[0] = cell_text(subject_no); row[1] =
 * cell_integer(n_forms);
 *
 * Everything is allocated from the report's arena and freed with it. Builders never return NULL:
 * when memory runs out they return a throw-away object, and report_is_complete says so at the end.
 * Texts passed in are copied, except string literals named ids (`const char *id`).
 *
 * Not here: SQL (sources/), judgement (rules/), layout (document/). */
#ifndef WALKIE_AUDIT_MODEL_H
#define WALKIE_AUDIT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/words/words.h"
#include "base/arena.h"
#include "base/status.h"

/* --- cells ---------------------------------------------------------------------------------- */

enum cell_kind {
    CELL_NONE,         /* there is no value: drawn as a dash, JSON null */
    CELL_NOT_PROVIDED, /* the source does not hold it: "not provided by <source>" */
    CELL_TEXT,         /* verbatim data in any script */
    CELL_INTEGER,
    CELL_NUMBER,  /* a double with `decimals` digits */
    CELL_PERCENT, /* a ratio (0.25 is drawn "25.0 %") with `decimals` digits */
    CELL_DATE,    /* ISO 8601 text, possibly partial ("2004-03"); sorted and shown as it is */
    CELL_INSTANT, /* epoch milliseconds UTC, shown as "2019-10-26 08:30Z" */
    CELL_WORD,    /* a word of the catalogue: statuses, grades, yes/no */
    CELL_BLINDED, /* treatment data that the requester may not see: the value is not in the model */
};

/* What a value means to the reader, for colour (always beside a word or sign, never alone). */
enum tone { TONE_PLAIN, TONE_MUTED, TONE_GOOD, TONE_NOTICE, TONE_WARNING, TONE_ALARM };

struct cell {
    enum cell_kind kind;
    enum tone tone;
    uint8_t decimals;
    const char *text;   /* TEXT, DATE; NOT_PROVIDED: the source's name */
    int64_t integer;    /* INTEGER, INSTANT */
    double number;      /* NUMBER, PERCENT */
    enum word word;     /* WORD */
    const char *anchor; /* where a reader who clicks this cell lands; NULL: nowhere */
};

struct cell cell_none(void);
struct cell cell_not_provided(const char *source); /* "edc", "ctms": a literal */
struct cell cell_text(const char *text);           /* borrowed: arena or literal; NULL: CELL_NONE */
struct cell cell_date(const char *iso_date);       /* same */
struct cell cell_integer(int64_t value);
struct cell cell_number(double value, int decimals); /* NaN: CELL_NONE */
struct cell cell_percent(double ratio, int decimals);
struct cell cell_instant(int64_t epoch_ms); /* 0: CELL_NONE */
struct cell cell_word(enum word word);
struct cell cell_blinded(void);
struct cell cell_tone(struct cell cell, enum tone tone);
struct cell cell_link(struct cell cell, const char *anchor);

/* --- tables --------------------------------------------------------------------------------- */

enum align { ALIGN_START, ALIGN_CENTER, ALIGN_END };

struct column {
    const char *id;   /* the JSON key: a literal, lower_case */
    enum word head;   /* the head in words */
    enum align align; /* of the cells */
    int weight; /* share of the width; the document rounds up to what the longest word needs */
};

struct table_row {
    struct table_row *next;
    const char *anchor; /* the target of links to this row; NULL: none */
    struct cell cells[];
};

struct table {
    const char *id;
    enum word title;
    const struct column *columns; /* static storage */
    size_t n_columns;
    size_t n_rows;
    struct table_row *first;
    struct table_row *last;
    enum word when_empty; /* what is printed instead of an empty table; WORD_NO_ROWS by default */
    struct report *report;
};

/* --- charts --------------------------------------------------------------------------------- */

enum chart_kind {
    CHART_STACKED_BAR, /* one horizontal bar, a segment a series' first value */
    CHART_BARS,        /* a bar a category; several series side by side; histogram, ageing */
    CHART_LINES,       /* x is a day number (days since 1970-01-01) or a plain number */
    CHART_PARETO,      /* bars by falling value plus the cumulative share; series 0 holds counts */
    CHART_FUNNEL,      /* points (x = denominator, y = rate) in control limits; one highlighted */
    CHART_HEAT_STRIP,  /* one row a series, one box a category, value = flag (-2 … 3) or NaN */
    CHART_HEAT_MAP,    /* rows = series, columns = categories, colour by value */
    CHART_TIMELINE,    /* rows = categories; point i of a series is a span of days in row i: from x
                        * to y, NaN: none, x = y: a mark. Series of one name go on with each other */
};

struct chart_point {
    double x;
    double y;
    bool is_highlighted; /* this report's site */
    const char *label;   /* NULL: none */
};

struct chart_series {
    struct chart_series *next;
    enum word name;        /* legend; WORD_NONE: use name_text */
    const char *name_text; /* verbatim, for data-named series */
    enum tone tone;
    bool is_step;   /* LINES: drawn as steps (counts over time) */
    bool is_dashed; /* LINES: plan or limit */
    size_t n_points;
    struct chart_point *points; /* BARS: y per category, x ignored */
};

struct chart {
    const char *id;
    enum chart_kind kind;
    enum word title;
    enum word x_title; /* WORD_NONE: none */
    enum word y_title;
    bool x_is_date;
    bool y_is_percent;
    bool is_half; /* half as wide as the page: two such blocks in a row stand side by side */
    size_t n_categories;
    struct cell *categories; /* text or words */
    size_t n_series;
    struct chart_series *first;
    struct chart_series *last;
    struct report *report;
};

/* --- blocks and sections -------------------------------------------------------------------- */

enum block_kind {
    BLOCK_PARAGRAPH, /* a sentence of the catalogue with arguments {0} … {5} */
    BLOCK_FACTS,     /* label: value pairs */
    BLOCK_TABLE,
    BLOCK_CHART,
    BLOCK_NOT_PROVIDED, /* "Monitoring visits: not provided by ctms" */
    BLOCK_HEADING,      /* a sub-heading */
};

enum { PARAGRAPH_ARGUMENTS_MAX = 6 };

struct fact {
    struct fact *next;
    const char *id;
    enum word label;
    struct cell value;
};

struct block {
    struct block *next;
    enum block_kind kind;
    const char *id;
    enum word word; /* PARAGRAPH: template; HEADING, NOT_PROVIDED: what */
    struct cell arguments[PARAGRAPH_ARGUMENTS_MAX];
    size_t n_arguments;
    const char *source; /* NOT_PROVIDED */
    struct fact *first_fact;
    struct fact *last_fact;
    struct table *table;
    struct chart *chart;
};

/* The numbers of the appendices, which are called by letters. */
enum { APPENDIX_FIRST = 17, APPENDIX_LAST = 20 };

struct section {
    struct section *next;
    int number;
    const char *id;
    enum word title;
    const char *anchor; /* "section-4" */
    struct block *first;
    struct block *last;
    struct report *report;
};

/* --- findings ------------------------------------------------------------------------------- */

enum grade { GRADE_CRITICAL, GRADE_MAJOR, GRADE_MINOR, GRADE_RECOMMENDATION };
enum { GRADE_COUNT = 4 };

enum word grade_word(enum grade grade); /* its id is the JSON's "major" */

struct finding {
    struct finding *next;
    const char *rule_code; /* "DQ-02": a literal */
    enum grade grade;
    enum word area;
    enum word statement; /* a template with arguments */
    struct cell arguments[PARAGRAPH_ARGUMENTS_MAX];
    size_t n_arguments;
    const char *reference;       /* "ICH E6(R3) 2.8.3": verbatim, a literal */
    const char *anchor;          /* "finding-DQ-02" */
    const char *evidence_anchor; /* the table or section that shows the rows; NULL: none */
    int section_number;
    int64_t n_evidence; /* rows that support it */
};

/* --- the report ----------------------------------------------------------------------------- */

struct snapshot {
    const char *source; /* "edc", "ctms", "lab" */
    int64_t at;         /* epoch ms: latest system stamp the source holds up to as_of; 0: unknown */
    int64_t data_version;   /* 0: the source counts none, or was not there */
    const char *extract_on; /* the day that the source says it is of; NULL: it says none */
};
enum { SNAPSHOTS_MAX = 4, REPORT_ARENAS_MAX = 4 };

struct report {
    struct arena *arena;
    const char *study_protocol;
    const char *study_title;
    const char *site_no;
    const char *site_name;    /* NULL: not provided */
    const char *investigator; /* NULL: not provided */
    const char *country;
    const char *requester; /* who asked, "anonymous" when authentication is off */
    const char *as_of;     /* ISO date: the moment that the report speaks of */
    const char *period_from;
    bool is_final;     /* otherwise each page carries a DRAFT mark */
    bool is_unblinded; /* treatment data are in it */
    struct snapshot snapshots[SNAPSHOTS_MAX];
    size_t n_snapshots;
    struct section *first;
    struct section *last;
    struct finding *first_finding;
    struct finding *last_finding;
    size_t n_findings;
    char content_hash[65]; /* hex SHA-256 of the canonical JSON; set by model/json.h */
    struct arena *kept_arenas[REPORT_ARENAS_MAX]; /* see report_keep_arena */
    size_t n_kept_arenas;
};

/* NULL when out of memory. Freed with report_free, everything in it too. */
MUST_USE struct report *report_new(size_t memory_max);
void report_free(struct report *report); /* accepts NULL */

/* Take an arena that cells borrow texts from: freed with the report. At most REPORT_ARENAS_MAX. */
void report_keep_arena(struct report *report, struct arena *arena);

/* OK, or RESOURCE_EXHAUSTED when an allocation failed while building. */
MUST_USE enum status report_is_complete(const struct report *report);

struct section *report_add_section(
    struct report *report, int number, const char *id, enum word title);
struct finding *report_add_finding(struct report *report, const char *rule_code, enum grade grade);

struct block *section_add_paragraph(struct section *section, enum word template_word,
    const struct cell *arguments, size_t n_arguments);
struct block *section_add_heading(struct section *section, enum word word);
struct block *section_add_not_provided(struct section *section, enum word what, const char *source);
struct block *section_add_facts(struct section *section, const char *id);
void facts_add(struct section *section, struct block *facts, const char *id, enum word label,
    struct cell value);
struct table *section_add_table(struct section *section, const char *id, enum word title,
    const struct column *columns, size_t n_columns);
struct cell *table_add_row(struct table *table); /* n_columns cells, all CELL_NONE */
struct chart *section_add_chart(
    struct section *section, const char *id, enum chart_kind kind, enum word title);
struct chart_series *chart_add_series(
    struct chart *chart, enum word name, enum tone tone, size_t n_points);
/* Reserve the categories, then fill them; both forgive an index out of range. */
void chart_set_categories(struct chart *chart, size_t n_categories);
void chart_set_category(struct chart *chart, size_t index, struct cell category);
struct chart_point *chart_point_at(struct chart_series *series, size_t index);

#endif
