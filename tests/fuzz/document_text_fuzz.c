/* Any bytes are a text that can be set: no crash, every run's clusters add up to its text and
 * glyphs, no line is wider than its room unless it is one letter with its marks. Every 64th input
 * is drawn as well, as a name in a cell and in a paragraph. The first byte chooses the width and
 * the weight. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/document.h"
#include "audit/document/palette.h"
#include "audit/document/text_internal.h"

enum { TEXT_LEN_MAX = 4096, DRAWN_EVERY = 64, MEMORY_MAX = 1 << 20 };

static const struct column COLUMNS[] = {
    {"a", WORD_SITE, ALIGN_START, 1}, {"b", WORD_SITE, ALIGN_END, 3}};

static enum status ignore(void *arg, struct bytes piece)
{
    (void)arg;
    (void)piece;
    return STATUS_OK;
}

static void draw(const char *name)
{
    struct report *report = report_new(MEMORY_MAX);
    if (report == NULL) {
        return;
    }
    report->site_name = name;
    report->study_protocol = name;
    struct section *section = report_add_section(report, 1, "s", WORD_SITE);
    const struct cell arguments[] = {cell_text(name), cell_text(name)};
    section_add_paragraph(section, WORD_LABEL_VALUE, arguments, LENGTH_OF(arguments));
    struct table *table = section_add_table(section, "t", WORD_SITE, COLUMNS, LENGTH_OF(COLUMNS));
    struct cell *row = table_add_row(table);
    row[0] = cell_text(name);
    row[1] = cell_link(cell_text(name), "t");
    const struct document_options options = {.language = LANGUAGE_EN};
    struct error error = ERROR_NONE;
    if (report_is_complete(report) == STATUS_OK &&
        document_write_pdf(ctx_background(), report, &options, ignore, NULL, &error) != STATUS_OK) {
        abort();
    }
    report_free(report);
}

static void check_run(const struct run *run)
{
    unsigned int n_bytes = 0;
    unsigned int n_glyphs = 0;
    for (int i = 0; i < run->n_clusters; i++) {
        n_bytes += run->clusters[i].n_bytes;
        n_glyphs += run->clusters[i].n_glyphs;
    }
    if (n_glyphs != run->n_glyphs || (n_glyphs > 0 && n_bytes != run->key.len)) {
        abort();
    }
}

static void check(const struct text *text, const struct paragraph *paragraph, double width)
{
    for (uint32_t i = 0; i < paragraph->n_lines; i++) {
        const struct line *line = &text->lines[paragraph->first_line + i];
        if (line->end < line->first || line->end > text->n_items) {
            abort();
        }
        for (uint32_t k = line->first; k < line->end; k++) {
            check_run(text->items[k].run);
        }
        if (line->end - line->first > 1 && text_line_width(text, paragraph, i) > width + 0.1) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct text *text;
    static uint64_t n_inputs;
    const struct font_set *fonts;
    struct error error = ERROR_NONE;
    if (text == NULL && font_set_open(&fonts, &error) == STATUS_OK) {
        text = text_new(fonts);
    }
    if (text == NULL || len == 0 || len > TEXT_LEN_MAX) {
        return 0;
    }
    char string[TEXT_LEN_MAX];
    memcpy(string, data + 1, len - 1);
    string[len - 1] = '\0';
    double width = 12 + (data[0] >> 1) * 4;
    text_reset(text);
    struct paragraph paragraph =
        text_layout(text, (data[0] & 1) != 0 ? &STYLE_BODY_BOLD : &STYLE_BODY, string, width);
    if (text_status(text) != STATUS_OK) {
        abort();
    }
    check(text, &paragraph, width);
    if (n_inputs++ % DRAWN_EVERY == 0) {
        draw(string);
    }
    return 0;
}
