#include "audit/export/csv_bundle.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/document/format_cell.h"
#include "audit/export/csv_bundle_internal.h"
#include "audit/model/json.h"
#include "base/json_writer.h"
#include "ctx/checkpoint.h"

enum {
    ROWS_PER_CHECKPOINT = 64,
    FILES_MEMORY_MAX = 4 << 20, /* bytes of the list of files */
};

static enum status put_csv(void *arg, struct bytes piece)
{
    struct bundle *bundle = arg;
    sha256_update(bundle->digest, piece.data, piece.len);
    return zip_write(bundle->zip, piece, &bundle->error);
}

struct bundle_file *bundle_begin(
    struct bundle *bundle, const char *name, enum word title, const char *const *heads)
{
    struct bundle_file *file = arena_alloc(bundle->arena, sizeof(*file));
    if (file == NULL || name == NULL) {
        error_set(&bundle->error, STATUS_RESOURCE_EXHAUSTED, "csv: too many files");
        return NULL;
    }
    file->name = name;
    file->title = title;
    file->heads = heads;
    if (zip_begin(bundle->zip, name, ZIP_DEFLATED, ZIP_LEN_UNKNOWN, &bundle->error) != STATUS_OK) {
        return NULL;
    }
    *bundle->last = file;
    bundle->last = &file->next;
    csv_init(&bundle->csv, put_csv, bundle);
    for (size_t i = 0; heads != NULL && heads[i] != NULL; i++) {
        csv_plain(&bundle->csv, heads[i]);
    }
    if (heads != NULL) {
        csv_end_row(&bundle->csv);
    }
    return file;
}

enum status bundle_end(struct bundle *bundle, struct bundle_file *file)
{
    enum status status = csv_finish(&bundle->csv);
    if (status == STATUS_OK) {
        sha256_finish_hex(bundle->digest, file->sha256);
        status = zip_end(bundle->zip, &bundle->error);
    }
    return status;
}

void bundle_end_row(struct bundle *bundle, struct bundle_file *file)
{
    csv_end_row(&bundle->csv);
    file->n_rows++;
    if (++bundle->n_rows % ROWS_PER_CHECKPOINT == 0 && bundle->csv.status == STATUS_OK) {
        bundle->csv.status = ctx_checkpoint(bundle->ctx, "csv", bundle->n_rows, 0);
    }
}

void bundle_number(struct bundle *bundle, double value)
{
    char text[JSON_NUMBER_MAX] = "";
    if (isfinite(value)) {
        json_format_number(value, text);
    }
    csv_plain(&bundle->csv, text);
}

void bundle_integer(struct bundle *bundle, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    csv_plain(&bundle->csv, text);
}

void bundle_cell(struct bundle *bundle, const struct cell *cell)
{
    struct csv_writer *csv = &bundle->csv;
    char text[MODEL_INSTANT_MAX];
    char room[CELL_TEXT_MAX];
    switch (cell->kind) {
    case CELL_NONE:
        csv_plain(csv, "");
        return;
    case CELL_NOT_PROVIDED:
    case CELL_WORD:
    case CELL_BLINDED:
        csv_text(csv, format_cell(cell, bundle->language, room));
        return;
    case CELL_TEXT:
    case CELL_DATE:
        csv_text(csv, cell->text);
        return;
    case CELL_INTEGER:
        bundle_integer(bundle, cell->integer);
        return;
    case CELL_NUMBER:
    case CELL_PERCENT:
        bundle_number(bundle, cell->number);
        return;
    case CELL_INSTANT:
        model_format_instant(cell->integer, text);
        csv_plain(csv, text);
        return;
    }
}

void bundle_template(struct bundle *bundle, enum word template_word, const struct cell *arguments,
    size_t n_arguments)
{
    char text[TEMPLATE_TEXT_MAX];
    format_template(word_text(template_word, bundle->language), arguments, n_arguments,
        bundle->language, text, sizeof(text));
    csv_text(&bundle->csv, text);
}

static enum status write_findings(struct bundle *bundle)
{
    static const char *const HEADS[] = {"code", "grade", "area", "finding", "section", "reference",
        "n_evidence", "evidence", "anchor", NULL};
    struct bundle_file *file = bundle_begin(bundle, "findings.csv", WORD_TABLE_FINDINGS, HEADS);
    if (file == NULL) {
        return bundle->error.status;
    }
    struct csv_writer *csv = &bundle->csv;
    for (const struct finding *finding = bundle->report->first_finding;
         finding != NULL && csv->status == STATUS_OK; finding = finding->next) {
        csv_plain(csv, finding->rule_code);
        csv_text(csv, word_text(grade_word(finding->grade), bundle->language));
        csv_text(csv, word_text(finding->area, bundle->language));
        bundle_template(bundle, finding->statement, finding->arguments, finding->n_arguments);
        bundle_integer(bundle, finding->section_number);
        csv_text(csv, finding->reference);
        bundle_integer(bundle, finding->n_evidence);
        csv_text(csv, finding->evidence_anchor);
        csv_text(csv, finding->anchor);
        bundle_end_row(bundle, file);
    }
    return bundle_end(bundle, file);
}

static enum status write_facts(struct bundle *bundle)
{
    static const char *const HEADS[] = {"section", "block", "id", "label", "value", NULL};
    struct bundle_file *file = bundle_begin(bundle, "facts.csv", WORD_NONE, HEADS);
    if (file == NULL) {
        return bundle->error.status;
    }
    for (const struct section *section = bundle->report->first; section != NULL;
         section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            for (const struct fact *fact = block->first_fact; fact != NULL; fact = fact->next) {
                bundle_integer(bundle, section->number);
                csv_plain(&bundle->csv, block->id);
                csv_plain(&bundle->csv, fact->id);
                csv_text(&bundle->csv, word_text(fact->label, bundle->language));
                bundle_cell(bundle, &fact->value);
                bundle_end_row(bundle, file);
            }
        }
    }
    return bundle_end(bundle, file);
}

static void write_sentence(
    struct bundle *bundle, struct bundle_file *file, int number, const struct block *block)
{
    struct csv_writer *csv = &bundle->csv;
    bool is_gap = block->kind == BLOCK_NOT_PROVIDED;
    bundle_integer(bundle, number);
    csv_plain(csv, model_block_kind(block->kind));
    csv_plain(csv, word_id(block->word));
    bundle_template(bundle, block->word, block->arguments, block->n_arguments);
    csv_text(csv, is_gap ? block->source : NULL);
    bundle_end_row(bundle, file);
}

static enum status write_text(struct bundle *bundle)
{
    static const char *const HEADS[] = {"section", "kind", "word", "text", "source", NULL};
    struct bundle_file *file = bundle_begin(bundle, "text.csv", WORD_NONE, HEADS);
    if (file == NULL) {
        return bundle->error.status;
    }
    for (const struct section *section = bundle->report->first; section != NULL;
         section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            switch (block->kind) {
            case BLOCK_PARAGRAPH:
            case BLOCK_HEADING:
            case BLOCK_NOT_PROVIDED:
                write_sentence(bundle, file, section->number, block);
                break;
            case BLOCK_FACTS:
            case BLOCK_TABLE:
            case BLOCK_CHART:
                break;
            }
        }
    }
    return bundle_end(bundle, file);
}

static enum status write_files(struct bundle *bundle)
{
    enum status status = bundle_readme(bundle);
    if (status == STATUS_OK) {
        status = write_findings(bundle);
    }
    if (status == STATUS_OK) {
        status = write_facts(bundle);
    }
    if (status == STATUS_OK) {
        status = write_text(bundle);
    }
    for (const struct section *section = bundle->report->first;
         section != NULL && status == STATUS_OK; section = section->next) {
        status = bundle_section(bundle, section);
    }
    if (status == STATUS_OK) {
        status = bundle_manifest(bundle);
    }
    return status == STATUS_OK ? zip_finish(bundle->zip, &bundle->error) : status;
}

static void bundle_free(struct bundle *bundle)
{
    zip_free(bundle->zip);
    sha256_free(bundle->digest);
    arena_free(bundle->arena);
    free(bundle);
}

enum status csv_bundle_write(const struct ctx *ctx, const struct report *report,
    enum language language, zip_write_fn *write, void *arg, struct error *ret_error)
{
    struct bundle *bundle = calloc(1, sizeof(*bundle));
    if (bundle == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "csv: out of memory");
    }
    bundle->ctx = ctx;
    bundle->report = report;
    bundle->language = language;
    bundle->last = &bundle->first;
    bundle->digest = sha256_new();
    bundle->arena = arena_new(FILES_MEMORY_MAX);
    enum status status = zip_new(write, arg, &bundle->zip, &bundle->error);
    if (status == STATUS_OK && (bundle->digest == NULL || bundle->arena == NULL)) {
        status = error_set(&bundle->error, STATUS_RESOURCE_EXHAUSTED, "csv: out of memory");
    }
    if (status == STATUS_OK) {
        status = write_files(bundle);
    }
    if (status != STATUS_OK) {
        const char *words =
            bundle->error.text[0] == '\0' ? status_text(status) : bundle->error.text;
        error_set(ret_error, status, "%s", words);
    }
    bundle_free(bundle);
    return status;
}
