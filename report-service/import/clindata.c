#include "import/clindata.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/clindata_internal.h"

enum { ROWS_PER_POLL = 1024 };

static const char *const QUIRK_WORDS[QUIRK_COUNT] = {
    [QUIRK_DEVIATION_WITHOUT_SITE] = "deviations left out: their subject is not in the EDC",
    [QUIRK_SUBJECT_WITHOUT_CTMS_SITE] = "subjects kept at sites that the CTMS does not list",
    [QUIRK_VISIT_WITHOUT_DATE] = "visits without a date kept as missed",
    [QUIRK_OUT_OF_BOUND] = "words marked \"out of bound\" replaced",
};

enum status clindata_bad(
    struct clindata *import, const struct export_table *table, const char *format, ...)
{
    import->n_bad++;
    if (import->n_bad <= CLINDATA_BAD_SHOWN_MAX) {
        progress_wipe(import->progress);
        char text[256];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        fprintf(stderr, "%s:%" PRIu64 ": %s\n", table_name(table), table_line(table), text);
    }
    return STATUS_OK;
}

const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

const char *keep_text(struct clindata *import, const char *text)
{
    return text[0] == '\0' ? NULL : arena_copy_text(import->arena, text);
}

bool is_good_date(
    struct clindata *import, const struct export_table *table, size_t column, const char **ret_date)
{
    const char *text = table_text(table, column);
    int day;
    if (text[0] != '\0' && !calendar_parse(text, &day)) {
        (void)clindata_bad(import, table, "\"%.40s\" is not a date", text);
        return false;
    }
    *ret_date = text_or_null(text);
    return true;
}

bool is_good_number(struct clindata *import, const struct export_table *table, size_t column,
    struct db_value *ret_value)
{
    const char *text = table_text(table, column);
    char *end;
    if (text[0] == '\0') {
        *ret_value = db_null();
        return true;
    }
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || number - number != 0.0) {
        (void)clindata_bad(import, table, "\"%.40s\" is not a number", text);
        return false;
    }
    *ret_value = db_real(number);
    return true;
}

bool is_good_word(struct clindata *import, const struct export_table *table, size_t column,
    const struct word *words, size_t n_words, const char *fallback, const char **ret_word)
{
    static const char MARK[] = "out of bound:";
    const char *text = table_text(table, column);
    bool is_marked = strncmp(text, MARK, strlen(MARK)) == 0;
    text += is_marked ? strlen(MARK) : 0;
    import->n_quirks[QUIRK_OUT_OF_BOUND] += is_marked ? 1 : 0;
    for (size_t i = 0; i < n_words; i++) {
        if (strcmp(words[i].theirs, text) == 0) {
            *ret_word = words[i].ours;
            return true;
        }
    }
    if (!is_marked) {
        (void)clindata_bad(import, table, "\"%.60s\" is not a known word here", text);
        return false;
    }
    *ret_word = fallback;
    return true;
}

struct clin_subject *find_subject(
    const struct clindata *import, const struct export_table *table, size_t column)
{
    int64_t index;
    return keymap_get(import->subjects, table_text(table, column), &index) ? &import->subject[index]
                                                                           : NULL;
}

enum status clindata_each(struct clindata *import, const char *name, const char *const *columns,
    size_t n_columns, clindata_row_fn *row, struct error *ret_error)
{
    struct export_table *table = NULL;
    bool has_row = true;
    uint64_t n_rows = 0;
    enum status status =
        table_open(import->options->folder, name, columns, n_columns, &table, ret_error);
    progress_begin(import->progress, name, status == STATUS_OK ? table_size(table) : 0);
    while (status == STATUS_OK) {
        status = table_next(table, &has_row, ret_error);
        if (status != STATUS_OK || !has_row) {
            break;
        }
        status = row(import, table, ret_error);
        if (++n_rows % ROWS_PER_POLL == 0 && status == STATUS_OK) {
            progress_at(import->progress, table_position(table), n_rows);
            status = dataset_status(import->dataset);
            if (status != STATUS_OK) {
                error_set(ret_error, status, "%s", dataset_error_text(import->dataset));
            }
        }
    }
    table_close(table);
    return status;
}

static enum status read_all(struct clindata *import, struct error *ret_error)
{
    static enum status (*const STEPS[])(struct clindata *, struct error *) = {clindata_read_sites,
        clindata_read_subjects, clindata_read_visits, clindata_read_items, clindata_read_safety,
        clindata_read_deviations};
    for (size_t i = 0; i < LENGTH_OF(STEPS); i++) {
        enum status status = STEPS[i](import, ret_error);
        if (status == STATUS_OK && dataset_status(import->dataset) != STATUS_OK) {
            status = error_set(ret_error, dataset_status(import->dataset), "%s",
                dataset_error_text(import->dataset));
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    clindata_describe(import);
    return STATUS_OK;
}

static void print_counts(const struct clindata *import)
{
    for (int table = 0; table < (int)TABLE_COUNT; table++) {
        uint64_t n_rows = dataset_rows(import->dataset, (enum table)table);
        if (n_rows > 0) {
            printf("  %-5s %-16s %10" PRIu64 "\n", table < (int)TABLE_EDC_COUNT ? "edc" : "ctms",
                dataset_table_name((enum table)table), n_rows);
        }
    }
    for (int quirk = 0; quirk < (int)QUIRK_COUNT; quirk++) {
        printf("  %" PRIu64 " %s\n", import->n_quirks[quirk], QUIRK_WORDS[quirk]);
    }
}

static void finish(struct clindata *import)
{
    struct keymap *const maps[] = {import->sites, import->ctms_sites, import->subjects,
        import->event_defs, import->events, import->form_defs, import->forms, import->item_defs};
    for (size_t i = 0; i < LENGTH_OF(maps); i++) {
        keymap_free(maps[i]);
    }
    free(import->subject);
    arena_free(import->arena);
    progress_free(import->progress);
    dataset_free(import->dataset);
}

static bool make_memory(struct clindata *import)
{
    struct keymap **const maps[] = {&import->sites, &import->ctms_sites, &import->subjects,
        &import->event_defs, &import->events, &import->form_defs, &import->forms,
        &import->item_defs};
    bool is_made = true;
    for (size_t i = 0; i < LENGTH_OF(maps); i++) {
        *maps[i] = keymap_new();
        is_made = is_made && *maps[i] != NULL;
    }
    import->arena = arena_new(CLINDATA_MEMORY_MAX);
    return is_made && import->arena != NULL;
}

enum status clindata_import(
    const struct ctx *ctx, const struct clindata_options *options, struct error *ret_error)
{
    CLEANUP(finish) struct clindata import = {.ctx = ctx, .options = options};
    if (!make_memory(&import)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = dataset_open(ctx, &options->dataset, &import.dataset, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    import.progress =
        options->progress == NULL ? NULL : progress_new(options->progress, options->folder, 0);
    status = read_all(&import, ret_error);
    progress_wipe(import.progress);
    if (import.n_bad > CLINDATA_BAD_SHOWN_MAX) {
        fprintf(stderr, "and %" PRIu64 " more\n", import.n_bad - CLINDATA_BAD_SHOWN_MAX);
    }
    if (status == STATUS_OK && import.n_bad > 0) {
        status = error_set(ret_error, STATUS_DATA_LOSS,
            "%s: %" PRIu64 " bad rows; nothing was loaded", options->folder, import.n_bad);
    }
    if (status == STATUS_OK) {
        status = dataset_publish(import.dataset, ret_error);
    }
    if (status == STATUS_OK) {
        print_counts(&import);
    }
    return status;
}
