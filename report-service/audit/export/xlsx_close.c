/* The end of a workbook. workbook_close assembles and compresses for up to a few hundred
 * milliseconds and listens to nobody. It has all that it needs, so it runs on a thread that may go
 * on alone: whoever waits leaves when the context is done, and the last of the two frees the rest.
 *
 * libxlsxwriter does not look whether its temporary files took what it wrote. So the finished file
 * is read once more: every part must be whole and end as XML does. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/export/xlsx_internal.h"

enum { READ_PIECE_LEN = 64 << 10, TAIL_LEN = 16 };

struct closing {
    _Atomic int n_holders; /* the thread, and whoever waits */
    struct lxw_workbook *workbook;
    int fd; /* libxlsxwriter opens the file by this number: nobody else may close it */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_over;
    bool is_abandoned; /* nobody waits any more */
    enum status status;
    struct error error;
};

static _Atomic int n_abandoned;

static void closing_unref(struct closing *closing)
{
    if (atomic_fetch_sub(&closing->n_holders, 1) == 1) {
        close(closing->fd);
        pthread_cond_destroy(&closing->changed);
        pthread_mutex_destroy(&closing->mutex);
        free(closing);
    }
}

/* Whether a part ends as it must: a sheet with its own end tag, any other with some tag. */
static bool is_whole(const char *name, const char *tail, size_t len)
{
    static const char SHEET[] = "</worksheet>";
    while (len > 0 && strchr("\r\n ", tail[len - 1]) != NULL) {
        len--;
    }
    if (strncmp(name, "xl/worksheets/", 14) != 0) {
        return len > 0 && tail[len - 1] == '>';
    }
    return len >= strlen(SHEET) && memcmp(tail + len - strlen(SHEET), SHEET, strlen(SHEET)) == 0;
}

/* Read one part to its end; libarchive compares its CRC. */
static bool part_is_whole(struct archive *archive, const char *name)
{
    char tail[TAIL_LEN + 1] = "";
    size_t tail_len = 0;
    const void *data = NULL;
    size_t len = 0;
    la_int64_t offset = 0;
    int result;
    while ((result = archive_read_data_block(archive, &data, &len, &offset)) == ARCHIVE_OK) {
        const char *at = data;
        size_t take = len < TAIL_LEN ? len : TAIL_LEN;
        size_t keep = tail_len < TAIL_LEN - take ? tail_len : TAIL_LEN - take;
        memmove(tail, tail + tail_len - keep, keep);
        memcpy(tail + keep, at + len - take, take);
        tail_len = keep + take;
    }
    return result == ARCHIVE_EOF && is_whole(name, tail, tail_len);
}

static enum status check_file(int fd, struct error *ret_error)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    bool is_good = archive != NULL && lseek(fd, 0, SEEK_SET) == 0 &&
                   archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK &&
                   archive_read_open_fd(archive, fd, READ_PIECE_LEN) == ARCHIVE_OK;
    int n_parts = 0;
    int result = ARCHIVE_FATAL;
    while (is_good && (result = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
        is_good = part_is_whole(archive, archive_entry_pathname(entry));
        n_parts++;
    }
    is_good = is_good && result == ARCHIVE_EOF && n_parts > 0;
    archive_read_free(archive);
    return is_good ? STATUS_OK
                   : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
                         "xlsx: the workbook could not be written whole; make room in the spool "
                         "folder or choose another --spool-dir");
}

static enum status close_workbook(struct closing *closing)
{
    lxw_error result = workbook_close(STEAL(closing->workbook));
    if (result == LXW_NO_ERROR) {
        return check_file(closing->fd, &closing->error);
    }
    bool is_memory = result == LXW_ERROR_MEMORY_MALLOC_FAILED;
    bool is_disk = result == LXW_ERROR_CREATING_TMPFILE || result == LXW_ERROR_CREATING_XLSX_FILE ||
                   result == LXW_ERROR_ZIP_FILE_OPERATION || result == LXW_ERROR_ZIP_FILE_ADD ||
                   result == LXW_ERROR_ZIP_CLOSE || result == LXW_ERROR_READING_TMPFILE;
    return error_set(&closing->error,
        is_memory || is_disk ? STATUS_RESOURCE_EXHAUSTED : STATUS_INTERNAL, "xlsx: %s%s",
        lxw_strerror(result), is_disk ? " (is there room in the spool folder?)" : "");
}

static void *run_closing(void *arg)
{
    struct closing *closing = arg;
    enum status status = close_workbook(closing);
    pthread_mutex_lock(&closing->mutex);
    closing->status = status;
    closing->is_over = true;
    atomic_fetch_sub(&n_abandoned, closing->is_abandoned ? 1 : 0);
    pthread_cond_broadcast(&closing->changed);
    pthread_mutex_unlock(&closing->mutex);
    closing_unref(closing);
    return NULL;
}

static void wake(void *arg)
{
    struct closing *closing = arg;
    pthread_mutex_lock(&closing->mutex);
    pthread_cond_broadcast(&closing->changed);
    pthread_mutex_unlock(&closing->mutex);
}

static struct closing *closing_new(struct lxw_workbook *workbook, int fd)
{
    struct closing *closing = calloc(1, sizeof(*closing));
    if (closing == NULL) {
        return NULL;
    }
    atomic_init(&closing->n_holders, 2);
    closing->workbook = workbook;
    closing->fd = fd;
    closing->error = (struct error)ERROR_NONE;
    pthread_mutex_init(&closing->mutex, NULL);
    pthread_cond_init(&closing->changed, NULL);
    return closing;
}

/* False: there are so many that nobody waits for, or no thread can be had. */
static bool start_thread(struct closing *closing)
{
    pthread_t thread;
    pthread_attr_t attributes;
    if (atomic_load(&n_abandoned) >= XLSX_CLOSERS_MAX) {
        return false;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool is_started = pthread_create(&thread, &attributes, run_closing, closing) == 0;
    pthread_attr_destroy(&attributes);
    return is_started;
}

/* Wait for the thread, or for the end of the context. */
static enum status await(const struct ctx *ctx, struct closing *closing, struct ctx_after *after,
    struct error *ret_error)
{
    pthread_mutex_lock(&closing->mutex);
    while (!closing->is_over && (after == NULL || ctx_err(ctx) == STATUS_OK)) {
        pthread_cond_wait(&closing->changed, &closing->mutex);
    }
    enum status status = closing->is_over ? closing->status : ctx_err(ctx);
    closing->is_abandoned = !closing->is_over;
    atomic_fetch_add(&n_abandoned, closing->is_abandoned ? 1 : 0);
    if (closing->is_over && status != STATUS_OK) {
        error_set(ret_error, status, "%s", closing->error.text);
    }
    pthread_mutex_unlock(&closing->mutex);
    return status;
}

void xlsx_drop(struct xlsx *xlsx)
{
    if (xlsx->workbook == NULL) {
        return;
    }
    for (size_t i = 0; i < xlsx->n_sheets; i++) {
        struct lxw_worksheet *worksheet = xlsx->sheets[i].worksheet;
        if (worksheet != NULL && worksheet->optimize_tmpfile != NULL) {
            (void)fclose(STEAL(worksheet->optimize_tmpfile));
        }
    }
    lxw_workbook_free(STEAL(xlsx->workbook));
}

enum status xlsx_close(struct xlsx *xlsx, int fd)
{
    enum status status = ctx_err(xlsx->ctx);
    struct closing *closing = status == STATUS_OK ? closing_new(xlsx->workbook, fd) : NULL;
    if (closing == NULL) {
        xlsx_drop(xlsx);
        close(fd);
        return status == STATUS_OK ? STATUS_RESOURCE_EXHAUSTED : status;
    }
    xlsx->workbook = NULL;
    if (!start_thread(closing)) {
        status = close_workbook(closing);
        if (status != STATUS_OK) {
            error_set(&xlsx->error, status, "%s", closing->error.text);
        }
        closing_unref(closing);
        closing_unref(closing);
        return status;
    }
    struct ctx_after *after = ctx_after_func(xlsx->ctx, wake, closing);
    status = await(xlsx->ctx, closing, after, &xlsx->error);
    (void)ctx_stop_wait(after);
    closing_unref(closing);
    return status;
}
