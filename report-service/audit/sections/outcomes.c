/* Section 16: questionnaires due, submitted, late and missed; the images' quality control. */
#include <string.h>

#include "audit/sections/sections.h"

static const struct column INSTRUMENT_COLUMNS[] = {
    {"instrument", WORD_HEAD_INSTRUMENT, ALIGN_START, 4},
    {"due", WORD_EPRO_DUE, ALIGN_END, 2},
    {"submitted", WORD_EPRO_SUBMITTED, ALIGN_END, 2},
    {"late", WORD_EPRO_LATE, ALIGN_END, 2},
    {"missed", WORD_EPRO_MISSED, ALIGN_END, 2},
    {"pending", WORD_EPRO_PENDING, ALIGN_END, 2},
    {"compliance", WORD_EPRO_COMPLIANCE, ALIGN_END, 2},
};

static const struct column SUBJECT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 4},
    {"due", WORD_EPRO_DUE, ALIGN_END, 2},
    {"submitted", WORD_EPRO_SUBMITTED, ALIGN_END, 2},
    {"late", WORD_EPRO_LATE, ALIGN_END, 2},
    {"missed", WORD_EPRO_MISSED, ALIGN_END, 2},
    {"pending", WORD_EPRO_PENDING, ALIGN_END, 2},
    {"compliance", WORD_EPRO_COMPLIANCE, ALIGN_END, 2},
};

static const struct column ODD_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"instrument", WORD_HEAD_INSTRUMENT, ALIGN_START, 2},
    {"event", WORD_HEAD_VISIT, ALIGN_START, 3},
    {"due_on", WORD_HEAD_DUE, ALIGN_START, 3},
    {"submitted_at", WORD_HEAD_SUBMITTED, ALIGN_START, 4},
    {"device", WORD_HEAD_DEVICE, ALIGN_START, 3},
    {"state", WORD_HEAD_STATUS, ALIGN_START, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column QUALITY_COLUMNS[] = {
    {"modality", WORD_HEAD_MODALITY, ALIGN_START, 4},
    {"series", WORD_IMAGES, ALIGN_END, 2},
    {"passed", WORD_IMAGE_PASSED, ALIGN_END, 2},
    {"failed", WORD_IMAGE_FAILED, ALIGN_END, 2},
    {"pending", WORD_IMAGE_PENDING, ALIGN_END, 2},
};

static const struct column IMAGE_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"modality", WORD_HEAD_MODALITY, ALIGN_START, 3},
    {"on_date", WORD_HEAD_DATE, ALIGN_START, 3},
    {"slices", WORD_HEAD_SLICES, ALIGN_END, 2},
    {"state", WORD_HEAD_STATUS, ALIGN_START, 3},
    {"age_days", WORD_HEAD_AGE_DAYS, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct {
    enum word word;
    enum tone tone;
} EPRO[EPRO_STATES] = {
    [EPRO_SUBMITTED] = {WORD_EPRO_SUBMITTED, TONE_GOOD},
    [EPRO_LATE] = {WORD_EPRO_LATE, TONE_NOTICE},
    [EPRO_MISSED] = {WORD_EPRO_MISSED, TONE_WARNING},
    [EPRO_PENDING] = {WORD_EPRO_PENDING, TONE_MUTED},
};

/* --- questionnaires ------------------------------------------------------------------------- */

struct tally {
    const char *name; /* of the instrument */
    int64_t counts[EPRO_STATES];
};

static int64_t due_of(const struct tally *tally)
{
    return tally->counts[EPRO_SUBMITTED] + tally->counts[EPRO_LATE] + tally->counts[EPRO_MISSED];
}

static double compliance_of(const struct tally *tally)
{
    return section_share(tally->counts[EPRO_SUBMITTED] + tally->counts[EPRO_LATE], due_of(tally));
}

/* Cells 1 … 6 of both tables. */
static void fill(struct cell *cells, const struct tally *tally)
{
    cells[1] = cell_integer(due_of(tally));
    for (size_t state = 0; state < EPRO_STATES; state++) {
        cells[2 + state] = cell_integer(tally->counts[state]);
    }
    cells[6] = cell_percent(compliance_of(tally), 1);
}

static void add_facts(struct section_build *build)
{
    struct tally all = {0};
    LIST_EACH(const struct epro_response, response, &build->facts->edc.epro_responses) {
        all.counts[response->state]++;
    }
    struct section *section = build->section;
    struct block *facts = section_add_facts(section, "epro");
    facts_add(section, facts, "due", WORD_EPRO_DUE, cell_integer(due_of(&all)));
    for (size_t state = 0; state < EPRO_STATES; state++) {
        facts_add(section, facts, word_id(EPRO[state].word), EPRO[state].word,
            cell_integer(all.counts[state]));
    }
    facts_add(
        section, facts, "compliance", WORD_EPRO_COMPLIANCE, cell_percent(compliance_of(&all), 1));
}

/* A study has a handful of instruments; those beyond the limit are counted with the last one. */
enum { INSTRUMENTS_MAX = 32 };

static size_t tally_instruments(const struct list *responses, struct tally tallies[INSTRUMENTS_MAX])
{
    size_t count = 0;
    LIST_EACH(const struct epro_response, response, responses) {
        size_t at = 0;
        while (at < count && strcmp(tallies[at].name, response->instrument) != 0) {
            at++;
        }
        if (at == count && count < INSTRUMENTS_MAX) {
            tallies[count++] = (struct tally){.name = response->instrument};
        }
        tallies[at < count ? at : count - 1].counts[response->state]++;
    }
    return count;
}

static void add_chart(struct section_build *build, const struct tally *tallies, size_t n_tallies)
{
    struct chart *chart =
        section_add_chart(build->section, "epro_by_instrument", CHART_BARS, WORD_CHART_EPRO);
    chart->x_title = WORD_HEAD_INSTRUMENT;
    chart->y_title = WORD_QUESTIONNAIRES;
    chart_set_categories(chart, n_tallies);
    for (size_t i = 0; i < n_tallies; i++) {
        chart_set_category(chart, i, cell_text(tallies[i].name));
    }
    for (size_t state = 0; state < EPRO_PENDING; state++) {
        struct chart_series *series =
            chart_add_series(chart, EPRO[state].word, EPRO[state].tone, n_tallies);
        for (size_t i = 0; i < n_tallies; i++) {
            *chart_point_at(series, i) =
                (struct chart_point){.x = (double)i, .y = (double)tallies[i].counts[state]};
        }
    }
}

static void add_instruments(struct section_build *build)
{
    struct tally tallies[INSTRUMENTS_MAX];
    size_t n_tallies = tally_instruments(&build->facts->edc.epro_responses, tallies);
    if (n_tallies == 0) {
        return;
    }
    add_chart(build, tallies, n_tallies);
    struct table *table = section_add_table(build->section, "epro_instruments",
        WORD_TABLE_EPRO_INSTRUMENTS, INSTRUMENT_COLUMNS, LENGTH_OF(INSTRUMENT_COLUMNS));
    for (size_t i = 0; i < n_tallies; i++) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(tallies[i].name);
        fill(cells, &tallies[i]);
    }
}

static void add_subject(
    struct table *table, const struct subject *subject, const struct tally *tally)
{
    struct cell *cells = table_add_row(table);
    cells[0] = cell_text(subject->subject_no);
    fill(cells, tally);
}

/* Responses come subject by subject. */
static void add_subjects(struct section_build *build)
{
    struct table *table = section_add_table(build->section, "epro_subjects",
        WORD_TABLE_EPRO_SUBJECTS, SUBJECT_COLUMNS, LENGTH_OF(SUBJECT_COLUMNS));
    struct tally tally = {0};
    const struct subject *subject = NULL;
    LIST_EACH(const struct epro_response, response, &build->facts->edc.epro_responses) {
        if (subject != NULL && response->subject != subject) {
            add_subject(table, subject, &tally);
            tally = (struct tally){0};
        }
        subject = response->subject;
        tally.counts[response->state]++;
    }
    if (subject != NULL) {
        add_subject(table, subject, &tally);
    }
}

static bool is_listed(const struct epro_response *response)
{
    return response->state == EPRO_MISSED || response->state == EPRO_LATE ||
           response->is_shared_device || response->is_filled_in_later;
}

static void add_odd(struct section_build *build)
{
    const struct source_facts *edc = &build->facts->edc.base;
    struct table *table = section_add_table(
        build->section, "epro_odd", WORD_TABLE_EPRO_MISSED, ODD_COLUMNS, LENGTH_OF(ODD_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct epro_response, response, &build->facts->edc.epro_responses) {
        if (!is_listed(response) || n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, response->marks);
        cells[0] = cell_text(response->subject->subject_no);
        cells[1] = cell_text(response->instrument);
        cells[2] = cell_text(response->event);
        cells[3] = cell_date(response->due_on);
        cells[4] = cell_instant(response->submitted_at);
        cells[5] = section_cell(edc, "epro_response", "device", cell_text(response->device));
        cells[6] = cell_tone(cell_word(EPRO[response->state].word), EPRO[response->state].tone);
    }
    section_say_cut(build, n_rows);
}

static void add_questionnaires(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "epro_response", NULL, WORD_QUESTIONNAIRES)) {
        return;
    }
    section_add_paragraph(build->section, WORD_EPRO_METHOD, NULL, 0);
    add_facts(build);
    add_instruments(build);
    add_subjects(build);
    add_odd(build);
}

/* --- images --------------------------------------------------------------------------------- */

static struct cell image_cell(const struct image_series *series)
{
    switch (series->state) {
    case IMAGE_PASSED:
        return cell_tone(cell_word(WORD_IMAGE_PASSED), TONE_GOOD);
    case IMAGE_FAILED:
        return series->is_repeated ? cell_tone(cell_word(WORD_IMAGE_REPEATED), TONE_NOTICE)
                                   : cell_tone(cell_word(WORD_IMAGE_FAILED), TONE_WARNING);
    case IMAGE_PENDING:
        return cell_tone(cell_word(WORD_IMAGE_PENDING), TONE_MUTED);
    }
    return cell_none();
}

static bool is_modality(const struct image_series *series, const char *modality)
{
    return strcmp(series->modality == NULL ? "" : series->modality, modality) == 0;
}

/* Whether an earlier series is of this modality: it has a row then. */
static bool is_counted(const struct list *list, const struct image_series *until)
{
    LIST_EACH(const struct image_series, series, list) {
        if (series == until) {
            return false;
        }
        if (is_modality(series, until->modality == NULL ? "" : until->modality)) {
            return true;
        }
    }
    return false;
}

static void add_quality(struct section_build *build)
{
    const struct list *list = &build->facts->edc.image_series;
    struct table *table = section_add_table(build->section, "image_quality", WORD_TABLE_IMAGES,
        QUALITY_COLUMNS, LENGTH_OF(QUALITY_COLUMNS));
    LIST_EACH(const struct image_series, series, list) {
        if (is_counted(list, series)) {
            continue;
        }
        int64_t counts[IMAGE_STATES] = {0};
        LIST_EACH(const struct image_series, other, list) {
            counts[other->state] +=
                is_modality(other, series->modality == NULL ? "" : series->modality);
        }
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(series->modality);
        cells[1] =
            cell_integer(counts[IMAGE_PASSED] + counts[IMAGE_FAILED] + counts[IMAGE_PENDING]);
        cells[2] = cell_integer(counts[IMAGE_PASSED]);
        cells[3] = cell_integer(counts[IMAGE_FAILED]);
        cells[4] = cell_integer(counts[IMAGE_PENDING]);
    }
}

static void add_images(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "image_series", NULL, WORD_IMAGES)) {
        return;
    }
    add_quality(build);
    struct table *table = section_add_table(build->section, "images_open", WORD_TABLE_IMAGES_OPEN,
        IMAGE_COLUMNS, LENGTH_OF(IMAGE_COLUMNS));
    LIST_EACH(const struct image_series, series, &build->facts->edc.image_series) {
        if (series->state == IMAGE_PASSED) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, series->marks);
        cells[0] = cell_text(series->subject->subject_no);
        cells[1] = cell_text(series->modality);
        cells[2] = cell_date(series->on_date);
        cells[3] = series->n_slices > 0 ? cell_integer(series->n_slices) : cell_none();
        cells[4] = image_cell(series);
        cells[5] = cell_integer(series->age_days);
    }
}

void section_outcomes(struct section_build *build)
{
    add_questionnaires(build);
    add_images(build);
}
