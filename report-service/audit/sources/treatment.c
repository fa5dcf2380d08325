/* Treatment data. For an unblinded request the subjects' own; for a blinded one what its report
 * must not say: the arms and randomisation numbers of the study, the kits and lots of the site,
 * which are never shown (blinding.h). */
#include "audit/sources/fetch.h"

static const char ASSIGNMENTS_SQL[] =
    "SELECT s.arm, s.rand_no FROM site i JOIN subject s ON s.site_id = i.site_id"
    " WHERE i.study_id = $1 AND (s.arm IS NOT NULL OR s.rand_no IS NOT NULL)"
    " ORDER BY s.subject_id";

static const char OWN_ASSIGNMENTS_SQL[] =
    "SELECT subject_id, arm, rand_no FROM subject WHERE site_id = $1 ORDER BY subject_id";

/* The same few lots come again and again: the set in blinding.c takes each once. */
static const char KITS_SQL[] =
    "SELECT DISTINCT kit_no, lot FROM ip_txn WHERE site_id = $1 AND kind <> 'storage'";

static enum status keep_text(struct fetch *fetch, const struct db_rows *rows, int column)
{
    const char *text = db_column_text(rows, column);
    if (text == NULL || text[0] == '\0') {
        return STATUS_OK;
    }
    struct treatment_text *treatment = fetch_new(fetch, sizeof(*treatment));
    if (treatment == NULL) {
        return fetch_out_of_memory(fetch);
    }
    treatment->text = fetch_text(fetch, rows, column);
    list_add(&fetch->base->treatment_texts, &treatment->node);
    return treatment->text == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static enum status on_pair(struct fetch *fetch, const struct db_rows *rows)
{
    enum status status = keep_text(fetch, rows, 0);
    return status == STATUS_OK ? keep_text(fetch, rows, 1) : status;
}

static enum status on_own_assignment(struct fetch *fetch, const struct db_rows *rows)
{
    int64_t subject_id = db_column_integer(rows, 0);
    LIST_EACH(struct subject, subject, &fetch->facts->edc.subjects) {
        if (subject->id == subject_id) {
            subject->arm = fetch_text(fetch, rows, 1);
            subject->rand_no = fetch_text(fetch, rows, 2);
            break;
        }
    }
    return STATUS_OK;
}

enum status fetch_edc_treatment(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value study_id = db_integer(fetch->base->study_id);
    struct db_value site_id = db_integer(fetch->base->site_id);
    return fetch->facts->is_unblinded
               ? fetch_rows(ctx, fetch, OWN_ASSIGNMENTS_SQL, &site_id, 1, on_own_assignment)
               : fetch_rows(ctx, fetch, ASSIGNMENTS_SQL, &study_id, 1, on_pair);
}

enum status fetch_ctms_treatment(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value site_id = db_integer(fetch->base->site_id);
    return fetch->facts->is_unblinded ? STATUS_OK
                                      : fetch_rows(ctx, fetch, KITS_SQL, &site_id, 1, on_pair);
}
