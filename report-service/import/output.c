/* flock is not in POSIX. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "import/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char SCHEME[] = "sqlite:";

static bool is_server_uri(const char *uri)
{
    return strncmp(uri, "postgresql://", strlen("postgresql://")) == 0 ||
           strncmp(uri, "postgres://", strlen("postgres://")) == 0;
}

static enum status take_path(
    enum schema_kind kind, const char *uri, struct output *output, struct error *ret_error)
{
    size_t scheme_len = strlen(SCHEME);
    output->is_server = is_server_uri(uri);
    if (output->is_server) {
        return STATUS_OK;
    }
    if (strncmp(uri, SCHEME, scheme_len) != 0 || uri[scheme_len] == '\0') {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--%s: sqlite:PATH or postgresql://… is expected", schema_kind_name(kind));
    }
    int len = snprintf(output->path, sizeof(output->path), "%s", uri + scheme_len);
    if (len < 0 || (size_t)len >= sizeof(output->path)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--%s: a path of more than %d bytes",
            schema_kind_name(kind), OUTPUT_PATH_MAX - 1);
    }
    snprintf(output->partial_path, sizeof(output->partial_path), "%s.partial", output->path);
    return STATUS_OK;
}

/* Journals beside a file belong to the file that was there: next to another one they would be
 * played back into it. */
static void remove_journals(const char *path)
{
    static const char *const SUFFIXES[] = {"-journal", "-wal", "-shm"};
    char name[OUTPUT_PATH_MAX + 32];
    for (size_t i = 0; i < LENGTH_OF(SUFFIXES); i++) {
        snprintf(name, sizeof(name), "%s%s", path, SUFFIXES[i]);
        unlink(name);
    }
}

static enum status take_partial(struct output *output, struct error *ret_error)
{
    output->lock = open(output->partial_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (output->lock < 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot create: %s",
            output->partial_path, strerror(errno));
    }
    if (flock(output->lock, LOCK_EX | LOCK_NB) != 0) {
        close(output->lock);
        output->lock = -1; /* not ours: it must not be removed */
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: another walkie-data is writing it",
            output->partial_path);
    }
    if (ftruncate(output->lock, 0) != 0) {
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "%s: %s", output->partial_path, strerror(errno));
    }
    remove_journals(output->partial_path);
    return STATUS_OK;
}

static enum status open_partial(
    const struct ctx *ctx, struct output *output, struct error *ret_error)
{
    char uri[OUTPUT_PATH_MAX + 32];
    snprintf(uri, sizeof(uri), "%s%s", SCHEME, output->partial_path);
    const struct db_options options = {
        .name = schema_kind_name(output->kind), .uri = uri, .mode = DB_OPEN_CREATE};
    enum status status = db_open(ctx, &options, &output->db, ret_error);
    if (status == STATUS_OK) {
        status = db_begin(ctx, output->db, DB_WRITE, &output->session, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_migrate_in(ctx, output->session, output->kind, ret_error);
    }
    return status;
}

/* The data version of the file that is to be replaced; 0 when it holds none that can be read. */
static int64_t version_of_older(const struct ctx *ctx, const struct output *output)
{
    char uri[OUTPUT_PATH_MAX + 16];
    snprintf(uri, sizeof(uri), "%s%s", SCHEME, output->path);
    const struct db_options options = {
        .name = schema_kind_name(output->kind), .uri = uri, .mode = DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    struct db_session *session = NULL;
    int64_t version = 0;
    enum status status = db_open(ctx, &options, &db, NULL);
    if (status == STATUS_OK) {
        status = db_begin(ctx, db, DB_READ, &session, NULL);
    }
    if (status == STATUS_OK && schema_data_version(ctx, session, &version, NULL) != STATUS_OK) {
        version = 0;
    }
    db_end(session);
    db_close(db);
    return version;
}

/* Readers tell data sets apart by this counter: what replaces a file counts on from it. */
static enum status count_on(
    const struct ctx *ctx, const struct output *output, struct error *ret_error)
{
    char text[24];
    int64_t version = access(output->path, F_OK) == 0 ? version_of_older(ctx, output) : 0;
    snprintf(text, sizeof(text), "%" PRId64, version);
    return version == 0 ? STATUS_OK
                        : schema_set_meta(ctx, output->session, "data_version", text, ret_error);
}

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

/* A database holds one data set: whatever study is in it has to go first. */
static enum status check_server(
    const struct ctx *ctx, struct output *output, bool is_forced, struct error *ret_error)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = false;
    enum status status = db_query(ctx, output->session,
        "SELECT protocol_no FROM study ORDER BY study_id", NULL, 0, &rows, ret_error);
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    output->is_replacing = has_row;
    if (has_row && !is_forced) {
        return error_set(ret_error, STATUS_ALREADY_EXISTS,
            "%s: holds study %.60s already; --force replaces it", db_place(output->db),
            db_column_text(rows, 0));
    }
    return STATUS_OK;
}

static enum status open_server(const struct ctx *ctx, const char *uri, bool is_forced,
    struct output *output, struct error *ret_error)
{
    const struct db_options options = {
        .name = schema_kind_name(output->kind), .uri = uri, .mode = DB_OPEN_READ_WRITE};
    enum status status = db_open(ctx, &options, &output->db, ret_error);
    if (status == STATUS_OK) {
        status = db_begin(ctx, output->db, DB_WRITE, &output->session, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_migrate_in(ctx, output->session, output->kind, ret_error);
    }
    return status == STATUS_OK ? check_server(ctx, output, is_forced, ret_error) : status;
}

static enum status open_file(
    const struct ctx *ctx, bool is_forced, struct output *output, struct error *ret_error)
{
    struct stat file;
    if (!is_forced && lstat(output->path, &file) == 0) {
        return error_set(ret_error, STATUS_ALREADY_EXISTS,
            "%s: exists already; --force replaces it", output->path);
    }
    enum status status = take_partial(output, ret_error);
    if (status == STATUS_OK) {
        status = open_partial(ctx, output, ret_error);
    }
    return status == STATUS_OK ? count_on(ctx, output, ret_error) : status;
}

enum status output_open(const struct ctx *ctx, enum schema_kind kind, const char *uri,
    bool is_forced, struct output **ret_output, struct error *ret_error)
{
    struct output *output = calloc(1, sizeof(*output));
    if (output == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    output->kind = kind;
    output->lock = -1;
    enum status status = take_path(kind, uri, output, ret_error);
    if (status == STATUS_OK) {
        status = output->is_server ? open_server(ctx, uri, is_forced, output, ret_error)
                                   : open_file(ctx, is_forced, output, ret_error);
    }
    if (status != STATUS_OK) {
        output_free(output);
        return status;
    }
    *ret_output = output;
    return STATUS_OK;
}

enum status output_commit(const struct ctx *ctx, struct output *output, struct error *ret_error)
{
    enum status status = db_commit(ctx, output->session, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    db_end(output->session);
    output->session = NULL;
    db_close(output->db);
    output->db = NULL;
    if (!output->is_server && fsync(output->lock) != 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot write to the disk: %s",
            output->partial_path, strerror(errno));
    }
    return STATUS_OK;
}

/* The rename itself is on the disk only when its folder is. */
static int sync_folder(const char *path)
{
    char copy[OUTPUT_PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return -1;
    }
    int result = fsync(folder);
    close(folder);
    return result;
}

enum status output_publish(struct output *output, struct error *ret_error)
{
    if (output->is_server) {
        return STATUS_OK;
    }
    remove_journals(output->path);
    if (rename(output->partial_path, output->path) != 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot rename to %s: %s",
            output->partial_path, output->path, strerror(errno));
    }
    output->is_published = true;
    if (sync_folder(output->path) != 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "%s: cannot write its folder to the disk: %s", output->path, strerror(errno));
    }
    return STATUS_OK;
}

void output_free(struct output *output)
{
    if (output == NULL) {
        return;
    }
    db_end(output->session);
    db_close(output->db);
    if (output->lock >= 0) {
        if (!output->is_published) {
            unlink(output->partial_path);
            remove_journals(output->partial_path);
        }
        close(output->lock);
    }
    free(output);
}
