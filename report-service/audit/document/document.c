/* The two runs over the report, and what is around them. */
#include "audit/document/document.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/document/catalog.h"
#include "audit/document/layout.h"
#include "audit/document/text_missing.h"
#include "audit/document/text_script.h"
#include "ctx/aside.h"
#include "ctx/checkpoint.h"
#include "obs/span.h"

enum { METADATA_NAME_MAX = 256 }; /* bytes of a name in the metadata; longer ones end in "…" */

enum status document_prepare(struct error *ret_error)
{
    const struct font_set *fonts;
    enum status status = font_set_open(&fonts, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    /* Shape one word in both scripts: that loads the tables which the first report needs. */
    struct text *text = text_new(fonts);
    if (text == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "fonts: out of memory");
    }
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        text_measure(text, &STYLE_BODY, word_text(WORD_REPORT_TITLE, (enum language)language));
    }
    status = text_status(text);
    text_free(text);
    return status;
}

static size_t count_rows(const struct report *report)
{
    size_t n = 0;
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            n += block->kind == BLOCK_TABLE ? block->table->n_rows : 0;
        }
    }
    return n;
}

/* One run, the same for measuring and drawing. */
static enum status run(struct document *document)
{
    document->page = 0;
    document->rows_done = 0;
    document->is_page_open = false;
    document->next_plan = document->first_plan;
    contents_rewind(document->contents);
    enum status status = cover_draw(document);
    if (status == STATUS_OK) {
        status = contents_draw(document);
    }
    for (const struct section *section = document->report->first;
         section != NULL && status == STATUS_OK; section = section->next) {
        status = section_draw(document, section);
    }
    if (status == STATUS_OK) {
        status = page_end(document);
    }
    return status;
}

/* "2019-10-26", perhaps with a time behind it. A date that cairo cannot read would become today. */
static bool is_date(const char *text)
{
    static const char SHAPE[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof(SHAPE) - 1; i++) {
        if (text == NULL || (SHAPE[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != '-')) {
            return false;
        }
    }
    return true;
}

/* Titles for the reader's window and for archives. The dates are the report's, not the clock's. */
static void set_metadata(struct document *document)
{
    const struct report *report = document->report;
    cairo_surface_t *surface = document->surface;
    char protocol[METADATA_NAME_MAX];
    char site[METADATA_NAME_MAX];
    char as_of[sizeof("2019-10-26")];
    char text[3 * METADATA_NAME_MAX + 128];
    utf8_copy(protocol, sizeof(protocol), report->study_protocol);
    utf8_copy(site, sizeof(site), report->site_no);
    const char *title = document_word(document, WORD_REPORT_TITLE);
    const char *site_word = document_word(document, WORD_SITE);
    snprintf(text, sizeof(text), "%s – %s – %s %s", title, protocol, site_word, site);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, text);
    utf8_copy(text, METADATA_NAME_MAX, report->requester == NULL ? "Walkie" : report->requester);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, text);
    utf8_copy(text, METADATA_NAME_MAX, report->study_title == NULL ? title : report->study_title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, text);
    snprintf(as_of, sizeof(as_of), "%.10s", is_date(report->as_of) ? report->as_of : "1970-01-01");
    snprintf(text, sizeof(text), "%s, %s %s, %s, %s", protocol, site_word, site, as_of,
        document_word(document, report->is_final ? WORD_FINAL : WORD_DRAFT));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_KEYWORDS, text);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Walkie " WALKIE_VERSION);
    snprintf(text, sizeof(text), "%sT00:00:00Z", as_of);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, text);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, text);
}

/* Give up: the page that was begun is ended, then one more fails. With every write failing on an
 * empty page, cairo skips the embedding of fonts and lets go at once. */
static void give_up(struct sink *sink, cairo_t *cr, enum status status)
{
    sink_stop(sink, status);
    cairo_show_page(cr);
    sink_end_pages(sink);
    cairo_show_page(cr);
}

/* What cairo needs to end the file, and nothing of ours: it may go on without us. */
struct ending {
    cairo_surface_t *surface;
    cairo_t *cr;
    struct sink *sink;
};

/* Embed the fonts. Listens to nobody for up to a second (20,000 different characters in bold). */
static void ending_run(void *arg, const _Atomic bool *is_left)
{
    const struct ending *ending = arg;
    if (is_left != NULL) {
        sink_keep(ending->sink, is_left);
    }
    sink_end_pages(ending->sink);
    cairo_surface_finish(ending->surface);
}

static void ending_free(void *arg)
{
    struct ending *ending = arg;
    give_up(ending->sink, ending->cr, STATUS_ABORTED);
    cairo_destroy(ending->cr);
    cairo_surface_destroy(ending->surface);
    sink_free(ending->sink);
    free(ending);
}

/* What became of the file, when cairo has ended it. */
static enum status conclude(struct document *document)
{
    enum status status = sink_finish(document->sink);
    cairo_status_t finished = cairo_surface_status(document->surface);
    if (status == STATUS_OK && finished != CAIRO_STATUS_SUCCESS) {
        return error_set(document->error,
            finished == CAIRO_STATUS_NO_MEMORY ? STATUS_RESOURCE_EXHAUSTED : STATUS_INTERNAL,
            "cairo: %s", cairo_status_to_string(finished));
    }
    if (status == STATUS_INTERNAL) {
        return error_set(document->error, status, "cairo ended the file in an unknown way");
    }
    return status == STATUS_OK ? ctx_checkpoint(document->ctx, "fonts", 1, 1) : status;
}

static enum status finish(struct document *document)
{
    contents_write_outline(document->contents, document->surface,
        document_word(document, WORD_REPORT_TITLE), document_word(document, WORD_CONTENTS));
    CLEANUP(buffer_finish) struct buffer catalog = BUFFER_EMPTY(CATALOG_LEN_MAX);
    enum status status = catalog_write(document, &catalog);
    if (status == STATUS_OK) {
        status = ctx_checkpoint(document->ctx, "fonts", 0, 1);
    }
    struct ending *ending = status == STATUS_OK ? malloc(sizeof(*ending)) : NULL;
    if (ending == NULL) {
        status = status == STATUS_OK ? STATUS_RESOURCE_EXHAUSTED : status;
        give_up(document->sink, document->cr, status);
        return status;
    }
    sink_set_catalog(document->sink, &catalog);
    *ending =
        (struct ending){.surface = document->surface, .cr = document->cr, .sink = document->sink};
    uint64_t started_at_ns = clock_now_ns();
    status = ctx_aside(document->ctx, ending_run, ending_free, ending);
    span_add(document->ctx, "fonts", SPAN_INTERNAL, started_at_ns, status, NULL);
    if (status != STATUS_OK) {
        document->surface = NULL; /* given away */
        document->cr = NULL;
        document->sink = NULL;
        return status;
    }
    free(ending);
    return conclude(document);
}

static enum status draw(struct document *document)
{
    document->n_pages = document->page;
    document->surface =
        cairo_pdf_surface_create_for_stream(sink_take, document->sink, PAGE_WIDTH, PAGE_HEIGHT);
    document->cr = cairo_create(document->surface);
    set_metadata(document);
    enum status status = run(document);
    if (status == STATUS_OK) {
        status = finish(document);
    } else {
        give_up(document->sink, document->cr, status);
    }
    cairo_destroy(document->cr);
    cairo_surface_destroy(document->watermark);
    page_rules_free(document);
    cairo_surface_destroy(document->surface);
    return status;
}

static enum status measure_and_draw(const struct ctx *ctx, struct document *document)
{
    uint64_t started_at_ns = clock_now_ns();
    enum status status = run(document);
    span_add(ctx, "layout", SPAN_INTERNAL, started_at_ns, status,
        &(struct span_facts){.numbers = {{SPAN_PAGES, (uint64_t)document->page}}});
    if (status != STATUS_OK) {
        return status;
    }
    struct span span;
    span_begin(ctx, "draw", &span);
    document->ctx = span.ctx;
    status = draw(document);
    document->ctx = ctx;
    span_end(
        &span, status, &(struct span_facts){.numbers = {{SPAN_PAGES, (uint64_t)document->page}}});
    return status;
}

static void document_finish(struct document *document)
{
    table_plans_free(document);
    contents_free(document->contents);
    links_free(document->links);
    text_free(document->text);
    sink_free(document->sink);
}

enum status document_write_pdf(const struct ctx *ctx, const struct report *report,
    const struct document_options *options, document_write_fn *write, void *arg,
    struct error *ret_error)
{
    const struct font_set *fonts;
    enum status status = font_set_open(&fonts, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct document document = {.ctx = ctx,
        .report = report,
        .language = options->language,
        .page_delay_ns = options->page_delay_ns,
        .error = ret_error,
        .text = text_new(fonts),
        .links = links_new(),
        .contents = contents_new(report, options->language),
        .sink = sink_new(ctx, write, arg),
        .rows_total = count_rows(report)};
    if (document.text == NULL || document.links == NULL || document.contents == NULL ||
        document.sink == NULL) {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "the document: out of memory");
    }
    if (status == STATUS_OK) {
        status = measure_and_draw(ctx, &document);
    }
    if (status == STATUS_OK) {
        text_missing_log(ctx, document.text);
    }
    document_finish(&document);
    return status;
}
