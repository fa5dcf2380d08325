/* Section 14: the people, what was delegated to them, what they were trained in, and the gaps. */
#include "audit/sections/staff.h"

#include <string.h>

static const struct column STAFF_COLUMNS[] = {
    {"name", WORD_HEAD_NAME, ALIGN_START, 4},
    {"role", WORD_HEAD_ROLE, ALIGN_START, 4},
    {"cv_on", WORD_HEAD_CV, ALIGN_START, 3},
    {"gcp_cert_on", WORD_HEAD_GCP, ALIGN_START, 3},
    {"gcp_expires_on", WORD_HEAD_GCP_EXPIRES, ALIGN_START, 3},
    {"licence_expires_on", WORD_HEAD_LICENCE, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column DELEGATION_COLUMNS[] = {
    {"name", WORD_HEAD_NAME, ALIGN_START, 4},
    {"task", WORD_HEAD_TASK, ALIGN_START, 4},
    {"from_on", WORD_HEAD_DELEGATED_FROM, ALIGN_START, 3},
    {"to_on", WORD_HEAD_DELEGATED_UNTIL, ALIGN_START, 3},
    {"pi_signed_on", WORD_HEAD_PI_SIGNED, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column GAP_COLUMNS[] = {
    {"name", WORD_HEAD_NAME, ALIGN_START, 4},
    {"topic", WORD_HEAD_TOPIC, ALIGN_START, 3},
    {"version", WORD_HEAD_VERSION, ALIGN_START, 2},
    {"gap", WORD_HEAD_GAP, ALIGN_START, 4},
    {"required_on", WORD_HEAD_REQUIRED_BY, ALIGN_START, 3},
    {"done_on", WORD_HEAD_DONE, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column TASK_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"task", WORD_HEAD_TASK, ALIGN_START, 4},
    {"done_on", WORD_HEAD_DONE, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column ENTRY_COLUMNS[] = {
    {"name", WORD_HEAD_NAME, ALIGN_START, 4},
    {"first_at", WORD_HEAD_FIRST_CHANGE, ALIGN_START, 4},
    {"last_at", WORD_HEAD_LAST_CHANGE, ALIGN_START, 4},
    {"changes", WORD_HEAD_CHANGES, ALIGN_END, 2},
    {"delegation", WORD_DELEGATIONS, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

enum { TOPICS = 5 };
static const char *const TOPIC_CODES[TOPICS] = {"gcp", "protocol", "icf", "edc", "safety"};
static const struct column TRAINING_COLUMNS[] = {
    {"name", WORD_HEAD_NAME, ALIGN_START, 4},
    {"gcp", WORD_TOPIC_GCP, ALIGN_START, 3},
    {"protocol", WORD_TOPIC_PROTOCOL, ALIGN_START, 3},
    {"icf", WORD_TOPIC_ICF, ALIGN_START, 3},
    {"edc", WORD_TOPIC_EDC, ALIGN_START, 3},
    {"safety", WORD_TOPIC_SAFETY, ALIGN_START, 3},
};

static const enum word GAP_WORDS[] = {
    [TRAINING_GAP_NONE_DONE] = WORD_GAP_NONE_DONE,
    [TRAINING_GAP_LATE] = WORD_GAP_LATE,
    [TRAINING_GAP_VERSION] = WORD_GAP_VERSION,
};

static void add_facts(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    const struct source_facts *base = &ctms->base;
    struct section *section = build->section;
    int64_t n_delegated = 0;
    int64_t n_valid = 0;
    int64_t n_unsigned = 0;
    LIST_EACH(const struct staff_member, staff, &ctms->staff) {
        n_delegated += staff->has_tasks_now;
        n_valid += staff->has_tasks_now && staff->gcp_cert_on != NULL && !staff->is_gcp_expired;
    }
    LIST_EACH(const struct delegation, delegation, &ctms->delegations) {
        n_unsigned += delegation->pi_signed_on == NULL;
    }
    struct block *facts = section_add_facts(section, "staff_counts");
    facts_add(
        section, facts, "members", WORD_STAFF_MEMBERS, cell_integer((int64_t)ctms->staff.count));
    facts_add(section, facts, "delegated", WORD_STAFF_DELEGATED,
        section_cell(base, "delegation", NULL, cell_integer(n_delegated)));
    facts_add(section, facts, "gcp_valid", WORD_STAFF_GCP_VALID,
        facts_has(base, "delegation", NULL)
            ? section_cell(base, "site_staff", "gcp_expires_on", cell_integer(n_valid))
            : cell_not_provided(base->source));
    facts_add(section, facts, "delegations", WORD_DELEGATIONS,
        section_cell(base, "delegation", NULL, cell_integer((int64_t)ctms->delegations.count)));
    facts_add(section, facts, "unsigned", WORD_DELEGATIONS_UNSIGNED,
        section_cell(base, "delegation", "pi_signed_on", cell_integer(n_unsigned)));
    facts_add(section, facts, "training_gaps", WORD_TRAINING_GAPS,
        facts_has(base, "training", NULL) ? section_cell(base, "delegation", NULL,
                                                cell_integer((int64_t)ctms->training_gaps.count))
                                          : cell_not_provided(base->source));
}

/* A date, or that there is none where there should be one. */
static struct cell certificate_cell(const struct source_facts *base, const char *column,
    const char *date, bool is_wrong, bool is_needed)
{
    struct cell cell = date == NULL && is_needed
                           ? cell_tone(cell_word(WORD_NOT_ON_FILE), TONE_WARNING)
                           : cell_tone(cell_date(date), is_wrong ? TONE_WARNING : TONE_PLAIN);
    return section_cell(base, "site_staff", column, cell);
}

static void add_staff(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    struct table *table = section_add_table(
        build->section, "staff", WORD_TABLE_STAFF, STAFF_COLUMNS, LENGTH_OF(STAFF_COLUMNS));
    LIST_EACH(const struct staff_member, staff, &ctms->staff) {
        bool is_physician =
            strcmp(staff->role, "pi") == 0 || strcmp(staff->role, "sub_investigator") == 0;
        struct cell *cells = section_add_evidence_row(build, table, staff->marks);
        cells[0] = cell_text(staff->name);
        cells[1] = cell_code(VOCABULARY_ROLE, staff->role);
        cells[2] = certificate_cell(&ctms->base, "cv_on", staff->cv_on, false, staff->has_tasks);
        cells[3] = certificate_cell(
            &ctms->base, "gcp_cert_on", staff->gcp_cert_on, false, staff->has_tasks);
        cells[4] = certificate_cell(
            &ctms->base, "gcp_expires_on", staff->gcp_expires_on, staff->is_gcp_expired, false);
        cells[5] = certificate_cell(&ctms->base, "licence_expires_on", staff->licence_expires_on,
            staff->is_licence_expired, is_physician && staff->has_tasks);
    }
}

static void add_delegations(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (section_lacks(build, &ctms->base, "delegation", NULL, WORD_DELEGATIONS)) {
        return;
    }
    struct table *table = section_add_table(build->section, "delegations", WORD_TABLE_DELEGATIONS,
        DELEGATION_COLUMNS, LENGTH_OF(DELEGATION_COLUMNS));
    LIST_EACH(const struct delegation, delegation, &ctms->delegations) {
        struct cell *cells = section_add_evidence_row(build, table, delegation->marks);
        cells[0] = cell_text(delegation->staff->name);
        cells[1] = cell_code(VOCABULARY_TASK, delegation->task);
        cells[2] = cell_date(delegation->from_on);
        cells[3] = cell_date(delegation->to_on);
        cells[4] = section_cell(&ctms->base, "delegation", "pi_signed_on",
            delegation->pi_signed_on == NULL
                ? cell_tone(cell_word(WORD_DELEGATION_NOT_SIGNED), TONE_WARNING)
                : cell_date(delegation->pi_signed_on));
    }
}

/* "2.0 · 2024-11-02": the version and the day of the latest training in a topic. */
static struct cell latest_training(
    struct section_build *build, const struct staff_member *staff, const char *topic)
{
    const struct training *latest = NULL;
    LIST_EACH(const struct training, training, &build->facts->ctms.trainings) {
        if (training->staff == staff && training->done_on != NULL &&
            strcmp(training->topic, topic) == 0 &&
            (latest == NULL || strcmp(training->done_on, latest->done_on) >= 0)) {
            latest = training;
        }
    }
    if (latest == NULL) {
        return cell_none();
    }
    return latest->version == NULL ? cell_date(latest->done_on)
                                   : cell_text(arena_printf(build->report->arena, "%s · %s",
                                         latest->version, latest->done_on));
}

static void add_trainings(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (section_lacks(build, &ctms->base, "training", NULL, WORD_TRAININGS)) {
        return;
    }
    struct table *table = section_add_table(build->section, "trainings", WORD_TABLE_TRAININGS,
        TRAINING_COLUMNS, LENGTH_OF(TRAINING_COLUMNS));
    LIST_EACH(const struct staff_member, staff, &ctms->staff) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(staff->name);
        for (size_t i = 0; i < TOPICS; i++) {
            cells[1 + i] = latest_training(build, staff, TOPIC_CODES[i]);
        }
    }
}

static void add_gaps(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (!facts_has(&ctms->base, "training", NULL) || !facts_has(&ctms->base, "delegation", NULL)) {
        return;
    }
    struct cell days = cell_integer(RETRAINING_DAYS);
    section_add_paragraph(build->section, WORD_STAFF_METHOD, &days, 1);
    struct table *table = section_add_table(build->section, "training_gaps",
        WORD_TABLE_TRAINING_GAPS, GAP_COLUMNS, LENGTH_OF(GAP_COLUMNS));
    table->when_empty = WORD_NO_TRAINING_GAPS;
    LIST_EACH(const struct training_gap, gap, &ctms->training_gaps) {
        struct cell *cells = section_add_evidence_row(build, table, gap->marks);
        cells[0] = cell_text(gap->staff->name);
        cells[1] = cell_code(VOCABULARY_TOPIC, gap->topic);
        cells[2] = cell_text(gap->version);
        cells[3] = cell_tone(cell_word(GAP_WORDS[gap->kind]), TONE_WARNING);
        cells[4] = cell_date(gap->required_on);
        cells[5] = cell_date(gap->done_on);
    }
}

static void add_tasks(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (!facts_has(&ctms->base, "delegation", NULL)) {
        return;
    }
    struct table *table = section_add_table(build->section, "undelegated_tasks",
        WORD_TABLE_UNDELEGATED, TASK_COLUMNS, LENGTH_OF(TASK_COLUMNS));
    table->when_empty = WORD_NO_UNDELEGATED;
    LIST_EACH(const struct undelegated_task, task, &ctms->undelegated_tasks) {
        struct cell *cells = section_add_evidence_row(build, table, task->marks);
        cells[0] = cell_text(task->subject_no);
        cells[1] = cell_code(VOCABULARY_TASK, task->task);
        cells[2] = cell_date(task->done_on);
    }
}

static struct cell entry_cell(const struct data_entry_person *person)
{
    if (person->is_delegated) {
        return cell_tone(cell_word(WORD_DELEGATED), TONE_GOOD);
    }
    return cell_tone(
        cell_word(person->is_on_log ? WORD_OTHER_DELEGATION : WORD_NO_DELEGATION), TONE_WARNING);
}

static void add_data_entry(struct section_build *build)
{
    const struct source_facts *edc = &build->facts->edc.base;
    if (section_lacks(build, edc, "audit_trail", NULL, WORD_TABLE_DATA_ENTRY) ||
        section_lacks(build, edc, "app_user", NULL, WORD_TABLE_DATA_ENTRY)) {
        return;
    }
    struct table *table = section_add_table(build->section, "data_entry", WORD_TABLE_DATA_ENTRY,
        ENTRY_COLUMNS, LENGTH_OF(ENTRY_COLUMNS));
    LIST_EACH(const struct data_entry_person, person, &build->facts->edc.data_entry_people) {
        struct cell *cells = section_add_evidence_row(build, table, person->marks);
        cells[0] = cell_text(person->name);
        cells[1] = cell_instant(person->first_at);
        cells[2] = cell_instant(person->last_at);
        cells[3] = cell_integer(person->n_changes);
        cells[4] = section_cell(&build->facts->ctms.base, "delegation", NULL, entry_cell(person));
    }
}

void section_staff(struct section_build *build)
{
    if (section_lacks(build, &build->facts->ctms.base, "site_staff", NULL, WORD_TABLE_STAFF)) {
        return;
    }
    add_facts(build);
    section_add_staff_chart(build);
    add_staff(build);
    add_delegations(build);
    add_trainings(build);
    add_gaps(build);
    add_tasks(build);
    add_data_entry(build);
}
