/* The model's one canonical form. The document that people get wraps it: {"schema":…,
 * "content_hash":…,"language":…,"report":<canonical>,"words":{…}}; the hash is that of the bytes of
 * "report". Keys and their order are the schema in report-service/audit/README.md. */
#include "audit/model/json.h"

#include <stdlib.h>

#include "audit/model/json_blocks.h"
#include "crypto/sha256.h"

static void put_section(struct writing *writing, const struct section *section)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    json_key(json, "number");
    json_integer(json, section->number);
    json_put_text(writing, "id", section->id);
    json_put_word(writing, "title", section->title);
    json_put_text(writing, "anchor", section->anchor);
    json_key(json, "blocks");
    json_begin(json, '[');
    for (const struct block *block = section->first; block != NULL; block = block->next) {
        json_begin(json, '{');
        json_put_text(writing, "kind", model_block_kind(block->kind));
        if (block->id != NULL) {
            json_put_text(writing, "id", block->id);
        }
        json_put_block(writing, block);
        json_end(json, '}');
        json_listen(writing);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static void put_finding(struct writing *writing, const struct finding *finding)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    json_put_text(writing, "rule", finding->rule_code);
    json_put_text(writing, "grade", word_id(grade_word(finding->grade)));
    json_put_word(writing, "area", finding->area);
    json_put_word(writing, "statement", finding->statement);
    json_put_cells(writing, "arguments", finding->arguments, finding->n_arguments);
    json_put_text(writing, "reference", finding->reference);
    json_put_text(writing, "anchor", finding->anchor);
    json_put_text(writing, "evidence", finding->evidence_anchor);
    json_key(json, "n_evidence");
    json_integer(json, finding->n_evidence);
    json_key(json, "section");
    json_integer(json, finding->section_number);
    json_end(json, '}');
}

static void put_cover(struct writing *writing, const struct report *report)
{
    struct json_writer *json = &writing->json;
    json_put_text(writing, "study", report->study_protocol);
    json_put_text(writing, "study_title", report->study_title);
    json_put_text(writing, "site_no", report->site_no);
    json_put_text(writing, "site_name", report->site_name);
    json_put_text(writing, "investigator", report->investigator);
    json_put_text(writing, "country", report->country);
    json_put_text(writing, "requester", report->requester);
    json_put_text(writing, "as_of", report->as_of);
    json_put_text(writing, "period_from", report->period_from);
    json_key(json, "is_final");
    json_bool(json, report->is_final);
    json_key(json, "is_unblinded");
    json_bool(json, report->is_unblinded);
    json_key(json, "snapshots");
    json_begin(json, '[');
    for (size_t i = 0; i < report->n_snapshots; i++) {
        json_begin(json, '{');
        json_put_text(writing, "source", report->snapshots[i].source);
        json_key(json, "at");
        json_put_instant(writing, report->snapshots[i].at);
        json_put_text(writing, "extract_on", report->snapshots[i].extract_on);
        json_key(json, "data_version");
        if (report->snapshots[i].data_version == 0) {
            json_null(json);
        } else {
            json_integer(json, report->snapshots[i].data_version);
        }
        json_end(json, '}');
    }
    json_end(json, ']');
}

static void put_report(struct writing *writing, const struct report *report)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    put_cover(writing, report);
    json_key(json, "findings");
    json_begin(json, '[');
    for (const struct finding *finding = report->first_finding; finding != NULL;
         finding = finding->next) {
        put_finding(writing, finding);
    }
    json_end(json, ']');
    json_key(json, "sections");
    json_begin(json, '[');
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        put_section(writing, section);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static void put_words(struct writing *writing, enum language language)
{
    json_key(&writing->json, "words");
    json_begin(&writing->json, '{');
    for (int word = 0; word < WORD_COUNT; word++) {
        if (writing->is_used[word]) {
            json_put_text(writing, word_id((enum word)word), word_text((enum word)word, language));
        }
    }
    json_end(&writing->json, '}');
}

static struct writing *writing_new(const struct ctx *ctx, model_write_fn *write, void *arg)
{
    struct writing *writing = calloc(1, sizeof(*writing));
    if (writing != NULL) {
        json_init(&writing->json, write, arg);
        writing->ctx = ctx;
    }
    return writing;
}

static enum status hash_piece(void *arg, struct bytes piece)
{
    sha256_update(arg, piece.data, piece.len);
    return STATUS_OK;
}

enum status model_hash(const struct ctx *ctx, struct report *report)
{
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    struct writing *writing = writing_new(ctx, hash_piece, digest);
    if (digest == NULL || writing == NULL) {
        free(writing);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    put_report(writing, report);
    enum status status = json_finish(&writing->json);
    free(writing);
    if (status == STATUS_OK) {
        sha256_finish_hex(digest, report->content_hash);
    }
    return status;
}

enum status model_write_json(const struct ctx *ctx, const struct report *report,
    enum language language, model_write_fn *write, void *arg)
{
    struct writing *writing = writing_new(ctx, write, arg);
    if (writing == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    json_begin(&writing->json, '{');
    json_put_text(writing, "schema", "walkie.audit-report/1");
    json_put_text(
        writing, "content_hash", report->content_hash[0] == '\0' ? NULL : report->content_hash);
    json_put_text(writing, "language", language_tag(language));
    json_key(&writing->json, "report");
    put_report(writing, report);
    put_words(writing, language);
    json_end(&writing->json, '}');
    enum status status = json_finish(&writing->json);
    free(writing);
    return status;
}
