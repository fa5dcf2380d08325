/* The import from beginning to end: read and sort, then write subject by subject, then the trail.
 */
#include "import/odm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/again.h"
#include "import/odm_internal.h"
#include "import/odm_subject.h"

enum { DIGEST_CHUNK = 64 * 1024 };

static bool make_memory(struct odm *odm)
{
    struct keymap **const maps[] = {&odm->foreign_spaces, &odm->version_oids, &odm->field_map,
        &odm->subject_map, &odm->repeat_keys, &odm->audit_map};
    struct odm_index *const indexes[] = {&odm->events, &odm->forms, &odm->groups, &odm->items,
        &odm->code_lists, &odm->units, &odm->users, &odm->locations, &odm->signatures};
    bool is_made = true;
    for (size_t i = 0; i < LENGTH_OF(maps); i++) {
        *maps[i] = keymap_new();
        is_made = is_made && *maps[i] != NULL;
    }
    for (size_t i = 0; i < LENGTH_OF(indexes); i++) {
        is_made = odm_index_init(indexes[i]) && is_made;
    }
    odm->arena = arena_new(ODM_DEFINITION_MEMORY_MAX);
    odm->records = sorter_new(ODM_SORT_MEMORY);
    odm->trail = sorter_new(ODM_SORT_MEMORY);
    return is_made && odm->arena != NULL && odm->records != NULL && odm->trail != NULL;
}

static struct odm *odm_new(const struct ctx *ctx, const struct odm_options *options)
{
    struct odm *odm = calloc(1, sizeof(*odm));
    if (odm == NULL) {
        return NULL;
    }
    const char *slash = strrchr(options->path, '/');
    odm->ctx = ctx;
    odm->options = options;
    odm->file_name = slash == NULL || slash[1] == '\0' ? options->path : slash + 1;
    odm->level = ODM_LEVELS;
    odm->complaints.output = options->complaints;
    return odm;
}

static void odm_free(struct odm **odm_at)
{
    struct odm *odm = *odm_at;
    if (odm == NULL) {
        return;
    }
    struct keymap *const maps[] = {odm->foreign_spaces, odm->version_oids, odm->field_map,
        odm->subject_map, odm->repeat_keys, odm->audit_map};
    struct odm_index *const indexes[] = {&odm->events, &odm->forms, &odm->groups, &odm->items,
        &odm->code_lists, &odm->units, &odm->users, &odm->locations, &odm->signatures};
    for (size_t i = 0; i < LENGTH_OF(maps); i++) {
        keymap_free(maps[i]);
    }
    for (size_t i = 0; i < LENGTH_OF(indexes); i++) {
        odm_index_finish(indexes[i]);
    }
    sorter_free(odm->records);
    sorter_free(odm->trail);
    free(odm->fields);
    free(odm->subjects);
    free(odm->audits);
    arena_free(odm->arena);
    progress_free(odm->progress);
    dataset_free(odm->dataset);
    input_close(odm->input);
    free(odm);
}

/* The digest of the whole file; an empty text for a pipe, which can be read only once. */
static enum status digest_input(
    struct odm *odm, char digest[AGAIN_DIGEST_MAX], struct error *ret_error)
{
    char hex[SHA256_HEX_MAX];
    digest[0] = '\0';
    if (!input_rewind(odm->input)) {
        return STATUS_OK;
    }
    char *chunk = malloc(DIGEST_CHUNK);
    size_t len = 1;
    enum status status = chunk == NULL
                             ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                             : STATUS_OK;
    while (status == STATUS_OK && len > 0) {
        status = input_read(odm->input, chunk, DIGEST_CHUNK, &len, ret_error);
    }
    free(chunk);
    if (status == STATUS_OK) {
        input_digest_hex(odm->input, hex);
        snprintf(digest, AGAIN_DIGEST_MAX, ODM_READER "%s", hex);
        status = input_rewind(odm->input) ? STATUS_OK
                                          : error_set(ret_error, STATUS_UNAVAILABLE,
                                                "%s: cannot be read again", odm->file_name);
    }
    return status;
}

/* Whether the databases were made from this very file. */
static enum status check_again(struct odm *odm, bool *ret_is_same, struct error *ret_error)
{
    char digest[AGAIN_DIGEST_MAX];
    *ret_is_same = false;
    if (odm->options->dataset.is_forced || !again_has_target(&odm->options->dataset)) {
        return STATUS_OK;
    }
    enum status status = digest_input(odm, digest, ret_error);
    if (status == STATUS_OK && digest[0] != '\0') {
        status = again_check(odm->ctx, &odm->options->dataset, digest, ret_is_same, ret_error);
    }
    return status;
}

static enum status read_file(struct odm *odm, struct error *ret_error)
{
    odm->progress = odm->options->progress == NULL ? NULL
                                                   : progress_new(odm->options->progress,
                                                         odm->file_name, input_size(odm->input));
    odm->complaints.progress = odm->progress;
    enum status status =
        xml_stream_read(odm->ctx, input_read, odm->input, &ODM_HANDLER, odm, ret_error);
    if (status != STATUS_OK && odm->status == STATUS_OK && ctx_err(odm->ctx) == STATUS_OK) {
        error_prefix(ret_error, "%s", odm->file_name); /* "study.xml: 12: …" */
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!odm->is_defined) {
        odm_define(odm); /* a file of definitions only */
    }
    odm_check_audits(odm);
    return complaints_end(&odm->complaints, odm->file_name, ret_error);
}

static enum status status_of(struct odm *odm, struct error *ret_error)
{
    if (odm->status == STATUS_OK && dataset_status(odm->dataset) != STATUS_OK) {
        odm_fail(odm, dataset_status(odm->dataset), "%s", dataset_error_text(odm->dataset));
    }
    return odm->status == STATUS_OK ? STATUS_OK
                                    : error_set(ret_error, odm->status, "%s", odm->error.text);
}

static enum status write_data(struct odm *odm, struct error *ret_error)
{
    odm_write_sites(odm);
    odm_write_subjects(odm);
    enum status status = status_of(odm, ret_error);
    if (status == STATUS_OK) {
        status = complaints_end(&odm->complaints, odm->file_name, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    odm_trail_write(odm);
    odm_describe(odm);
    return status_of(odm, ret_error);
}

static enum status load(struct odm *odm, struct error *ret_error)
{
    char hex[SHA256_HEX_MAX];
    char digest[AGAIN_DIGEST_MAX];
    enum status status = read_file(odm, ret_error);
    if (status == STATUS_OK) {
        status = write_data(odm, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    input_digest_hex(odm->input, hex);
    snprintf(digest, sizeof(digest), ODM_READER "%s", hex);
    dataset_set_meta(odm->dataset, SCHEMA_EDC, AGAIN_KEY, digest);
    dataset_set_meta(odm->dataset, SCHEMA_CTMS, AGAIN_KEY, digest);
    return dataset_publish(odm->dataset, ret_error);
}

enum status odm_import(
    const struct ctx *ctx, const struct odm_options *options, struct error *ret_error)
{
    CLEANUP(odm_free) struct odm *odm = odm_new(ctx, options);
    if (odm == NULL || !make_memory(odm)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    bool is_same = false;
    enum status status = input_open(ctx, options->path, &odm->input, ret_error);
    if (status == STATUS_OK) {
        status = check_again(odm, &is_same, ret_error);
    }
    if (status == STATUS_OK && is_same) {
        if (options->summary != NULL) {
            fprintf(
                options->summary, "%s: is loaded already; nothing was changed\n", odm->file_name);
        }
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = dataset_open(ctx, &options->dataset, &odm->dataset, ret_error);
    }
    if (status == STATUS_OK) {
        status = load(odm, ret_error);
    }
    progress_wipe(odm->progress);
    if (status == STATUS_OK && options->summary != NULL) {
        odm_print_summary(odm, options->summary);
    }
    return status;
}
