/* README.txt for people and manifest.json for programs. */
#include <stdlib.h>
#include <string.h>

#include "audit/document/format_cell.h"
#include "audit/export/csv_bundle_internal.h"
#include "audit/model/json.h"
#include "base/json_writer.h"

static enum status put_line(struct bundle *bundle, enum word template_word,
    const struct cell *arguments, size_t n_arguments)
{
    char text[TEMPLATE_TEXT_MAX];
    format_template(word_text(template_word, bundle->language), arguments, n_arguments,
        bundle->language, text, sizeof(text));
    enum status status = zip_write(bundle->zip, bytes_of(text), &bundle->error);
    return status == STATUS_OK ? zip_write(bundle->zip, bytes_of("\r\n"), &bundle->error) : status;
}

enum status bundle_readme(struct bundle *bundle)
{
    const struct report *report = bundle->report;
    const struct cell arguments[] = {cell_text(report->site_no), cell_text(report->study_protocol),
        cell_date(report->as_of), cell_text(report->content_hash)};
    static const enum word WORDS[] = {
        WORD_EXPORT_README, WORD_EXPORT_README_FILES, WORD_EXPORT_README_FORM};
    enum status status =
        zip_begin(bundle->zip, "README.txt", ZIP_DEFLATED, ZIP_LEN_UNKNOWN, &bundle->error);
    for (size_t i = 0; i < LENGTH_OF(WORDS) && status == STATUS_OK; i++) {
        status = put_line(bundle, WORDS[i], arguments, LENGTH_OF(arguments));
    }
    if (status == STATUS_OK) {
        status = put_line(
            bundle, report->is_final ? WORD_FINAL : WORD_DRAFT, arguments, LENGTH_OF(arguments));
    }
    return status == STATUS_OK ? zip_end(bundle->zip, &bundle->error) : status;
}

static void put_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void put_columns(
    struct json_writer *json, const struct bundle_file *file, enum language language)
{
    json_key(json, "columns");
    json_begin(json, '[');
    for (size_t i = 0; file->table != NULL && i < file->table->n_columns; i++) {
        json_begin(json, '{');
        put_text(json, "id", file->table->columns[i].id);
        put_text(json, "head", word_text(file->table->columns[i].head, language));
        json_end(json, '}');
    }
    for (size_t i = 0; file->heads != NULL && file->heads[i] != NULL; i++) {
        json_begin(json, '{');
        put_text(json, "id", file->heads[i]);
        json_end(json, '}');
    }
    if (file->has_anchors) {
        json_begin(json, '{');
        put_text(json, "id", "anchor");
        json_end(json, '}');
    }
    json_end(json, ']');
}

static void put_file(
    struct json_writer *json, const struct bundle_file *file, enum language language)
{
    json_begin(json, '{');
    put_text(json, "name", file->name);
    put_text(json, "title", file->title == WORD_NONE ? NULL : word_text(file->title, language));
    json_key(json, "rows");
    json_integer(json, (int64_t)file->n_rows);
    put_text(json, "sha256", file->sha256);
    put_columns(json, file, language);
    json_end(json, '}');
}

static void put_manifest(struct json_writer *json, const struct bundle *bundle)
{
    const struct report *report = bundle->report;
    json_begin(json, '{');
    put_text(json, "schema", CSV_BUNDLE_SCHEMA);
    put_text(json, "content_hash", report->content_hash[0] == '\0' ? NULL : report->content_hash);
    put_text(json, "language", language_tag(bundle->language));
    put_text(json, "study", report->study_protocol);
    put_text(json, "site_no", report->site_no);
    put_text(json, "site_name", report->site_name);
    put_text(json, "requester", report->requester);
    put_text(json, "as_of", report->as_of);
    json_key(json, "is_final");
    json_bool(json, report->is_final);
    json_key(json, "is_unblinded");
    json_bool(json, report->is_unblinded);
    json_key(json, "files");
    json_begin(json, '[');
    for (const struct bundle_file *file = bundle->first; file != NULL; file = file->next) {
        put_file(json, file, bundle->language);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static enum status put_piece(void *arg, struct bytes piece)
{
    struct bundle *bundle = arg;
    return zip_write(bundle->zip, piece, &bundle->error);
}

enum status bundle_manifest(struct bundle *bundle)
{
    struct json_writer *json = malloc(sizeof(*json));
    if (json == NULL) {
        return error_set(&bundle->error, STATUS_RESOURCE_EXHAUSTED, "csv: out of memory");
    }
    enum status status =
        zip_begin(bundle->zip, "manifest.json", ZIP_DEFLATED, ZIP_LEN_UNKNOWN, &bundle->error);
    if (status == STATUS_OK) {
        json_init(json, put_piece, bundle);
        json->is_pretty = true;
        put_manifest(json, bundle);
        status = json_finish(json);
    }
    free(json);
    return status == STATUS_OK ? zip_end(bundle->zip, &bundle->error) : status;
}
