#include "stand_in/lab_results.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    char *study;
    char *site_no;
    char *collected_on;
    char *json;
};

struct lab_results {
    char *snapshot_at;
    struct row *rows;
    size_t n_rows;
    size_t n_rows_max;
};

void lab_results_free(struct lab_results *results)
{
    if (results == NULL) {
        return;
    }
    for (size_t i = 0; i < results->n_rows; i++) {
        free(results->rows[i].study);
        free(results->rows[i].site_no);
        free(results->rows[i].collected_on);
        cJSON_free(results->rows[i].json);
    }
    free(results->rows);
    free(results->snapshot_at);
    free(results);
}

/* A copy of a text of the object; NULL when it has none of that name. */
static char *copy_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text == NULL ? NULL : strdup(text);
}

static bool make_room(struct lab_results *results)
{
    if (results->n_rows < results->n_rows_max) {
        return true;
    }
    size_t n_rows_max = results->n_rows_max == 0 ? 1024 : 2 * results->n_rows_max;
    struct row *rows = realloc(results->rows, n_rows_max * sizeof(*rows));
    if (rows == NULL) {
        return false;
    }
    results->rows = rows;
    results->n_rows_max = n_rows_max;
    return true;
}

static bool add_row(struct lab_results *results, const cJSON *object)
{
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(object, "result");
    if (result == NULL || !make_room(results)) {
        return false;
    }
    struct row *row = &results->rows[results->n_rows++];
    *row = (struct row){
        .study = copy_text(object, "study"),
        .site_no = copy_text(object, "site_no"),
        .collected_on = copy_text(result, "collected_on"),
        .json = cJSON_PrintUnformatted(result),
    };
    return row->study != NULL && row->site_no != NULL && row->collected_on != NULL &&
           row->json != NULL;
}

static bool add_line(struct lab_results *results, const char *line)
{
    cJSON *object = cJSON_Parse(line);
    bool is_good;
    if (results->snapshot_at == NULL) {
        results->snapshot_at = copy_text(object, "snapshot_at");
        is_good = results->snapshot_at != NULL;
    } else {
        is_good = add_row(results, object);
    }
    cJSON_Delete(object);
    return is_good;
}

static enum status read_lines(
    FILE *file, const char *path, struct lab_results *results, struct error *ret_error)
{
    char *line = NULL;
    size_t capacity = 0;
    size_t n_lines = 0;
    size_t n_bytes = 0;
    enum status status = STATUS_OK;
    ssize_t len;
    while (status == STATUS_OK && (len = getline(&line, &capacity, file)) >= 0) {
        n_lines++;
        n_bytes += (size_t)len;
        if (n_bytes > LAB_FILE_LEN_MAX || !add_line(results, line)) {
            status = error_set(
                ret_error, STATUS_DATA_LOSS, "%s:%zu: no laboratory result", path, n_lines);
        }
    }
    free(line);
    if (status == STATUS_OK && results->snapshot_at == NULL) {
        status = error_set(ret_error, STATUS_DATA_LOSS, "%s: it is empty", path);
    }
    return status;
}

enum status lab_results_read(
    const char *path, struct lab_results **ret_results, struct error *ret_error)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    struct lab_results *results = calloc(1, sizeof(*results));
    enum status status = results == NULL
                             ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                             : read_lines(file, path, results, ret_error);
    fclose(file);
    if (status != STATUS_OK) {
        lab_results_free(results);
        return status;
    }
    *ret_results = results;
    return STATUS_OK;
}

enum status lab_results_write_page(
    const struct lab_results *results, const struct lab_page_request *request, struct buffer *page)
{
    size_t n_seen = 0;
    size_t n_written = 0;
    bool is_known = false;
    bool has_more = false;
    enum status status = buffer_append_text(page, "{\"results\":[");
    for (size_t i = 0; i < results->n_rows && status == STATUS_OK && !has_more; i++) {
        const struct row *row = &results->rows[i];
        if (strcmp(row->study, request->study) != 0 ||
            strcmp(row->site_no, request->site_no) != 0) {
            continue;
        }
        is_known = true;
        if (strcmp(row->collected_on, request->as_of) > 0 || n_seen++ < request->first) {
            continue;
        }
        has_more = n_written == request->n_max;
        if (!has_more) {
            status = buffer_printf(page, "%s%s", n_written++ == 0 ? "" : ",", row->json);
        }
    }
    if (status == STATUS_OK && !is_known) {
        return STATUS_NOT_FOUND;
    }
    if (status == STATUS_OK) {
        status = buffer_printf(page,
            "],\"as_of\":\"%s\",\"snapshot_at\":\"%s\",\"next\":", request->as_of,
            results->snapshot_at);
    }
    if (status == STATUS_OK) {
        status = has_more ? buffer_printf(page, "\"%zu\"}", request->first + n_written)
                          : buffer_append_text(page, "null}");
    }
    return status;
}
