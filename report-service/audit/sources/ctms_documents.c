/* The site's essential documents in the CTMS, as they stood at as_of. */
#include <string.h>

#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

static const char DOCUMENTS_SQL[] =
    "SELECT tmf_ref, title, required, version, received_on, expires_on, location, status"
    " FROM essential_doc WHERE site_id = $1 ORDER BY doc_id";

/* What the source's status says is of today; the dates say what was true at as_of. */
static enum document_state state_of(const struct fetch *fetch, const struct db_rows *rows,
    const struct essential_document *document)
{
    int64_t expires;
    int64_t as_of = fetch->facts->as_of_day;
    if (fetch_is_word(rows, 7, "superseded")) {
        return DOCUMENT_SUPERSEDED;
    }
    bool is_undated = db_column_is_null(rows, 4) && !fetch_is_word(rows, 7, "missing");
    if (document->received_on == NULL && !is_undated) {
        return document->is_required ? DOCUMENT_MISSING : DOCUMENT_NOT_REQUIRED;
    }
    if (!date_first_day(document->expires_on, &expires)) {
        return fetch_is_word(rows, 7, "expired") ? DOCUMENT_EXPIRED : DOCUMENT_CURRENT;
    }
    if (expires < as_of) {
        return DOCUMENT_EXPIRED;
    }
    return expires <= as_of + EXPIRING_DAYS ? DOCUMENT_EXPIRING : DOCUMENT_CURRENT;
}

static enum status on_document(struct fetch *fetch, const struct db_rows *rows)
{
    struct essential_document *document = fetch_new(fetch, sizeof(*document));
    if (document == NULL) {
        return fetch_out_of_memory(fetch);
    }
    const char *received_on = fetch_date(fetch, rows, 4);
    document->tmf_ref = fetch_text(fetch, rows, 0);
    document->title = fetch_text(fetch, rows, 1);
    document->is_required = db_column_integer(rows, 2) != 0;
    document->version = fetch_text(fetch, rows, 3);
    document->received_on = fetch_has_come(fetch, received_on, false) ? received_on : NULL;
    document->expires_on = fetch_date(fetch, rows, 5);
    document->location = fetch_text(fetch, rows, 6);
    document->is_tmf = fetch_is_word(rows, 6, "tmf");
    document->state = state_of(fetch, rows, document);
    list_add(&fetch->facts->ctms.documents, &document->node);
    return document->tmf_ref == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static bool is_filed(const struct essential_document *document)
{
    return document->state != DOCUMENT_MISSING && document->state != DOCUMENT_NOT_REQUIRED &&
           document->state != DOCUMENT_SUPERSEDED;
}

/* Whether the other file knows the document: as filed, or as missing (which is said of it there).
 */
static bool is_known_elsewhere(
    const struct list *documents, const struct essential_document *document)
{
    LIST_EACH(const struct essential_document, other, documents) {
        if (other->is_tmf != document->is_tmf && other->state != DOCUMENT_SUPERSEDED &&
            strcmp(other->tmf_ref, document->tmf_ref) == 0) {
            return true;
        }
    }
    return false;
}

/* The two files are compared where the source lists documents of both. */
static void compare_files(struct list *documents)
{
    size_t n_tmf = 0;
    LIST_EACH(const struct essential_document, document, documents) {
        n_tmf += document->is_tmf;
    }
    if (n_tmf == 0 || n_tmf == documents->count) {
        return;
    }
    LIST_EACH(struct essential_document, document, documents) {
        document->is_absent_elsewhere =
            document->is_required && is_filed(document) && !is_known_elsewhere(documents, document);
    }
}

enum status fetch_ctms_documents(const struct ctx *ctx, struct fetch *fetch)
{
    if (!facts_has(fetch->base, "essential_doc", NULL)) {
        return STATUS_OK;
    }
    struct db_value site_id = db_integer(fetch->base->site_id);
    enum status status = fetch_rows(ctx, fetch, DOCUMENTS_SQL, &site_id, 1, on_document);
    if (status == STATUS_OK) {
        compare_files(&fetch->facts->ctms.documents);
    }
    return status;
}
