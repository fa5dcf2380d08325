/* The versions of protocol and consent form that the site's ethics committee approved. */
#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

static const char VERSIONS_SQL[] =
    "SELECT kind, doc_version, approved_on FROM ethics WHERE site_id = $1"
    " AND kind IN ('icf', 'protocol') AND doc_version IS NOT NULL ORDER BY ethics_id";

static enum status on_version(struct fetch *fetch, const struct db_rows *rows)
{
    struct ctms_facts *ctms = &fetch->facts->ctms;
    const char *approved_on = db_column_text(rows, 2);
    int64_t day;
    if (!date_is_complete(approved_on) || !date_first_day(approved_on, &day) ||
        day > fetch->facts->as_of_day) {
        return STATUS_OK; /* not approved yet */
    }
    struct document_version *version = fetch_new(fetch, sizeof(*version));
    if (version == NULL) {
        return fetch_out_of_memory(fetch);
    }
    version->version = fetch_text(fetch, rows, 1);
    version->approved_on = fetch_date(fetch, rows, 2);
    version->approved_day = day;
    bool is_protocol = fetch_is_word(rows, 0, "protocol");
    list_add(is_protocol ? &ctms->protocol_versions : &ctms->consent_versions, &version->node);
    return version->version == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static int by_approval(const struct list_node *a, const struct list_node *b)
{
    const struct document_version *left = (const struct document_version *)a;
    const struct document_version *right = (const struct document_version *)b;
    return left->approved_day < right->approved_day ? -1 : left->approved_day > right->approved_day;
}

enum status fetch_ctms_versions(const struct ctx *ctx, struct fetch *fetch)
{
    if (!facts_has(fetch->base, "ethics", NULL)) {
        return STATUS_OK;
    }
    struct db_value site_id = db_integer(fetch->base->site_id);
    enum status status = fetch_rows(ctx, fetch, VERSIONS_SQL, &site_id, 1, on_version);
    list_sort(&fetch->facts->ctms.consent_versions, by_approval);
    list_sort(&fetch->facts->ctms.protocol_versions, by_approval);
    return status;
}
