#include "audit/sections/trail.h"

#include "audit/blinding.h"
#include "audit/sources/dates.h"

static const struct column BREAK_COLUMNS[] = {
    {"audit_id", WORD_HEAD_AUDIT_ID, ALIGN_END, 2},
    {"at", WORD_HEAD_CHANGED_AT, ALIGN_START, 4},
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"what", WORD_HEAD_WHAT, ALIGN_START, 6},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column USER_COLUMNS[] = {
    {"user", WORD_HEAD_USER, ALIGN_START, 5},
    {"role", WORD_HEAD_USER_ROLE, ALIGN_START, 3},
    {"entries", WORD_VALUES_ENTERED, ALIGN_END, 2},
    {"entry_share", WORD_SHARE, ALIGN_END, 2},
    {"changes", WORD_VALUES_CHANGED, ALIGN_END, 2},
    {"change_share", WORD_SHARE, ALIGN_END, 2},
    {"unexplained", WORD_HEAD_UNEXPLAINED, ALIGN_END, 2},
    {"night", WORD_HEAD_AT_NIGHT, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column BURST_COLUMNS[] = {
    {"user", WORD_HEAD_USER, ALIGN_START, 5},
    {"from_at", WORD_HEAD_FROM, ALIGN_START, 4},
    {"to_at", WORD_HEAD_UNTIL, ALIGN_START, 4},
    {"changes", WORD_VALUES_CHANGED, ALIGN_END, 2},
    {"forms", WORD_PAGES, ALIGN_END, 2},
    {"subjects", WORD_SUBJECTS, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column CHANGE_COLUMNS[] = {
    {"audit_id", WORD_HEAD_AUDIT_ID, ALIGN_END, 2},
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"form", WORD_HEAD_PAGE, ALIGN_START, 4},
    {"item", WORD_HEAD_ITEM, ALIGN_START, 4},
    {"at", WORD_HEAD_CHANGED_AT, ALIGN_START, 4},
    {"local", WORD_HEAD_LOCAL, ALIGN_START, 4},
    {"user", WORD_HEAD_USER, ALIGN_START, 3},
    {"old", WORD_HEAD_OLD, ALIGN_START, 3},
    {"new", WORD_HEAD_NEW, ALIGN_START, 3},
    {"reason", WORD_HEAD_REASON, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

void trail_add_breaks(struct section_build *build)
{
    const struct trail_facts *trail = &build->facts->edc.trail;
    if (trail->n_breaks_elsewhere > 0) {
        struct cell count = cell_integer(trail->n_breaks_elsewhere);
        section_add_paragraph(build->section, WORD_BREAKS_ELSEWHERE, &count, 1);
    }
    if (trail->breaks.count == 0) {
        return;
    }
    struct table *table = section_add_table(build->section, "chain_breaks", WORD_TABLE_CHAIN_BREAKS,
        BREAK_COLUMNS, LENGTH_OF(BREAK_COLUMNS));
    LIST_EACH(const struct site_chain_break, site_break, &trail->breaks) {
        bool is_row = site_break->found.kind == CHAIN_ROW_CHANGED;
        struct cell *cells = section_add_evidence_row(build, table, site_break->marks);
        cells[0] = cell_integer(site_break->found.audit_id);
        cells[1] = cell_instant(site_break->found.at);
        cells[2] = cell_text(site_break->subject == NULL ? NULL : site_break->subject->subject_no);
        cells[3] = cell_tone(
            cell_word(is_row ? WORD_CHAIN_ROW_CHANGED : WORD_CHAIN_LINK_BROKEN), TONE_ALARM);
    }
}

static struct cell user_cell(const struct section_build *build, const struct trail_user *user)
{
    return cell_text(user->name != NULL
                         ? user->name
                         : arena_printf(build->report->arena, "#%lld", (long long)user->id));
}

void trail_add_users(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    struct table *table = section_add_table(build->section, "trail_users", WORD_TABLE_TRAIL_USERS,
        USER_COLUMNS, LENGTH_OF(USER_COLUMNS));
    LIST_EACH(const struct trail_user, user, &facts->edc.trail.users) {
        if (user->n_entries + user->n_changes == 0) {
            continue;
        }
        bool is_odd = user->is_foreign || user->is_unusual;
        struct cell *cells = section_add_evidence_row(build, table, user->marks);
        cells[0] = user_cell(build, user);
        cells[1] = section_cell(&facts->edc.base, "app_user", "role",
            cell_tone(cell_code(VOCABULARY_USER_ROLE, user->role),
                user->is_foreign ? TONE_WARNING : TONE_PLAIN));
        cells[2] = cell_integer(user->n_entries);
        cells[3] = cell_percent(user->entry_share, 1);
        cells[4] = cell_integer(user->n_changes);
        cells[5] =
            cell_tone(cell_percent(user->change_share, 1), is_odd ? TONE_WARNING : TONE_PLAIN);
        cells[6] = cell_integer(user->n_unexplained);
        cells[7] =
            section_cell(&facts->ctms.base, "site", "time_zone", cell_integer(user->n_night));
    }
}

void trail_add_bursts(struct section_build *build)
{
    const struct list *bursts = &build->facts->edc.trail.bursts;
    if (bursts->count == 0) {
        return;
    }
    struct table *table = section_add_table(
        build->section, "bursts", WORD_TABLE_BURSTS, BURST_COLUMNS, LENGTH_OF(BURST_COLUMNS));
    LIST_EACH(const struct trail_burst, burst, bursts) {
        struct cell *cells = section_add_evidence_row(build, table, burst->marks);
        cells[0] = user_cell(build, burst->user);
        cells[1] = cell_instant(burst->from_at);
        cells[2] = cell_instant(burst->to_at);
        cells[3] = cell_integer(burst->n_changes);
        cells[4] = cell_integer(burst->n_forms);
        cells[5] = cell_integer(burst->n_subjects);
    }
}

/* A value may be a treatment itself, however short: the arm's item, the kit's. */
static struct cell value_cell(const struct section_build *build, const char *value)
{
    return blinding_is_treatment(build->facts, value) ? cell_blinded() : cell_text(value);
}

static struct cell local_cell(const struct section_build *build, const struct trail_change *change)
{
    char date[DATE_TEXT_MAX];
    if (!build->facts->edc.trail.has_local_time) {
        return cell_not_provided(build->facts->ctms.base.source);
    }
    date_format(change->local.day, date);
    return cell_tone(cell_text(arena_printf(build->report->arena, "%s %02d:%02d", date,
                         change->local.hour, change->local.minute)),
        change->is_night || change->is_day_off ? TONE_NOTICE : TONE_PLAIN);
}

static void add_change(
    struct section_build *build, struct table *table, const struct trail_change *change)
{
    struct cell *cells = section_add_evidence_row(build, table, change->marks);
    cells[0] = cell_integer(change->audit_id);
    cells[1] = cell_text(change->subject->subject_no);
    cells[2] = cell_text(change->definition == NULL ? NULL : change->definition->name);
    cells[3] = cell_text(change->item);
    cells[4] = cell_instant(change->at);
    cells[5] = local_cell(build, change);
    cells[6] = user_cell(build, change->user);
    cells[7] = value_cell(build, change->old_value);
    cells[8] = value_cell(build, change->new_value);
    cells[9] = section_cell(&build->facts->edc.base, "audit_trail", "reason",
        change->reason != NULL || change->action == TRAIL_INSERT
            ? cell_text(change->reason)
            : cell_tone(cell_word(WORD_NO_REASON), TONE_WARNING));
}

void trail_add_changes(struct section_build *build)
{
    struct table *table = section_add_table(build->section, "changes_examined",
        WORD_TABLE_TRAIL_CHANGES, CHANGE_COLUMNS, LENGTH_OF(CHANGE_COLUMNS));
    table->when_empty = WORD_NO_CHANGES_TO_EXAMINE;
    size_t n_rows = 0;
    LIST_EACH(const struct trail_change, change, &build->facts->edc.trail.changes) {
        bool is_shown = (change->marks & build->outcomes->fired) != 0 || change->burst != NULL;
        if (is_shown && n_rows++ < SECTION_TABLE_ROWS_MAX) {
            add_change(build, table, change);
        }
    }
    section_say_cut(build, n_rows);
}
