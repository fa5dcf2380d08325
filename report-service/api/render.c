#include "api/render.h"

#include <stdio.h>
#include <string.h>

#include "audit/document/document.h"
#include "audit/export/csv_bundle.h"
#include "audit/export/xlsx.h"
#include "audit/model/json.h"

enum { NAME_PART_MAX = 60 }; /* bytes of a study's or site's number in a filename */

struct format_row {
    const char *word;
    const char *extension;
    const char *content_type;
};

static const struct format_row ROWS[] = {
    [WALKIE__REPORT__V1__FORMAT__FORMAT_PDF] = {"pdf", "pdf", "application/pdf"},
    [WALKIE__REPORT__V1__FORMAT__FORMAT_JSON] = {"json", "json", "application/json"},
    [WALKIE__REPORT__V1__FORMAT__FORMAT_CSV] = {"csv", "zip", "application/zip"},
    [WALKIE__REPORT__V1__FORMAT__FORMAT_XLSX] = {"xlsx", "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

enum status render_check_format(report_format format, struct error *ret_error)
{
    if ((int)format >= 0 && (size_t)format < LENGTH_OF(ROWS)) {
        return STATUS_OK;
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "format %d is none of pdf (0), json (1), csv (2), xlsx (3)", (int)format);
}

const char *render_word(report_format format)
{
    bool is_known = (int)format >= 0 && (size_t)format < LENGTH_OF(ROWS);
    return is_known ? ROWS[format].word : "unknown";
}

const char *render_extension(report_format format)
{
    return ROWS[format].extension;
}

const char *render_content_type(report_format format)
{
    return ROWS[format].content_type;
}

/* What is not a letter, digit, dot or dash becomes a dash. */
static void make_plain(char *name)
{
    for (char *at = name; *at != '\0'; at++) {
        bool is_plain = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                        (*at >= 'A' && *at <= 'Z') || *at == '.' || *at == '-';
        *at = is_plain ? *at : '-';
    }
}

/* What no file system takes becomes a dash. */
static void make_portable(char *name)
{
    for (char *at = name; *at != '\0'; at++) {
        bool is_bad = (uint8_t)*at < ' ' || *at == 0x7F || strchr("/\\:*?\"<>|", *at) != NULL;
        *at = is_bad ? '-' : *at;
    }
}

/* Bytes of a name's beginning, whole characters of UTF-8 only. */
static int prefix_len(const char *text)
{
    int len = (int)strnlen(text, NAME_PART_MAX);
    while (len > 0 && text[len] != '\0' && ((uint8_t)text[len] & 0xC0) == 0x80) {
        len--;
    }
    return len;
}

void render_filename_utf8(const struct report *report, report_format format, enum language language,
    char ret_filename[RENDER_FILENAME_MAX])
{
    bool is_csv = format == WALKIE__REPORT__V1__FORMAT__FORMAT_CSV;
    snprintf(ret_filename, RENDER_FILENAME_MAX, "audit-report-%.*s-%.*s-%s%s%s.%s",
        prefix_len(report->study_protocol), report->study_protocol, prefix_len(report->site_no),
        report->site_no, language_tag(language), report->is_unblinded ? "-unblinded" : "",
        is_csv ? "-csv" : "", render_extension(format));
    make_portable(ret_filename);
}

void render_filename(const struct report *report, report_format format, enum language language,
    char ret_filename[RENDER_FILENAME_MAX])
{
    render_filename_utf8(report, format, language, ret_filename);
    make_plain(ret_filename);
}

void render_study_filename(const char *study, enum language language,
    char ret_filename[RENDER_FILENAME_MAX], char ret_filename_utf8[RENDER_FILENAME_MAX])
{
    snprintf(ret_filename_utf8, RENDER_FILENAME_MAX, "audit-reports-%.*s-%s.zip", prefix_len(study),
        study, language_tag(language));
    make_portable(ret_filename_utf8);
    memcpy(ret_filename, ret_filename_utf8, RENDER_FILENAME_MAX);
    make_plain(ret_filename);
}

enum status render_report(const struct ctx *ctx, const struct service *service,
    const struct report *report, report_format format, enum language language, struct spool *spool,
    struct error *ret_error)
{
    enum status status = STATUS_INVALID_ARGUMENT;
    switch (format) {
    case WALKIE__REPORT__V1__FORMAT__FORMAT_JSON:
        status = model_write_json(ctx, report, language, spool_write, spool);
        break;
    case WALKIE__REPORT__V1__FORMAT__FORMAT_CSV:
        status = csv_bundle_write(ctx, report, language, spool_write, spool, ret_error);
        break;
    case WALKIE__REPORT__V1__FORMAT__FORMAT_XLSX: {
        const struct xlsx_options options = {.language = language, .folder = service->spool_folder};
        status = xlsx_write(ctx, report, &options, spool_write, spool, ret_error);
        break;
    }
    case WALKIE__REPORT__V1__FORMAT__FORMAT_PDF: {
        const struct document_options options = {
            .language = language, .page_delay_ns = service->render_page_delay_ns};
        status = document_write_pdf(ctx, report, &options, spool_write, spool, ret_error);
        break;
    }
    case _WALKIE__REPORT__V1__FORMAT_IS_INT_SIZE:
        break;
    }
    if (status != STATUS_OK && *spool_error(spool) != '\0') {
        error_set(ret_error, status, "%s", spool_error(spool));
    }
    return status;
}
