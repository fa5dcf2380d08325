#include "audit/document/contents.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/layout.h"

enum { LEVELS = 3 }; /* of the outline */

void contents_section_title(
    const struct section *section, enum language language, char *title, size_t size)
{
    if (section->number >= APPENDIX_FIRST && section->number <= APPENDIX_LAST) {
        const char letter[] = {(char)('A' + section->number - APPENDIX_FIRST), '\0'};
        const struct cell argument = cell_text(letter);
        char name[CELL_TEXT_MAX];
        format_template(
            word_text(WORD_APPENDIX, language), &argument, 1, language, name, sizeof(name));
        snprintf(title, size, "%s  %s", name, word_text(section->title, language));
    } else if (section->number > 0) {
        snprintf(title, size, "%d  %s", section->number, word_text(section->title, language));
    } else {
        snprintf(title, size, "%s", word_text(section->title, language));
    }
}

/* The level and title of a block that is listed; level -1: it is not. */
static int block_level(const struct block *block, int heading_level, enum word *ret_title)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        *ret_title = block->word;
        return 1;
    case BLOCK_TABLE:
        *ret_title = block->table->title;
        return heading_level;
    case BLOCK_CHART:
        *ret_title = block->chart->title;
        return heading_level;
    case BLOCK_PARAGRAPH:
    case BLOCK_FACTS:
    case BLOCK_NOT_PROVIDED:
        break;
    }
    return -1;
}

static size_t count_entries(const struct report *report)
{
    size_t n = 0;
    enum word title;
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        n++;
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            n += block_level(block, 1, &title) >= 0 ? 1 : 0;
        }
    }
    return n < CONTENTS_ENTRIES_MAX ? n : CONTENTS_ENTRIES_MAX;
}

static bool add_entry(struct contents *contents, size_t n_max, int level, const char *title)
{
    if (contents->n_entries == n_max) {
        return true;
    }
    char *copy = strdup(title);
    if (copy == NULL) {
        return false;
    }
    contents->entries[contents->n_entries++] =
        (struct contents_entry){.level = level, .title = copy};
    return true;
}

static bool add_section(
    struct contents *contents, size_t n_max, const struct section *section, enum language language)
{
    char title[CONTENTS_TITLE_MAX];
    contents_section_title(section, language, title, sizeof(title));
    if (!add_entry(contents, n_max, 0, title)) {
        return false;
    }
    int heading_level = 1;
    for (const struct block *block = section->first; block != NULL; block = block->next) {
        enum word word = WORD_NONE;
        int level = block_level(block, heading_level, &word);
        if (level >= 0 && !add_entry(contents, n_max, level, word_text(word, language))) {
            return false;
        }
        heading_level = block->kind == BLOCK_HEADING ? 2 : heading_level;
    }
    return true;
}

struct contents *contents_new(const struct report *report, enum language language)
{
    size_t n_max = count_entries(report);
    struct contents *contents = calloc(1, sizeof(*contents));
    if (contents == NULL) {
        return NULL;
    }
    contents->entries = calloc(n_max + 1, sizeof(*contents->entries));
    bool is_made = contents->entries != NULL;
    for (const struct section *section = report->first; is_made && section != NULL;
         section = section->next) {
        is_made = add_section(contents, n_max, section, language);
    }
    if (!is_made) {
        contents_free(contents);
        return NULL;
    }
    return contents;
}

void contents_free(struct contents *contents)
{
    if (contents == NULL) {
        return;
    }
    for (size_t i = 0; i < contents->n_entries; i++) {
        free(contents->entries[i].title);
    }
    free(contents->entries);
    free(contents);
}

void contents_mark(struct contents *contents, int page, double y)
{
    size_t index = contents->next;
    if (index < contents->n_entries) {
        contents->entries[index].page = page;
        contents->entries[index].y = y;
        contents->next++;
    }
}

void contents_rewind(struct contents *contents)
{
    contents->next = 0;
}

static int add_bookmark(cairo_surface_t *surface, int parent, const char *title, int page, double y,
    cairo_pdf_outline_flags_t flags)
{
    char target[64];
    snprintf(target, sizeof(target), "page=%d pos=[0 %d]", page, y < 12 ? 0 : (int)y - 12);
    return cairo_pdf_surface_add_outline(surface, parent, title, target, flags);
}

void contents_write_outline(const struct contents *contents, cairo_surface_t *surface,
    const char *cover, const char *own_title)
{
    int parents[LEVELS + 1] = {CAIRO_PDF_OUTLINE_ROOT};
    add_bookmark(surface, CAIRO_PDF_OUTLINE_ROOT, cover, 1, 0, 0);
    add_bookmark(surface, CAIRO_PDF_OUTLINE_ROOT, own_title, contents->page, 0, 0);
    int deepest = 0; /* a parent exists for levels 0 … deepest */
    for (size_t i = 0; i < contents->n_entries; i++) {
        const struct contents_entry *entry = &contents->entries[i];
        int level = entry->level < deepest ? entry->level : deepest;
        parents[level + 1] = add_bookmark(surface, parents[level], entry->title, entry->page,
            entry->y, level == 0 ? CAIRO_PDF_OUTLINE_FLAG_BOLD : 0);
        deepest = level + 1;
    }
}

static double entry_indent(const struct contents_entry *entry)
{
    return 14.0 * entry->level;
}

static const struct text_style *entry_style(const struct contents_entry *entry)
{
    return entry->level == 0 ? &STYLE_BODY_BOLD : &STYLE_CELL;
}

static void draw_leader(struct document *document, double x1, double x2, double y)
{
    if (document->cr == NULL || x2 <= x1) {
        return;
    }
    static const double DOTS[] = {0.6, 3.4};
    cairo_save(document->cr);
    cairo_set_dash(document->cr, DOTS, 2, 0);
    palette_set(document->cr, COLOR_RULE);
    cairo_set_line_width(document->cr, 0.6);
    cairo_move_to(document->cr, x1, y);
    cairo_line_to(document->cr, x2, y);
    cairo_stroke(document->cr);
    cairo_restore(document->cr);
}

static double entry_gap(const struct contents_entry *entry)
{
    return entry->level == 0 ? 7 : 1.5;
}

/* How tightly the entries are set: a list that is a little too long for the rest of the page is
 * drawn together, so that two last lines do not take a page of their own. */
static double entry_pitch(const struct document *document)
{
    static const double PITCH_MIN = 0.84;
    double height = 0;
    for (size_t i = 0; i < document->contents->n_entries; i++) {
        const struct contents_entry *entry = &document->contents->entries[i];
        height += entry->level < CONTENTS_PRINTED_LEVELS
                      ? entry_gap(entry) + entry_style(entry)->line_height
                      : 0;
    }
    /* A point for what page_need compares with. */
    double pitch = height == 0 ? 1 : (page_left(document) - 1) / height;
    return pitch >= 1 || pitch < PITCH_MIN ? 1 : pitch;
}

static enum status draw_entry(struct document *document, size_t index, double pitch)
{
    static const double NUMBER_WIDTH = 36;
    const struct contents_entry *entry = &document->contents->entries[index];
    const struct text_style *style = entry_style(entry);
    double x = PAGE_LEFT + entry_indent(entry);
    double gap = entry_gap(entry) * pitch;
    text_reset(document->text);
    struct paragraph title =
        text_layout(document->text, style, entry->title, PAGE_RIGHT - NUMBER_WIDTH - x);
    double height = text_height(&title);
    enum status status = page_need(document, gap + height * pitch);
    if (status != STATUS_OK) {
        return status;
    }
    document->y += gap;
    unsigned int color = entry->level == 0 ? COLOR_BRAND : COLOR_INK;
    page_paragraph(document, &title, color, x, document->y);
    double last_y = document->y + height - style->line_height;
    double end =
        title.n_lines == 0 ? x : x + text_line_width(document->text, &title, title.n_lines - 1);
    char number[16];
    snprintf(number, sizeof(number), "%d", entry->page);
    if (entry->level > 0) {
        draw_leader(document, end + 6, PAGE_RIGHT - NUMBER_WIDTH + 14,
            last_y + style->line_height / 2 + 2.6);
    }
    page_text(document, style, color, number, PAGE_RIGHT, last_y, 1);
    page_contents_link(document, index, x, document->y, PAGE_RIGHT - x, height);
    document->y += height * pitch;
    return STATUS_OK;
}

enum status contents_draw(struct document *document)
{
    enum status status = page_next(document);
    if (status != STATUS_OK) {
        return status;
    }
    const char *title = document_word(document, WORD_CONTENTS);
    document->contents->page = document->page;
    page_tag(document, "H1");
    page_text(document, &STYLE_SECTION, COLOR_BRAND, title, PAGE_LEFT, document->y, 0);
    page_untag(document);
    document->y += STYLE_SECTION.line_height + 8;
    page_tag_linked(document, "P");
    double pitch = entry_pitch(document);
    for (size_t i = 0; i < document->contents->n_entries && status == STATUS_OK; i++) {
        if (document->contents->entries[i].level < CONTENTS_PRINTED_LEVELS) {
            status = draw_entry(document, i, pitch);
        }
    }
    page_untag(document);
    return status;
}
