/* The result as JSON. Keys and their order are the schema
 * proto/walkie/crf/v1/crf-validation-1.schema.json. */
#include <stdlib.h>

#include "base/json_writer.h"
#include "crf/result.h"

struct json_result {
    struct crf_run *run;
    enum language language;
    bool is_used[WORD_COUNT];
    struct json_writer json;
};

static void put_text(struct json_result *result, const char *key, const char *text)
{
    json_key(&result->json, key);
    json_text(&result->json, text);
}

static void put_count(struct json_result *result, const char *key, uint64_t count)
{
    json_key(&result->json, key);
    json_integer(&result->json, (int64_t)count);
}

static void put_word(struct json_result *result, enum word word)
{
    result->is_used[word] = true;
    json_text(&result->json, word_id(word));
}

static void put_head(struct json_result *result)
{
    const struct crf_run *run = result->run;
    const struct crf_study *study = &run->study;
    put_text(result, "study", study->protocol_no);
    put_text(result, "site_no", study->site_id == 0 ? NULL : study_sites(study)[0].site_no);
    put_text(result, "source", study->source);
    put_text(result, "as_of", study->as_of);
    put_count(result, "data_version", (uint64_t)run->data_version);
    json_key(&result->json, "is_written");
    json_bool(&result->json, run->is_written);
    json_key(&result->json, "not_provided");
    json_begin(&result->json, '[');
    if (!study->has_values) {
        put_word(result, WORD_CRF_NO_VALUES);
    }
    if (!study->has_checks) {
        put_word(result, WORD_CRF_NO_CHECKS);
    }
    json_end(&result->json, ']');
}

static void put_counts(struct json_result *result)
{
    const struct crf_counts *counts = &result->run->counts;
    const struct {
        const char *key;
        uint64_t count;
    } ROWS[] = {{"subjects", counts->n_subjects}, {"forms", counts->n_forms},
        {"forms_missing", counts->n_missing}, {"items", counts->n_items},
        {"checks", counts->n_checks}, {"broken_checks", counts->n_broken},
        {"evaluated", counts->n_evaluated}, {"not_applicable", counts->n_not_applicable},
        {"too_costly", counts->n_too_costly}, {"problems", counts->n_problems},
        {"queries_opened", counts->n_opened}, {"queries_known", counts->n_known}};
    json_key(&result->json, "counts");
    json_begin(&result->json, '{');
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        put_count(result, ROWS[i].key, ROWS[i].count);
    }
    json_end(&result->json, '}');
}

static void put_error(struct json_result *result, const struct check_error *error)
{
    json_key(&result->json, "error");
    json_begin(&result->json, '{');
    put_count(result, "line", error->line);
    put_count(result, "column", error->column);
    put_text(result, "text", error->text);
    json_end(&result->json, '}');
}

static void put_check(struct json_result *result, const struct crf_check *check)
{
    const struct check_schema *schema = &result->run->study.schema;
    json_begin(&result->json, '{');
    put_text(result, "code", check->code);
    put_text(result, "form", check->form == CHECK_NO_FORM ? NULL : schema->forms[check->form].oid);
    put_text(result, "severity", check->severity);
    put_text(result, "message", check->message);
    put_text(result, "expression", check->expression);
    put_count(result, "evaluated", check->n_evaluated);
    put_count(result, "not_applicable", check->n_not_applicable);
    put_count(result, "too_costly", check->n_too_costly);
    put_count(result, "problems", check->n_problems);
    if (check->is_compiled) {
        json_key(&result->json, "error");
        json_null(&result->json);
    } else {
        put_error(result, &check->error);
    }
    json_end(&result->json, '}');
}

static enum status put_checks(struct json_result *result, const struct ctx *ctx)
{
    const struct crf_study *study = &result->run->study;
    json_key(&result->json, "checks");
    json_begin(&result->json, '[');
    for (size_t i = 0; i < study_n_checks(study); i++) {
        put_check(result, &study_checks(study)[i]);
        enum status status = ctx_err(ctx);
        if (status != STATUS_OK) {
            return status;
        }
    }
    json_end(&result->json, ']');
    return STATUS_OK;
}

static enum status on_problem(void *arg, const struct crf_problem *problem, const char *value)
{
    struct json_result *result = arg;
    struct json_writer *json = &result->json;
    struct result_cell cells[RESULT_COLUMNS];
    result_cells(result->run, problem, value, cells);
    json_begin(json, '{');
    for (int column = 0; column < RESULT_COLUMNS; column++) {
        json_key(json, RESULT_HEADS[column].id);
        switch (cells[column].kind) {
        case RESULT_NULL:
            json_null(json);
            break;
        case RESULT_TEXT:
            json_text(json, cells[column].text);
            break;
        case RESULT_INTEGER:
            json_integer(json, cells[column].integer);
            break;
        case RESULT_WORD:
            put_word(result, cells[column].word);
            break;
        }
    }
    json_end(json, '}');
    return json->status;
}

/* The columns' heads, the severities, and the words that were used. */
static void put_words(struct json_result *result)
{
    result->is_used[WORD_CRF_HARD] = result->is_used[WORD_CRF_SOFT] = true;
    for (size_t i = 0; i < RESULT_COLUMNS; i++) {
        result->is_used[RESULT_HEADS[i].word] = true;
    }
    json_key(&result->json, "words");
    json_begin(&result->json, '{');
    for (int word = 0; word < WORD_COUNT; word++) {
        if (result->is_used[word]) {
            put_text(
                result, word_id((enum word)word), word_text((enum word)word, result->language));
        }
    }
    json_end(&result->json, '}');
}

static enum status write(struct crf_run *run, const struct reader *reader, void *arg)
{
    struct json_result *result = arg;
    struct json_writer *json = &result->json;
    json_begin(json, '{');
    put_text(result, "schema", CRF_SCHEMA);
    put_text(result, "language", language_tag(result->language));
    json_key(json, "validation");
    json_begin(json, '{');
    put_head(result);
    put_counts(result);
    enum status status = put_checks(result, reader->ctx);
    if (status == STATUS_OK) {
        json_key(json, "problems");
        json_begin(json, '[');
        status = run_each_problem(run, reader->ctx, "render", on_problem, result, reader->error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    json_end(json, ']');
    json_end(json, '}');
    put_words(result);
    json_end(json, '}');
    return json_finish(json);
}

enum status crf_write_json(struct crf_run *run, const struct ctx *ctx, enum language language,
    crf_write_fn *write_piece, void *arg, struct error *ret_error)
{
    struct json_result *result = calloc(1, sizeof(*result));
    if (result == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    result->run = run;
    result->language = language;
    json_init(&result->json, write_piece, arg);
    const struct reader reader = {ctx, NULL, ret_error};
    enum status status = run_enter(run, &reader, CRF_RENDER, write, result);
    free(result);
    return status;
}
