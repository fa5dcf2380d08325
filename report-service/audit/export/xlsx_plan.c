#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/export/xlsx_internal.h"

enum { NUMBER_TEXT_MAX = 32, LABEL_TEXT_MAX = 12 };

/* Bytes of the first `characters` characters of UTF-8 at most. */
static size_t prefix_len(const char *text, int characters)
{
    size_t len = 0;
    while (text[len] != '\0') {
        bool is_start = ((uint8_t)text[len] & 0xC0) != 0x80;
        if (is_start && characters-- == 0) {
            break;
        }
        len++;
    }
    return len;
}

void xlsx_sheet_name(const char *number, const char *title, char ret_name[SHEET_NAME_MAX])
{
    size_t number_len = strlen(number);
    size_t len = prefix_len(title, SHEET_CHARACTERS_MAX - (int)number_len);
    memcpy(ret_name, number, number_len);
    memcpy(ret_name + number_len, title, len);
    len += number_len;
    ret_name[len] = '\0';
    for (char *at = ret_name; *at != '\0'; at++) {
        if (strchr("[]:*?/\\", *at) != NULL || (uint8_t)*at < ' ') {
            *at = '-';
        }
    }
    /* It must not end with an apostrophe; it does not begin with one. */
    while (len > number_len && (ret_name[len - 1] == ' ' || ret_name[len - 1] == '\'')) {
        ret_name[--len] = '\0';
    }
}

static struct sheet *add_sheet(
    struct xlsx *xlsx, enum sheet_kind kind, const char *number, const char *title)
{
    if (xlsx->n_sheets == XLSX_SHEETS_MAX) {
        xlsx->status = error_set(&xlsx->error, STATUS_RESOURCE_EXHAUSTED,
            "xlsx: more than %d sheets; ask for fewer sections", XLSX_SHEETS_MAX);
        return NULL;
    }
    struct sheet *sheet = &xlsx->sheets[xlsx->n_sheets++];
    sheet->kind = kind;
    xlsx_sheet_name(number, title, sheet->name);
    return sheet;
}

/* "4"; appendices are called by letters: "A". */
static void section_label(const struct section *section, char ret_label[LABEL_TEXT_MAX])
{
    if (section->number >= APPENDIX_FIRST && section->number <= APPENDIX_LAST) {
        snprintf(ret_label, LABEL_TEXT_MAX, "%c", 'A' + section->number - APPENDIX_FIRST);
    } else {
        snprintf(ret_label, LABEL_TEXT_MAX, "%d", section->number);
    }
}

/* A sheet, or several when the table has more rows than one can hold. */
static void plan_table(
    struct xlsx *xlsx, const struct section *section, const struct table *table, int table_number)
{
    const struct table_row *row = table->first;
    size_t left = table->n_rows;
    for (int part = 1; part == 1 || left > 0; part++) {
        char number[NUMBER_TEXT_MAX];
        char label[LABEL_TEXT_MAX];
        section_label(section, label);
        snprintf(number, sizeof(number), part == 1 ? "%s.%d " : "%s.%d (%d) ", label, table_number,
            part);
        struct sheet *sheet =
            add_sheet(xlsx, SHEET_TABLE, number, word_text(table->title, xlsx->language));
        if (sheet == NULL) {
            return;
        }
        sheet->section = section;
        sheet->table = table;
        sheet->first = row;
        sheet->n_rows = left < xlsx->rows_max ? (uint32_t)left : xlsx->rows_max;
        for (uint32_t i = 0; i < sheet->n_rows; i++) {
            row = row->next;
        }
        left -= sheet->n_rows;
    }
}

static void plan_section(struct xlsx *xlsx, const struct section *section)
{
    char number[NUMBER_TEXT_MAX];
    char label[LABEL_TEXT_MAX];
    section_label(section, label);
    snprintf(number, sizeof(number), "%s ", label);
    struct sheet *sheet =
        add_sheet(xlsx, SHEET_SECTION, number, word_text(section->title, xlsx->language));
    if (sheet == NULL) {
        return;
    }
    sheet->section = section;
    int n_tables = 0;
    for (const struct block *block = section->first; block != NULL && xlsx->status == STATUS_OK;
         block = block->next) {
        if (block->kind == BLOCK_TABLE) {
            plan_table(xlsx, section, block->table, ++n_tables);
        }
    }
}

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->anchor, ((const struct place *)b)->anchor);
}

/* Count the anchors, or note where they are: `places` NULL or with room for all. */
static size_t each_place(const struct xlsx *xlsx, struct place *places)
{
    size_t n = 0;
    for (uint32_t i = 0; i < xlsx->n_sheets; i++) {
        const struct sheet *sheet = &xlsx->sheets[i];
        const struct table_row *row = sheet->first;
        for (uint32_t k = 0; k < sheet->n_rows && row != NULL; k++, row = row->next) {
            if (row->anchor != NULL) {
                if (places != NULL) {
                    places[n] = (struct place){row->anchor, i, k + 1};
                }
                n++;
            }
        }
        if (sheet->kind == SHEET_SECTION) {
            if (places != NULL) {
                places[n] = (struct place){sheet->section->anchor, i, 0};
            }
            n++;
        }
        uint32_t k = 0;
        const struct finding *finding =
            sheet->kind == SHEET_FINDINGS ? xlsx->report->first_finding : NULL;
        for (; finding != NULL; finding = finding->next) {
            if (places != NULL) {
                places[n] = (struct place){finding->anchor, i, ++k};
            }
            n++;
        }
    }
    return n;
}

static enum status plan_places(struct xlsx *xlsx)
{
    xlsx->n_places = each_place(xlsx, NULL);
    xlsx->places = arena_alloc_array(xlsx->arena, xlsx->n_places + 1, sizeof(*xlsx->places));
    if (xlsx->places == NULL) {
        return error_set(&xlsx->error, STATUS_RESOURCE_EXHAUSTED, "xlsx: out of memory");
    }
    (void)each_place(xlsx, xlsx->places);
    qsort(xlsx->places, xlsx->n_places, sizeof(*xlsx->places), compare_places);
    return STATUS_OK;
}

const struct place *xlsx_place(const struct xlsx *xlsx, const char *anchor)
{
    const struct place wanted = {.anchor = anchor};
    return anchor == NULL
               ? NULL
               : bsearch(&wanted, xlsx->places, xlsx->n_places, sizeof(wanted), compare_places);
}

enum status xlsx_plan(struct xlsx *xlsx)
{
    xlsx->sheets = arena_alloc_array(xlsx->arena, XLSX_SHEETS_MAX + 1, sizeof(*xlsx->sheets));
    if (xlsx->sheets == NULL) {
        return error_set(&xlsx->error, STATUS_RESOURCE_EXHAUSTED, "xlsx: out of memory");
    }
    (void)add_sheet(xlsx, SHEET_OVERVIEW, "", word_text(WORD_EXPORT_OVERVIEW, xlsx->language));
    struct sheet *findings =
        add_sheet(xlsx, SHEET_FINDINGS, "", word_text(WORD_TABLE_FINDINGS, xlsx->language));
    if (findings == NULL) {
        return xlsx->status;
    }
    findings->n_rows = (uint32_t)xlsx->report->n_findings;
    for (const struct section *section = xlsx->report->first;
         section != NULL && xlsx->status == STATUS_OK; section = section->next) {
        plan_section(xlsx, section);
    }
    return xlsx->status == STATUS_OK ? plan_places(xlsx) : xlsx->status;
}
