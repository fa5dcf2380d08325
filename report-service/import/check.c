#include "import/check.h"

#include <string.h>

#include "audit/audit.h"
#include "audit/sections/sections.h"
#include "import/check_internal.h"
#include "schema/schema.h"

enum source { SOURCE_EDC, SOURCE_CTMS, SOURCE_COUNT };

static const char *const SOURCE_NAMES[SOURCE_COUNT] = {"edc", "ctms"};
static const enum schema_kind SOURCE_KINDS[SOURCE_COUNT] = {SCHEMA_EDC, SCHEMA_CTMS};

struct work {
    const struct ctx *ctx;
    struct check check;
    struct db *db[SOURCE_COUNT];
    struct db_session *session[SOURCE_COUNT];
    const struct table *missing; /* of the report: what is not provided */
    struct error *error;
};

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

static void free_report(struct report **report)
{
    report_free(*report);
}

static void finish(struct work *work)
{
    for (int i = 0; i < SOURCE_COUNT; i++) {
        db_end(work->session[i]);
        db_close(work->db[i]);
    }
    arena_free(work->check.arena);
}

static enum status open_source(struct work *work, int source, const char *uri)
{
    const struct db_options options = {
        .name = SOURCE_NAMES[source], .uri = uri, .mode = DB_OPEN_READ_ONLY};
    enum status status = db_open(work->ctx, &options, &work->db[source], work->error);
    if (status == STATUS_OK) {
        status =
            db_begin(work->ctx, work->db[source], DB_READ, &work->session[source], work->error);
    }
    if (status == STATUS_OK) {
        status = schema_check(work->ctx, work->session[source], SOURCE_KINDS[source], work->error);
        if (status != STATUS_OK) {
            error_prefix(work->error, "%s", db_place(work->db[source]));
        }
    }
    return status;
}

/* --- what the sections say ------------------------------------------------------------------ */

static enum status out_of_memory(struct work *work)
{
    return error_set(work->error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

static void add_lack(
    struct work *work, struct check_section *section, enum word what, const char *source)
{
    struct check_lack **at = &section->lacks;
    for (; *at != NULL; at = &(*at)->next) {
        if ((*at)->what == what && strcmp((*at)->source, source) == 0) {
            return;
        }
    }
    *at = arena_alloc(work->check.arena, sizeof(**at));
    if (*at != NULL) {
        **at = (struct check_lack){NULL, what, arena_copy_text(work->check.arena, source)};
    }
}

/* A row that begins with a word is about that word (an indicator); else the column says what. */
static void collect_table(
    struct work *work, struct check_section *section, const struct table *table)
{
    for (const struct table_row *row = table->first; row != NULL; row = row->next) {
        for (size_t i = 0; i < table->n_columns; i++) {
            bool is_about_row = row->cells[0].kind == CELL_WORD;
            enum word what = is_about_row ? row->cells[0].word : table->columns[i].head;
            if (row->cells[i].kind == CELL_NOT_PROVIDED) {
                add_lack(work, section, what, row->cells[i].text);
            }
        }
    }
}

static void collect_block(
    struct work *work, struct check_section *section, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_NOT_PROVIDED:
        add_lack(work, section, block->word, block->source);
        return;
    case BLOCK_FACTS:
        for (const struct fact *fact = block->first_fact; fact != NULL; fact = fact->next) {
            if (fact->value.kind == CELL_NOT_PROVIDED) {
                add_lack(work, section, fact->label, fact->value.text);
            }
        }
        return;
    case BLOCK_TABLE:
        collect_table(work, section, block->table);
        return;
    case BLOCK_PARAGRAPH:
    case BLOCK_CHART:
    case BLOCK_HEADING:
        return;
    }
}

static struct check_section *add_section(
    struct check *check, int number, const char *id, enum word title)
{
    if (check->n_sections == CHECK_SECTIONS_MAX) {
        return NULL;
    }
    struct check_section *section = &check->sections[check->n_sections++];
    *section = (struct check_section){.number = number, .id = id, .title = title};
    return section;
}

/* The cover draws what it has from both sources and a dash for the rest. */
static void collect_cover(struct work *work, const struct report *report)
{
    struct check_section *cover = add_section(&work->check, 0, "cover", WORD_REPORT_TITLE);
    const struct {
        const char *value;
        enum word what;
    } FACTS[] = {{report->study_title, WORD_STUDY}, {report->site_name, WORD_SITE},
        {report->investigator, WORD_COVER_INVESTIGATOR}, {report->country, WORD_COVER_COUNTRY},
        {report->period_from, WORD_COVER_PERIOD}};
    for (size_t i = 0; i < LENGTH_OF(FACTS); i++) {
        if (FACTS[i].value == NULL) {
            add_lack(work, cover, FACTS[i].what, "ctms");
        }
    }
}

static void note_missing(struct work *work, const struct block *block)
{
    if (block->kind == BLOCK_TABLE && strcmp(block->table->id, "not_provided") == 0) {
        work->missing = block->table;
    }
}

/* Section 2 lists the rules' results: the rules say more about them below. */
static void collect_report(struct work *work, const struct report *report)
{
    work->check.study = arena_copy_text(work->check.arena, report->study_protocol);
    work->check.as_of = arena_copy_text(work->check.arena, report->as_of);
    collect_cover(work, report);
    for (const struct section *one = report->first; one != NULL; one = one->next) {
        struct check_section *section = add_section(&work->check, one->number, one->id, one->title);
        for (const struct block *block = one->first; section != NULL && block != NULL;
             block = block->next) {
            if (one->number == 2) {
                note_missing(work, block);
            } else {
                collect_block(work, section, block);
            }
        }
    }
}

/* --- what the rules need -------------------------------------------------------------------- */

static int source_of(const struct rule_need *need)
{
    for (int i = 0; i < SOURCE_COUNT; i++) {
        if (strcmp(SOURCE_NAMES[i], need->source) == 0) {
            return i;
        }
    }
    return SOURCE_COUNT; /* the laboratory is no database */
}

/* The row of section 2's table of what is not provided that names the table or the column; where
 * the source does not know the site at all, its one row. NULL: it is there. */
static const struct table_row *find_missing(struct work *work, const struct rule_need *need)
{
    char column[CHECK_NAME_MAX];
    snprintf(
        column, sizeof(column), "%s.%s", need->table, need->column == NULL ? "" : need->column);
    const struct table_row *row = work->missing == NULL ? NULL : work->missing->first;
    for (; row != NULL; row = row->next) {
        const struct cell *name = &row->cells[1];
        bool is_named = name->kind == CELL_WORD || strcmp(name->text, need->table) == 0 ||
                        strcmp(name->text, column) == 0;
        if (strcmp(row->cells[0].text, need->source) == 0 && is_named) {
            return row;
        }
    }
    return NULL;
}

/* `form.missing` is no column: the table's name is the need's own. */
static enum status is_table_empty(
    struct work *work, const struct rule_need *need, bool *ret_is_empty)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    char sql[CHECK_NAME_MAX + 32];
    bool has_row = false;
    snprintf(sql, sizeof(sql), "SELECT 1 FROM %.64s LIMIT 1", need->table);
    enum status status =
        db_query(work->ctx, work->session[source_of(need)], sql, NULL, 0, &rows, work->error);
    if (status == STATUS_OK) {
        status = db_next(work->ctx, rows, &has_row, work->error);
    }
    *ret_is_empty = !has_row;
    return status;
}

static void add_empty(
    struct work *work, struct check_section *section, const struct rule_need *need)
{
    struct check_empty **at = &section->empty;
    for (; *at != NULL; at = &(*at)->next) {
        if (strcmp((*at)->table, need->table) == 0 && strcmp((*at)->source, need->source) == 0) {
            return;
        }
    }
    *at = arena_alloc(work->check.arena, sizeof(**at));
    if (*at != NULL) {
        **at = (struct check_empty){NULL, need->source, need->table};
    }
}

static void add_rule(struct work *work, struct check_section *section, const struct rule *rule,
    const struct rule_need *need, const char *note)
{
    struct check_rule **at = &section->rules;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = arena_alloc(work->check.arena, sizeof(**at));
    if (*at != NULL) {
        **at = (struct check_rule){NULL, rule, need, arena_copy_text(work->check.arena, note)};
        section->n_unassessed++;
    }
}

static enum status check_rule(
    struct work *work, struct check_section *section, const struct rule *rule)
{
    bool is_missing = false;
    for (size_t i = 0; !is_missing && i < RULE_NEEDS_MAX && rule->needs[i].source != NULL; i++) {
        const struct rule_need *need = &rule->needs[i];
        bool is_of_lab = source_of(need) == SOURCE_COUNT;
        const struct table_row *missing = is_of_lab ? NULL : find_missing(work, need);
        bool is_empty = false;
        is_missing = is_of_lab || missing != NULL;
        enum status status = is_missing ? STATUS_OK : is_table_empty(work, need, &is_empty);
        if (status != STATUS_OK) {
            return status;
        }
        if (is_missing) {
            add_rule(work, section, rule, need,
                is_of_lab ? "no laboratory is configured here" : missing->cells[2].text);
        } else if (is_empty) {
            add_empty(work, section, need);
        }
    }
    return STATUS_OK;
}

static enum status collect_rules(struct work *work)
{
    for (size_t i = 0; i < work->check.n_sections; i++) {
        struct check_section *section = &work->check.sections[i];
        for (size_t rule = 0; rule < N_RULES; rule++) {
            if (RULES[rule].section != section->number) {
                continue;
            }
            section->n_rules++;
            enum status status = check_rule(work, section, &RULES[rule]);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return arena_has_failed(work->check.arena) ? out_of_memory(work) : STATUS_OK;
}

/* --- the site ------------------------------------------------------------------------------- */

/* The first centre that has subjects, else the first. */
static enum status choose_site(
    struct work *work, const struct audit_sources *sources, const struct check_options *options)
{
    work->check.site_no = options->site_no;
    work->check.study = options->study;
    if (options->site_no != NULL) {
        return STATUS_OK;
    }
    struct audit_center *first = NULL;
    enum status status =
        audit_list_centers(work->ctx, sources, work->check.arena, &first, work->error);
    const struct audit_center *chosen = NULL;
    for (const struct audit_center *one = first; one != NULL; one = one->next) {
        bool is_wanted = options->study == NULL || strcmp(one->study, options->study) == 0;
        bool is_better = chosen == NULL || (chosen->n_screened <= 0 && one->n_screened > 0);
        chosen = is_wanted && is_better ? one : chosen;
    }
    if (status == STATUS_OK && chosen == NULL) {
        return error_set(work->error, STATUS_NOT_FOUND, "there is no site to make a report of%s%s",
            options->study == NULL ? "" : " in study ",
            options->study == NULL ? "" : options->study);
    }
    if (status == STATUS_OK) {
        work->check.site_no = chosen->site_no;
        work->check.study = chosen->study;
    }
    return status;
}

static enum status collect(struct work *work, const struct check_options *options)
{
    const struct audit_sources sources = {
        .edc = work->db[SOURCE_EDC], .ctms = work->db[SOURCE_CTMS]};
    CLEANUP(free_report) struct report *report = NULL;
    enum status status = choose_site(work, &sources, options);
    if (status == STATUS_OK) {
        const struct audit_request request = {
            .study = work->check.study, .site_no = work->check.site_no};
        status = audit_build(work->ctx, &sources, &request, &report, work->error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    collect_report(work, report);
    return collect_rules(work);
}

enum status check_run(const struct ctx *ctx, const struct check_options *options, FILE *output,
    bool *ret_is_complete, struct error *ret_error)
{
    CLEANUP(finish) struct work work = {.ctx = ctx, .error = ret_error};
    work.check.arena = arena_new(CHECK_MEMORY_MAX);
    if (work.check.arena == NULL) {
        return out_of_memory(&work);
    }
    enum status status = open_source(&work, SOURCE_EDC, options->edc_uri);
    if (status == STATUS_OK) {
        status = open_source(&work, SOURCE_CTMS, options->ctms_uri);
    }
    if (status == STATUS_OK) {
        status = collect(&work, options);
    }
    if (status != STATUS_OK) {
        return status;
    }
    *ret_is_complete = check_is_complete(&work.check);
    if (options->is_json) {
        return check_print_json(&work.check, output);
    }
    check_print_text(&work.check, output);
    return STATUS_OK;
}
