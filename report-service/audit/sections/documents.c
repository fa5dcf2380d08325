/* Section 15: essential documents of the site file and the trial master file. */
#include <string.h>

#include "audit/sections/sections.h"

static const struct column DOCUMENT_COLUMNS[] = {
    {"tmf_ref", WORD_HEAD_TMF_REF, ALIGN_START, 2},
    {"title", WORD_HEAD_DOCUMENT, ALIGN_START, 6},
    {"version", WORD_HEAD_VERSION, ALIGN_START, 2},
    {"location", WORD_HEAD_LOCATION, ALIGN_START, 2},
    {"received_on", WORD_HEAD_RECEIVED, ALIGN_START, 3},
    {"expires_on", WORD_HEAD_EXPIRES, ALIGN_START, 3},
    {"state", WORD_HEAD_STATUS, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct {
    enum word word;
    enum tone tone;
} STATES[DOCUMENT_STATES] = {
    [DOCUMENT_CURRENT] = {WORD_STATE_CURRENT, TONE_GOOD},
    [DOCUMENT_MISSING] = {WORD_STATE_MISSING, TONE_ALARM},
    [DOCUMENT_EXPIRED] = {WORD_STATE_EXPIRED, TONE_WARNING},
    [DOCUMENT_EXPIRING] = {WORD_STATE_EXPIRING, TONE_NOTICE},
    [DOCUMENT_SUPERSEDED] = {WORD_STATE_SUPERSEDED, TONE_MUTED},
    [DOCUMENT_NOT_REQUIRED] = {WORD_STATE_NOT_REQUIRED, TONE_MUTED},
};

/* The zones of the TMF Reference Model: the first two digits of a number. */
enum { ZONES = 11 };
static const enum word ZONE_WORDS[ZONES] = {WORD_ZONE_01, WORD_ZONE_02, WORD_ZONE_03, WORD_ZONE_04,
    WORD_ZONE_05, WORD_ZONE_06, WORD_ZONE_07, WORD_ZONE_08, WORD_ZONE_09, WORD_ZONE_10,
    WORD_ZONE_11};

static bool counts(const struct essential_document *document)
{
    return document->is_required && document->state != DOCUMENT_SUPERSEDED;
}

static bool is_in_order(const struct essential_document *document)
{
    return document->state == DOCUMENT_CURRENT || document->state == DOCUMENT_EXPIRING;
}

/* Whether the source lists one of the two files only: there is nothing to compare then. */
static bool has_one_file(const struct list *documents)
{
    size_t n_tmf = 0;
    LIST_EACH(const struct essential_document, document, documents) {
        n_tmf += document->is_tmf;
    }
    return documents->count > 0 && (n_tmf == 0 || n_tmf == documents->count);
}

static void add_facts(struct section_build *build)
{
    struct section *section = build->section;
    const struct source_facts *base = &build->facts->ctms.base;
    int64_t n_required = 0;
    int64_t n_in_order = 0;
    int64_t n_absent = 0;
    int64_t n_by_state[DOCUMENT_STATES] = {0};
    LIST_EACH(const struct essential_document, document, &build->facts->ctms.documents) {
        n_required += counts(document);
        n_in_order += counts(document) && is_in_order(document);
        n_absent += document->is_absent_elsewhere;
        n_by_state[document->state] += document->is_required;
    }
    struct block *facts = section_add_facts(section, "documents");
    facts_add(section, facts, "required", WORD_DOCUMENTS_REQUIRED, cell_integer(n_required));
    facts_add(section, facts, "current", WORD_DOCUMENTS_CURRENT, cell_integer(n_in_order));
    facts_add(section, facts, "completeness", WORD_DOCUMENTS_COMPLETE,
        cell_percent(section_share(n_in_order, n_required), 1));
    facts_add(
        section, facts, "missing", WORD_STATE_MISSING, cell_integer(n_by_state[DOCUMENT_MISSING]));
    facts_add(section, facts, "expired", WORD_STATE_EXPIRED,
        section_cell(
            base, "essential_doc", "expires_on", cell_integer(n_by_state[DOCUMENT_EXPIRED])));
    facts_add(section, facts, "expiring", WORD_STATE_EXPIRING,
        section_cell(
            base, "essential_doc", "expires_on", cell_integer(n_by_state[DOCUMENT_EXPIRING])));
    facts_add(section, facts, "one_file", WORD_DOCUMENTS_ABSENT,
        section_cell(base, "essential_doc", "location",
            has_one_file(&build->facts->ctms.documents) ? cell_none() : cell_integer(n_absent)));
}

static size_t zone_of(const struct essential_document *document)
{
    const char *ref = document->tmf_ref;
    bool is_number = ref[0] >= '0' && ref[0] <= '9' && ref[1] >= '0' && ref[1] <= '9';
    size_t zone = is_number ? (size_t)(ref[0] - '0') * 10 + (size_t)(ref[1] - '0') : 0;
    return zone <= ZONES ? zone : 0;
}

/* Numbers of other schemes have no zone and are in the table only. */
static void add_chart(struct section_build *build)
{
    int64_t n_required[ZONES + 1] = {0};
    int64_t n_in_order[ZONES + 1] = {0};
    size_t n_zones = 0;
    LIST_EACH(const struct essential_document, document, &build->facts->ctms.documents) {
        size_t zone = zone_of(document);
        n_zones += zone > 0 && counts(document) && n_required[zone] == 0;
        n_required[zone] += counts(document);
        n_in_order[zone] += counts(document) && is_in_order(document);
    }
    if (n_zones == 0) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "completeness", CHART_BARS, WORD_CHART_DOCUMENTS);
    chart->x_title = WORD_ZONE;
    chart->y_title = WORD_DOCUMENTS;
    chart_set_categories(chart, n_zones);
    struct chart_series *required =
        chart_add_series(chart, WORD_DOCUMENTS_REQUIRED, TONE_MUTED, n_zones);
    struct chart_series *in_order =
        chart_add_series(chart, WORD_DOCUMENTS_CURRENT, TONE_GOOD, n_zones);
    size_t index = 0;
    for (size_t zone = 1; zone <= ZONES; zone++) {
        if (n_required[zone] == 0) {
            continue;
        }
        chart_set_category(chart, index, cell_word(ZONE_WORDS[zone - 1]));
        *chart_point_at(required, index) =
            (struct chart_point){.x = (double)index, .y = (double)n_required[zone]};
        *chart_point_at(in_order, index) =
            (struct chart_point){.x = (double)index, .y = (double)n_in_order[zone]};
        index++;
    }
}

static struct cell state_cell(const struct essential_document *document)
{
    if (document->is_absent_elsewhere) {
        return cell_tone(
            cell_word(document->is_tmf ? WORD_STATE_NOT_IN_ISF : WORD_STATE_NOT_IN_TMF),
            TONE_WARNING);
    }
    return cell_tone(cell_word(STATES[document->state].word), STATES[document->state].tone);
}

static void add_table(struct section_build *build)
{
    const struct source_facts *base = &build->facts->ctms.base;
    struct table *table = section_add_table(build->section, "document_list", WORD_TABLE_DOCUMENTS,
        DOCUMENT_COLUMNS, LENGTH_OF(DOCUMENT_COLUMNS));
    LIST_EACH(const struct essential_document, document, &build->facts->ctms.documents) {
        struct cell *cells = section_add_evidence_row(build, table, document->marks);
        cells[0] = cell_text(document->tmf_ref);
        cells[1] = cell_text(document->title);
        cells[2] = section_cell(base, "essential_doc", "version", cell_text(document->version));
        cells[3] = section_cell(
            base, "essential_doc", "location", cell_code(VOCABULARY_LOCATION, document->location));
        cells[4] =
            section_cell(base, "essential_doc", "received_on", cell_date(document->received_on));
        cells[5] =
            section_cell(base, "essential_doc", "expires_on", cell_date(document->expires_on));
        cells[6] = state_cell(document);
    }
}

void section_documents(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    if (section_lacks(build, &facts->ctms.base, "essential_doc", NULL, WORD_DOCUMENTS)) {
        return;
    }
    struct cell arguments[] = {cell_date(build->report->as_of), cell_integer(EXPIRING_DAYS)};
    section_add_paragraph(build->section, WORD_DOCUMENTS_METHOD, arguments, LENGTH_OF(arguments));
    add_facts(build);
    add_chart(build);
    if (has_one_file(&facts->ctms.documents)) {
        section_add_paragraph(build->section, WORD_DOCUMENTS_ONE_FILE, NULL, 0);
    }
    add_table(build);
}
