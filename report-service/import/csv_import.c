/* The folder: which files there are, in which order they are read, and what is not there. */
#include "import/csv_import.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"
#include "import/again.h"
#include "import/csv_internal.h"

enum { DIGEST_CHUNK = 64 * 1024, NAMES_MAX = TABLE_COUNT + 2 };

static const char READER[] = "csv/1:";
static const enum schema_kind KINDS[] = {SCHEMA_EDC, SCHEMA_CTMS};

static bool is_wanted(const struct csv_load *load, enum schema_kind kind)
{
    return kind == SCHEMA_EDC || load->options->dataset.ctms_uri != NULL;
}

static bool make_path(
    const struct csv_load *load, enum schema_kind kind, const char *name, char path[CSV_PATH_MAX])
{
    int len = snprintf(
        path, CSV_PATH_MAX, "%s/%s/%s.csv", load->options->folder, schema_kind_name(kind), name);
    return len > 0 && len < CSV_PATH_MAX;
}

bool csv_open_file(struct csv_load *load, enum schema_kind kind, const char *name,
    enum status *ret_status, struct error *ret_error)
{
    *ret_status = STATUS_OK;
    snprintf(load->file_name, sizeof(load->file_name), "%s/%s.csv", schema_kind_name(kind), name);
    if (!make_path(load, kind, name, load->path) || access(load->path, F_OK) != 0) {
        return false;
    }
    *ret_status = input_open(load->ctx, load->path, &load->input, ret_error);
    if (*ret_status == STATUS_OK) {
        load->csv = csv_new(CSV_COMMA, input_read, load->input);
        *ret_status = load->csv == NULL
                          ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                          : STATUS_OK;
    }
    return true;
}

/* Names and contents: a file that is moved to another name is another input. */
static void add_to_digest(struct csv_load *load)
{
    char hex[SHA256_HEX_MAX];
    input_digest_hex(load->input, hex);
    sha256_update(load->digest, load->file_name, strlen(load->file_name) + 1);
    sha256_update(load->digest, hex, sizeof(hex));
}

void csv_close_file(struct csv_load *load)
{
    if (load->input != NULL) {
        load->n_bytes_before += input_position(load->input);
        add_to_digest(load);
    }
    csv_free(load->csv);
    input_close(load->input);
    load->csv = NULL;
    load->input = NULL;
}

enum status csv_read_record(struct csv_load *load, bool *ret_has_record, struct error *ret_error)
{
    enum status status = csv_next(load->csv, &load->record, ret_has_record, ret_error);
    if (status != STATUS_OK && ret_error->text[0] != '\0' && ctx_err(load->ctx) == STATUS_OK) {
        error_prefix(ret_error, "%s", load->file_name);
        return status == STATUS_INVALID_ARGUMENT ? STATUS_DATA_LOSS : status; /* of the file */
    }
    return status;
}

/* --- what is in the folder ------------------------------------------------------------------ */

static size_t names_of(enum schema_kind kind, const char *names[NAMES_MAX])
{
    size_t n_names = 0;
    for (int table = 0; table < (int)TABLE_COUNT; table++) {
        if (dataset_table_kind((enum table)table) == kind) {
            names[n_names++] = dataset_table_name((enum table)table);
        }
    }
    names[n_names++] = "meta";
    names[n_names++] = "provided";
    return n_names;
}

static void check_name(struct csv_load *load, enum schema_kind kind, const char *file_name)
{
    const char *names[NAMES_MAX];
    size_t n_names = names_of(kind, names);
    char name[CSV_NAME_MAX] = "";
    char shown[CSV_FILE_NAME_MAX];
    size_t len = strlen(file_name);
    if (len < 4 || strcmp(file_name + len - 4, ".csv") != 0) {
        return; /* not one of ours */
    }
    if (len - 4 < sizeof(name)) {
        memcpy(name, file_name, len - 4);
    }
    for (size_t i = 0; i < n_names; i++) {
        if (strcmp(names[i], name) == 0) {
            return;
        }
    }
    const char *nearest = nearest_name(name, names, n_names);
    snprintf(shown, sizeof(shown), "%s/%.40s", schema_kind_name(kind), file_name);
    complain(&load->complaints, shown, 1, "there is no such table%s%s%s",
        nearest == NULL ? "" : "; is ", nearest == NULL ? "" : nearest,
        nearest == NULL ? "" : ".csv meant?");
}

/* A misspelt file would be a table that is not provided. */
static enum status check_names(struct csv_load *load, struct error *ret_error)
{
    for (size_t i = 0; i < LENGTH_OF(KINDS); i++) {
        char path[CSV_PATH_MAX];
        snprintf(path, sizeof(path), "%s/%s", load->options->folder, schema_kind_name(KINDS[i]));
        DIR *folder = is_wanted(load, KINDS[i]) ? opendir(path) : NULL;
        if (folder == NULL && is_wanted(load, KINDS[i])) {
            return error_set(ret_error, STATUS_UNAVAILABLE,
                "%s: %s (a folder of tables is expected)", path, strerror(errno));
        }
        while (folder != NULL) {
            const struct dirent *entry = readdir(folder);
            if (entry == NULL) {
                break;
            }
            check_name(load, KINDS[i], entry->d_name);
        }
        if (folder != NULL) {
            closedir(folder);
        }
    }
    return STATUS_OK;
}

/* --- meta and provided ---------------------------------------------------------------------- */

static bool is_protected(const char *key)
{
    static const char *const KEYS[] = {
        "schema_kind", "schema_version", "data_version", "site_total_version", "source", AGAIN_KEY};
    for (size_t i = 0; i < LENGTH_OF(KEYS); i++) {
        if (strcmp(KEYS[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static void take_meta(struct csv_load *load, enum schema_kind kind)
{
    if (!is_protected(load->record.fields[0])) {
        dataset_set_meta(load->dataset, kind, load->record.fields[0], load->record.fields[1]);
    }
}

static void take_provided(struct csv_load *load, enum schema_kind kind)
{
    const char *is_provided = load->record.fields[1];
    if (strcmp(is_provided, "0") == 0) {
        dataset_not_provided(load->dataset, kind, load->record.fields[0], load->record.fields[2]);
    } else if (strcmp(is_provided, "1") != 0) {
        complain(&load->complaints, load->file_name, load->record.line,
            "is_provided: \"%.20s\" is neither 0 nor 1", is_provided);
    }
}

/* A file of this very header; each record goes to `take`. */
static enum status read_small(struct csv_load *load, enum schema_kind kind, const char *name,
    const char *const *columns, size_t n_columns,
    void (*take)(struct csv_load *load, enum schema_kind kind), struct error *ret_error)
{
    enum status status;
    bool has_record = true;
    if (!csv_open_file(load, kind, name, &status, ret_error)) {
        return status;
    }
    for (bool is_header = true; status == STATUS_OK && has_record; is_header = false) {
        status = csv_read_record(load, &has_record, ret_error);
        if (status != STATUS_OK || !has_record) {
            break;
        }
        bool is_good = load->record.n_fields == n_columns;
        for (size_t i = 0; is_header && is_good && i < n_columns; i++) {
            is_good = strcmp(load->record.fields[i], columns[i]) == 0;
        }
        if (!is_good) {
            complain(&load->complaints, load->file_name, load->record.line,
                "%zu columns, %s first, are expected", n_columns, columns[0]);
        } else if (!is_header) {
            take(load, kind);
        }
    }
    csv_close_file(load);
    return status;
}

static enum status read_about(struct csv_load *load, enum schema_kind kind, struct error *ret_error)
{
    static const char *const META[] = {"key", "value"};
    static const char *const PROVIDED[] = {"table_name", "is_provided", "note"};
    enum status status = read_small(load, kind, "meta", META, 2, take_meta, ret_error);
    return status == STATUS_OK
               ? read_small(load, kind, "provided", PROVIDED, 3, take_provided, ret_error)
               : status;
}

/* --- all of it ------------------------------------------------------------------------------ */

static enum status read_table(struct csv_load *load, enum table table, struct error *ret_error)
{
    const char *name = dataset_table_name(table);
    enum schema_kind kind = dataset_table_kind(table);
    enum status status;
    if (csv_open_file(load, kind, name, &status, ret_error)) {
        status = status == STATUS_OK ? csv_load_rows(load, table, ret_error) : status;
        csv_close_file(load);
        return status;
    }
    if (strcmp(name, "study") == 0 || strcmp(name, "site") == 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s is missing", load->file_name);
    }
    dataset_not_provided(load->dataset, kind, name, "there is no such file");
    return STATUS_OK;
}

static enum status read_all(struct csv_load *load, struct error *ret_error)
{
    enum status status = check_names(load, ret_error);
    for (int table = 0; status == STATUS_OK && table < (int)TABLE_COUNT; table++) {
        if (is_wanted(load, dataset_table_kind((enum table)table))) {
            status = read_table(load, (enum table)table, ret_error);
        }
    }
    for (size_t i = 0; status == STATUS_OK && i < LENGTH_OF(KINDS); i++) {
        if (is_wanted(load, KINDS[i])) {
            status = read_about(load, KINDS[i], ret_error);
        }
    }
    if (status == STATUS_OK) {
        status = complaints_end(&load->complaints, load->options->folder, ret_error);
    }
    return status;
}

static void finish_digest(struct csv_load *load, char digest[AGAIN_DIGEST_MAX])
{
    char hex[SHA256_HEX_MAX];
    sha256_finish_hex(load->digest, hex);
    snprintf(digest, AGAIN_DIGEST_MAX, "%s%s", READER, hex);
}

static enum status pass_over(struct csv_load *load, char *chunk, struct error *ret_error)
{
    size_t len = 1;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && len > 0) {
        status = input_read(load->input, chunk, DIGEST_CHUNK, &len, ret_error);
    }
    return status;
}

/* The digest of all files, in the order in which read_all reads them. Also counts their bytes. */
static enum status digest_all(
    struct csv_load *load, char digest[AGAIN_DIGEST_MAX], struct error *ret_error)
{
    enum status status = STATUS_OK;
    char *chunk = malloc(DIGEST_CHUNK);
    const char *names[2 * NAMES_MAX];
    enum schema_kind kinds[2 * NAMES_MAX];
    size_t n_files = 0;
    for (int table = 0; table < (int)TABLE_COUNT; table++) {
        kinds[n_files] = dataset_table_kind((enum table)table);
        names[n_files++] = dataset_table_name((enum table)table);
    }
    for (size_t i = 0; i < 2 * LENGTH_OF(KINDS); i++) {
        kinds[n_files] = KINDS[i / 2];
        names[n_files++] = i % 2 == 0 ? "meta" : "provided";
    }
    for (size_t i = 0; chunk != NULL && status == STATUS_OK && i < n_files; i++) {
        if (is_wanted(load, kinds[i]) &&
            csv_open_file(load, kinds[i], names[i], &status, ret_error)) {
            status = status == STATUS_OK ? pass_over(load, chunk, ret_error) : status;
            csv_close_file(load);
        }
    }
    free(chunk);
    finish_digest(load, digest);
    return chunk == NULL ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                         : status;
}

static enum status load_all(struct csv_load *load, uint64_t n_bytes, struct error *ret_error)
{
    char digest[AGAIN_DIGEST_MAX];
    const struct csv_import_options *options = load->options;
    load->n_bytes_before = 0;
    load->progress = options->progress == NULL
                         ? NULL
                         : progress_new(options->progress, options->folder, n_bytes);
    load->complaints.progress = load->progress;
    enum status status = dataset_open(load->ctx, &options->dataset, &load->dataset, ret_error);
    if (status == STATUS_OK) {
        status = read_all(load, ret_error);
    }
    progress_wipe(load->progress);
    if (status != STATUS_OK) {
        return status;
    }
    finish_digest(load, digest);
    dataset_set_meta(load->dataset, SCHEMA_EDC, AGAIN_KEY, digest);
    dataset_set_meta(load->dataset, SCHEMA_CTMS, AGAIN_KEY, digest);
    status = dataset_publish(load->dataset, ret_error);
    for (int table = 0; status == STATUS_OK && options->summary != NULL && table < (int)TABLE_COUNT;
         table++) {
        uint64_t n_rows = dataset_rows(load->dataset, (enum table)table);
        if (n_rows > 0) {
            fprintf(options->summary, "  %-5s %-16s %10" PRIu64 "\n",
                schema_kind_name(dataset_table_kind((enum table)table)),
                dataset_table_name((enum table)table), n_rows);
        }
    }
    return status;
}

static void finish(struct csv_load *load)
{
    for (int table = 0; table < (int)TABLE_COUNT; table++) {
        id_set_free(load->ids[table]);
    }
    csv_free(load->csv);
    input_close(load->input);
    progress_free(load->progress);
    dataset_free(load->dataset);
    sha256_free(load->digest);
}

enum status csv_import(
    const struct ctx *ctx, const struct csv_import_options *options, struct error *ret_error)
{
    CLEANUP(finish)
    struct csv_load load = {.ctx = ctx, .options = options, .digest = sha256_new()};
    char digest[AGAIN_DIGEST_MAX];
    bool is_same = false;
    load.complaints.output = options->complaints;
    if (load.digest == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = digest_all(&load, digest, ret_error);
    if (status == STATUS_OK) {
        status = again_check(ctx, &options->dataset, digest, &is_same, ret_error);
    }
    if (status == STATUS_OK && is_same) {
        if (options->summary != NULL) {
            fprintf(
                options->summary, "%s: is loaded already; nothing was changed\n", options->folder);
        }
        return STATUS_OK;
    }
    return status == STATUS_OK ? load_all(&load, load.n_bytes_before, ret_error) : status;
}
