#include "audit/export/xlsx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/export/xlsx_internal.h"
#include "base/temp_file.h"

enum {
    PLAN_MEMORY_MAX = 64 << 20, /* bytes: sheets, anchors, texts that Excel would not take */
    COPY_PIECE_LEN = 64 << 10,
    FILE_NAME_MAX = 64,
};

static void xlsx_free(struct xlsx *xlsx)
{
    xlsx_drop(xlsx);
    arena_free(xlsx->arena);
    free(xlsx);
}

static enum status add_sheets(struct xlsx *xlsx)
{
    for (size_t i = 0; i < xlsx->n_sheets; i++) {
        struct sheet *sheet = &xlsx->sheets[i];
        sheet->worksheet = workbook_add_worksheet(xlsx->workbook, sheet->name);
        if (sheet->worksheet == NULL) {
            return error_set(&xlsx->error, STATUS_UNAVAILABLE,
                "xlsx: no sheet \"%s\" can be made; is there room in the spool folder?",
                sheet->name);
        }
    }
    return STATUS_OK;
}

/* No clock in the file: 2000-01-01T00:00:00Z for every report. */
static void set_properties(const struct xlsx *xlsx)
{
    enum { CREATED_AT_S = 946684800 };
    char title[128];
    snprintf(
        title, sizeof(title), "%.60s %.60s", xlsx->report->study_protocol, xlsx->report->site_no);
    lxw_doc_properties properties = {
        .title = title,
        .subject = (char *)word_text(WORD_REPORT_TITLE, xlsx->language),
        .comments = (char *)xlsx->report->content_hash,
        .created = CREATED_AT_S,
    };
    (void)workbook_set_properties(xlsx->workbook, &properties);
}

/* Whether the rows have reached their files: libxlsxwriter does not look. */
static enum status check_rows(struct xlsx *xlsx)
{
    for (size_t i = 0; i < xlsx->n_sheets; i++) {
        FILE *file = xlsx->sheets[i].worksheet->optimize_tmpfile;
        if (file != NULL && (fflush(file) != 0 || ferror(file) != 0)) {
            return error_set(&xlsx->error, STATUS_UNAVAILABLE,
                "xlsx: the rows cannot be written to the spool folder: %s; make room there or "
                "choose another --spool-dir",
                strerror(errno));
        }
    }
    return STATUS_OK;
}

static enum status make_workbook(struct xlsx *xlsx, const struct xlsx_options *options, int fd)
{
    char name[FILE_NAME_MAX];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd); /* the file has no name of its own */
    lxw_workbook_options workbook_options = {
        .constant_memory = LXW_TRUE, .tmpdir = (char *)options->folder, .use_zip64 = LXW_FALSE};
    xlsx->workbook = workbook_new_opt(name, &workbook_options);
    if (xlsx->workbook == NULL) {
        return error_set(&xlsx->error, STATUS_RESOURCE_EXHAUSTED, "xlsx: out of memory");
    }
    enum status status = xlsx_plan(xlsx);
    if (status == STATUS_OK) {
        status = add_sheets(xlsx);
    }
    if (status != STATUS_OK) {
        return status;
    }
    set_properties(xlsx);
    for (size_t i = 0; i < xlsx->n_sheets && xlsx->status == STATUS_OK; i++) {
        xlsx_fill(xlsx, &xlsx->sheets[i]);
    }
    return xlsx->status == STATUS_OK ? check_rows(xlsx) : xlsx->status;
}

static enum status copy_out(
    const struct ctx *ctx, int fd, xlsx_write_fn *write, void *arg, struct error *ret_error)
{
    uint8_t *piece = malloc(COPY_PIECE_LEN);
    enum status status =
        piece == NULL || lseek(fd, 0, SEEK_SET) != 0 ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
    for (ssize_t len = 1; len > 0 && status == STATUS_OK;) {
        len = read(fd, piece, COPY_PIECE_LEN);
        if (len < 0 && errno == EINTR) {
            len = 1;
            continue;
        }
        status = len < 0 ? STATUS_UNAVAILABLE : ctx_err(ctx);
        if (len > 0 && status == STATUS_OK) {
            status = write(arg, (struct bytes){piece, (size_t)len});
        }
    }
    free(piece);
    return status == STATUS_OK ? status
                               : error_set(ret_error, status, "xlsx: %s", status_text(status));
}

/* Takes `fd`. */
static enum status write_file(const struct ctx *ctx, const struct report *report,
    const struct xlsx_options *options, int fd, struct error *ret_error)
{
    struct xlsx *xlsx = calloc(1, sizeof(*xlsx));
    if (xlsx == NULL) {
        close(fd);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "xlsx: out of memory");
    }
    xlsx->ctx = ctx;
    xlsx->report = report;
    xlsx->language = options->language;
    xlsx->rows_max = options->rows_max == 0 ? XLSX_ROWS_MAX : options->rows_max;
    xlsx->arena = arena_new(PLAN_MEMORY_MAX);
    enum status status =
        xlsx->arena == NULL ? STATUS_RESOURCE_EXHAUSTED : make_workbook(xlsx, options, fd);
    if (status == STATUS_OK) {
        status = xlsx_close(xlsx, fd);
    } else {
        close(fd);
    }
    if (status != STATUS_OK) {
        const char *words = *xlsx->error.text == '\0' ? status_text(status) : xlsx->error.text;
        error_set(ret_error, status, "%s", words);
    }
    xlsx_free(xlsx);
    return status;
}

enum status xlsx_write(const struct ctx *ctx, const struct report *report,
    const struct xlsx_options *options, xlsx_write_fn *write, void *arg, struct error *ret_error)
{
    int fd = temp_file_open(options->folder, "walkie-report");
    int read_fd = fd < 0 ? -1 : dup(fd);
    if (read_fd < 0) {
        error_set(ret_error, STATUS_UNAVAILABLE,
            "spool folder %s: cannot make a file: %s; see --spool-dir", options->folder,
            strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return STATUS_UNAVAILABLE;
    }
    enum status status = write_file(ctx, report, options, fd, ret_error);
    if (status == STATUS_OK) {
        status = copy_out(ctx, read_fd, write, arg, ret_error);
    }
    close(read_fd);
    return status;
}
