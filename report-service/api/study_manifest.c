/* manifest.json: what is in the zip, of which data, and what is not. */
#include <stdlib.h>

#include "api/study_batch.h"
#include "base/json_writer.h"

static void put_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void put_number(struct json_writer *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_integer(json, (int64_t)value);
}

static void put_versions(struct json_writer *json, int64_t edc, int64_t ctms)
{
    json_key(json, "data_version");
    json_begin(json, '{');
    put_number(json, "edc", (uint64_t)edc);
    put_number(json, "ctms", (uint64_t)ctms);
    json_end(json, '}');
}

static void put_site(struct json_writer *json, const struct study_site *site)
{
    const struct result *result = &site->result;
    json_begin(json, '{');
    put_text(json, "site_no", site->site_no);
    if (site->status != STATUS_OK) {
        put_text(json, "status", status_name(site->status));
        put_text(json, "error", site->words);
        json_end(json, '}');
        return;
    }
    put_text(json, "file", site->entry);
    put_number(json, "bytes", result->len);
    put_text(json, "sha256", result->sha256);
    put_text(json, "content_hash", result->content_hash);
    json_key(json, "findings");
    json_begin(json, '{');
    for (int grade = 0; grade < GRADE_COUNT; grade++) {
        put_number(json, word_id(grade_word((enum grade)grade)), (uint64_t)result->findings[grade]);
    }
    json_end(json, '}');
    put_versions(json, result->edc_version, result->ctms_version);
    json_key(json, "is_reused");
    json_bool(json, site->is_reused);
    json_end(json, '}');
}

static void put_manifest(struct json_writer *json, const struct study_batch *batch)
{
    json_begin(json, '{');
    put_text(json, "schema", STUDY_MANIFEST_SCHEMA);
    put_text(json, "study", batch->request->study);
    put_text(json, "as_of", batch->as_of);
    put_text(json, "language", language_tag(batch->language));
    put_text(json, "format", render_word(batch->request->format));
    json_key(json, "is_final");
    json_bool(json, batch->request->is_final);
    json_key(json, "is_unblinded");
    json_bool(json, batch->request->is_unblinded);
    put_number(json, "sites", batch->n_sites);
    put_number(json, "made", batch->n_made);
    put_number(json, "reused", batch->n_reused);
    put_number(json, "failed", batch->n_failed);
    put_versions(json, batch->versions.edc, batch->versions.ctms);
    json_key(json, "is_data_changed");
    json_bool(json, batch->is_data_changed);
    json_key(json, "reports");
    json_begin(json, '[');
    for (const struct study_site *site = batch->first; site != NULL; site = site->next) {
        put_site(json, site);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static enum status put_piece(void *arg, struct bytes piece)
{
    struct study_batch *batch = arg;
    return zip_write(batch->zip, piece, &batch->error);
}

enum status study_write_manifest(struct study_batch *batch)
{
    struct json_writer *json = malloc(sizeof(*json));
    if (json == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status =
        zip_begin(batch->zip, "manifest.json", ZIP_DEFLATED, ZIP_LEN_UNKNOWN, &batch->error);
    if (status == STATUS_OK) {
        json_init(json, put_piece, batch);
        json->is_pretty = true;
        put_manifest(json, batch);
        status = json_finish(json);
    }
    free(json);
    return status == STATUS_OK ? zip_end(batch->zip, &batch->error) : status;
}
