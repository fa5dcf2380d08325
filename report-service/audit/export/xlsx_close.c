/* The end of a workbook. workbook_close assembles and compresses for up to a few hundred
 * milliseconds and listens to nobody. It has all that it needs, so it runs aside (ctx/aside.h):
 * whoever waits leaves when the context is done.
 *
 * libxlsxwriter does not look whether its temporary files took what it wrote. So the finished file
 * is read once more: every part must be whole and end as XML does. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/export/xlsx_internal.h"
#include "ctx/aside.h"

enum { READ_PIECE_LEN = 64 << 10, TAIL_LEN = 16 };

struct closing {
    struct lxw_workbook *workbook;
    int fd; /* libxlsxwriter opens the file by this number: nobody else may close it */
    enum status status;
    struct error error;
};

/* Let go of a workbook that was not closed, with its temporary files, which libxlsxwriter forgets.
 */
static void workbook_drop(struct lxw_workbook *workbook)
{
    struct lxw_worksheet *worksheet;
    STAILQ_FOREACH(worksheet, workbook->worksheets, list_pointers)
    {
        if (worksheet->optimize_tmpfile != NULL) {
            (void)fclose(STEAL(worksheet->optimize_tmpfile));
        }
    }
    lxw_workbook_free(workbook);
}

void xlsx_drop(struct xlsx *xlsx)
{
    if (xlsx->workbook != NULL) {
        workbook_drop(STEAL(xlsx->workbook));
    }
}

static void closing_free(void *arg)
{
    struct closing *closing = arg;
    close(closing->fd);
    if (closing->workbook != NULL) {
        workbook_drop(closing->workbook); /* it never ran */
    }
    free(closing);
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
                   : error_set(ret_error, STATUS_UNAVAILABLE,
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
    enum status status = is_memory ? STATUS_RESOURCE_EXHAUSTED
                         : is_disk ? STATUS_UNAVAILABLE
                                   : STATUS_INTERNAL;
    return error_set(&closing->error, status, "xlsx: %s%s", lxw_strerror(result),
        is_disk ? " (is there room in the spool folder?)" : "");
}

static void run_closing(void *arg, const _Atomic bool *is_left)
{
    struct closing *closing = arg;
    (void)is_left; /* libxlsxwriter cannot stop half-way */
    closing->status = close_workbook(closing);
}

enum status xlsx_close(struct xlsx *xlsx, int fd)
{
    struct closing *closing = malloc(sizeof(*closing));
    if (closing == NULL) {
        xlsx_drop(xlsx);
        close(fd);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    *closing = (struct closing){.workbook = STEAL(xlsx->workbook), .fd = fd, .error = ERROR_NONE};
    enum status status = ctx_aside(xlsx->ctx, run_closing, closing_free, closing);
    if (status != STATUS_OK) {
        return status;
    }
    status = closing->status;
    if (status != STATUS_OK) {
        error_set(&xlsx->error, status, "%s", closing->error.text);
    }
    closing_free(closing);
    return status;
}
