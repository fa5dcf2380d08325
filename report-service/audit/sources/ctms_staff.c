/* The site's people in the CTMS: the log of delegations, trainings, approved versions. */
#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

static const char STAFF_SQL[] =
    "SELECT staff_id, name, role, cv_on, gcp_cert_on, gcp_expires_on, licence_expires_on"
    " FROM site_staff WHERE site_id = $1 ORDER BY staff_id";

static const char DELEGATIONS_SQL[] =
    "SELECT d.staff_id, d.task, d.from_on, d.to_on, d.pi_signed_on"
    " FROM site_staff s JOIN delegation d ON d.staff_id = s.staff_id"
    " WHERE s.site_id = $1 ORDER BY d.staff_id, d.delegation_id";

static const char TRAININGS_SQL[] = "SELECT t.staff_id, t.topic, t.version, t.done_on"
                                    " FROM site_staff s JOIN training t ON t.staff_id = s.staff_id"
                                    " WHERE s.site_id = $1 ORDER BY t.staff_id, t.training_id";

static const char VERSIONS_SQL[] =
    "SELECT kind, doc_version, approved_on FROM ethics WHERE site_id = $1"
    " AND kind IN ('protocol', 'icf') AND doc_version IS NOT NULL AND approved_on IS NOT NULL"
    " ORDER BY approved_on, ethics_id";

/* A date that has come by as_of; else NULL. */
static const char *past_date(struct fetch *fetch, const struct db_rows *rows, int column)
{
    const char *date = fetch_date(fetch, rows, column);
    return fetch_has_come(fetch, date, false) ? date : NULL;
}

static bool is_over(const struct fetch *fetch, const char *date)
{
    int64_t day;
    return date_first_day(date, &day) && day < fetch->facts->as_of_day;
}

static enum status on_staff(struct fetch *fetch, const struct db_rows *rows)
{
    struct staff_member *staff = fetch_new(fetch, sizeof(*staff));
    if (staff == NULL) {
        return fetch_out_of_memory(fetch);
    }
    staff->id = db_column_integer(rows, 0);
    staff->name = fetch_text(fetch, rows, 1);
    staff->role = fetch_text(fetch, rows, 2);
    staff->cv_on = past_date(fetch, rows, 3);
    staff->gcp_cert_on = past_date(fetch, rows, 4);
    staff->gcp_expires_on = fetch_date(fetch, rows, 5);
    staff->licence_expires_on = fetch_date(fetch, rows, 6);
    staff->is_gcp_expired = is_over(fetch, staff->gcp_expires_on);
    staff->is_licence_expired = is_over(fetch, staff->licence_expires_on);
    list_add(&fetch->facts->ctms.staff, &staff->node);
    return staff->name == NULL || staff->role == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

/* Rows come person by person, in the order of the people. */
static struct staff_member *staff_of(const struct fetch *fetch, int64_t id)
{
    LIST_EACH(struct staff_member, staff, &fetch->facts->ctms.staff) {
        if (staff->id == id) {
            return staff;
        }
    }
    return NULL;
}

static void extend_tasks(
    const struct fetch *fetch, struct staff_member *staff, const struct delegation *delegation)
{
    if (!staff->has_tasks || delegation->from_day < staff->delegated_from) {
        staff->delegated_from = delegation->from_day;
    }
    if (!staff->has_tasks || delegation->to_day > staff->delegated_to) {
        staff->delegated_to = delegation->to_day;
    }
    staff->has_tasks = true;
    staff->has_tasks_now = staff->has_tasks_now || delegation->to_day >= fetch->facts->as_of_day;
}

/* A delegation without a date, or from after as_of, is none yet. */
static enum status on_delegation(struct fetch *fetch, const struct db_rows *rows)
{
    struct staff_member *staff = staff_of(fetch, db_column_integer(rows, 0));
    if (staff == NULL || !fetch_has_come(fetch, db_column_text(rows, 2), false)) {
        return STATUS_OK;
    }
    struct delegation *delegation = fetch_new(fetch, sizeof(*delegation));
    if (delegation == NULL) {
        return fetch_out_of_memory(fetch);
    }
    delegation->staff = staff;
    delegation->task = fetch_text(fetch, rows, 1);
    delegation->from_on = fetch_date(fetch, rows, 2);
    delegation->to_on = past_date(fetch, rows, 3);
    delegation->pi_signed_on = past_date(fetch, rows, 4);
    delegation->to_day = fetch->facts->as_of_day;
    if (delegation->to_on != NULL && !date_first_day(delegation->to_on, &delegation->to_day)) {
        delegation->to_on = NULL;
    }
    if (delegation->task == NULL || !date_first_day(delegation->from_on, &delegation->from_day)) {
        return fetch_out_of_memory(fetch); /* it had a date above: only memory can lack */
    }
    extend_tasks(fetch, staff, delegation);
    list_add(&fetch->facts->ctms.delegations, &delegation->node);
    return STATUS_OK;
}

static enum status on_training(struct fetch *fetch, const struct db_rows *rows)
{
    const struct staff_member *staff = staff_of(fetch, db_column_integer(rows, 0));
    if (staff == NULL) {
        return STATUS_OK;
    }
    struct training *training = fetch_new(fetch, sizeof(*training));
    if (training == NULL) {
        return fetch_out_of_memory(fetch);
    }
    training->staff = staff;
    training->topic = fetch_text(fetch, rows, 1);
    training->version = fetch_text(fetch, rows, 2);
    training->done_on = past_date(fetch, rows, 3);
    list_add(&fetch->facts->ctms.trainings, &training->node);
    return training->topic == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static enum status on_version(struct fetch *fetch, const struct db_rows *rows)
{
    const char *approved_on = past_date(fetch, rows, 2);
    if (approved_on == NULL) {
        return STATUS_OK;
    }
    struct approved_version *version = fetch_new(fetch, sizeof(*version));
    if (version == NULL) {
        return fetch_out_of_memory(fetch);
    }
    version->topic = fetch_text(fetch, rows, 0);
    version->version = fetch_text(fetch, rows, 1);
    version->approved_on = approved_on;
    list_add(&fetch->facts->ctms.approved_versions, &version->node);
    return version->topic == NULL || version->version == NULL ? fetch_out_of_memory(fetch)
                                                              : STATUS_OK;
}

enum status fetch_ctms_staff(const struct ctx *ctx, struct fetch *fetch)
{
    static const struct {
        const char *table;
        const char *sql;
        fetch_row_fn *on_row;
    } QUERIES[] = {
        {"site_staff", STAFF_SQL, on_staff},
        {"delegation", DELEGATIONS_SQL, on_delegation},
        {"training", TRAININGS_SQL, on_training},
        {"ethics", VERSIONS_SQL, on_version},
    };
    struct db_value site_id = db_integer(fetch->base->site_id);
    for (size_t i = 0; i < LENGTH_OF(QUERIES); i++) {
        if (!facts_has(fetch->base, QUERIES[i].table, NULL)) {
            continue;
        }
        enum status status = fetch_rows(ctx, fetch, QUERIES[i].sql, &site_id, 1, QUERIES[i].on_row);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}
