/* Columns that a source does not provide at all: one line under the caption instead of the same
 * words in every row. A column with a single other cell is shown as it is. */
#include <string.h>

#include "audit/document/table_plan.h"

enum { HEADS_TEXT_MAX = 1024 }; /* bytes of the heads of one line; the rest is cut */

static const double NOTE_GAP = 2;

/* The source that lacks the whole column, NULL when the column is to be shown. The first column
 * names the rows: it always is. */
static const char *absent_source(const struct table *table, size_t column)
{
    const char *source = NULL;
    for (const struct table_row *row = table->first; row != NULL && column > 0; row = row->next) {
        const struct cell *cell = &row->cells[column];
        if (cell->kind != CELL_NOT_PROVIDED || cell->text == NULL ||
            (source != NULL && strcmp(source, cell->text) != 0)) {
            return NULL;
        }
        source = cell->text;
    }
    return source;
}

size_t table_find_shown(const struct table *table, size_t shown[DOCUMENT_COLUMNS_MAX])
{
    size_t n_shown = 0;
    for (size_t i = 0; i < table->n_columns && i < DOCUMENT_COLUMNS_MAX; i++) {
        if (absent_source(table, i) == NULL) {
            shown[n_shown++] = i;
        }
    }
    return n_shown;
}

/* Append the heads of the columns that `source` lacks, from `first` on. */
static void join_heads(const struct document *document, const struct table *table,
    const char *source, size_t first, char text[HEADS_TEXT_MAX])
{
    const char *comma = document->language == LANGUAGE_ZH_CN ? "、" : ", ";
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = first; i < table->n_columns && i < DOCUMENT_COLUMNS_MAX; i++) {
        const char *absent = absent_source(table, i);
        const char *head = document_word(document, table->columns[i].head);
        size_t comma_len = len == 0 ? 0 : strlen(comma);
        size_t head_len = strlen(head);
        if (absent == NULL || strcmp(absent, source) != 0 ||
            comma_len + head_len >= HEADS_TEXT_MAX - len) {
            continue;
        }
        memcpy(text + len, comma, comma_len);
        memcpy(text + len + comma_len, head, head_len + 1);
        len += comma_len + head_len;
    }
}

static void draw_note(
    struct document *document, const struct table *table, const char *source, size_t first)
{
    char heads[HEADS_TEXT_MAX];
    char room[CELL_TEXT_MAX];
    char sentence[HEADS_TEXT_MAX + CELL_TEXT_MAX];
    struct cell value = cell_not_provided(source);
    join_heads(document, table, source, first, heads);
    const struct cell arguments[] = {
        cell_text(heads), cell_text(format_cell(&value, document->language, room))};
    format_template(document_word(document, WORD_LABEL_VALUE), arguments, LENGTH_OF(arguments),
        document->language, sentence, sizeof(sentence));
    struct paragraph paragraph = text_layout(document->text, &STYLE_CELL, sentence, BODY_WIDTH);
    page_tag(document, "P");
    document->y =
        page_paragraph(document, &paragraph, COLOR_QUIET, PAGE_LEFT, document->y) + NOTE_GAP;
    page_untag(document);
}

void table_draw_absent(struct document *document, const struct table *table)
{
    for (size_t i = 0; i < table->n_columns && i < DOCUMENT_COLUMNS_MAX; i++) {
        const char *source = absent_source(table, i);
        bool is_told = false;
        for (size_t k = 0; source != NULL && k < i && !is_told; k++) {
            const char *earlier = absent_source(table, k);
            is_told = earlier != NULL && strcmp(earlier, source) == 0;
        }
        if (source != NULL && !is_told) {
            draw_note(document, table, source, i);
        }
    }
}
