#include "audit/blinding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctx/checkpoint.h"

enum {
    LEN_MAX = 63, /* bytes of a treatment text that are compared: a bit each in `lengths` */
    ROWS_PER_CHECKPOINT = 256,
};

/* A set of texts (open addressing, at most half full) and which lengths there are. */
struct masker {
    const struct ctx *ctx;
    struct arena *arena;
    const char **slots;
    size_t n_slots;              /* a power of two */
    const char **public_numbers; /* of subjects and sites: ascending, bytewise */
    size_t n_public_numbers;
    uint64_t lengths;
    uint64_t n_rows;
    enum status status;
};

static unsigned char fold(char byte)
{
    return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

static bool is_letter_or_digit(char byte)
{
    unsigned char folded = fold(byte);
    return (folded >= 'a' && folded <= 'z') || (folded >= '0' && folded <= '9');
}

/* FNV-1a over the folded bytes. */
static size_t hash_of(const char *text, size_t len)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ fold(text[i])) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32);
}

static size_t len_of(const char *text)
{
    size_t len = strlen(text);
    return len < LEN_MAX ? len : LEN_MAX;
}

/* The slot of this text, or the empty one where it belongs. */
static const char **slot_of(const struct masker *masker, const char *text, size_t len)
{
    size_t at = hash_of(text, len) & (masker->n_slots - 1);
    while (masker->slots[at] != NULL &&
           (len_of(masker->slots[at]) != len || strncasecmp(masker->slots[at], text, len) != 0)) {
        at = (at + 1) & (masker->n_slots - 1);
    }
    return &masker->slots[at];
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A study has as many treatment texts as subjects: each is looked up among all public numbers. */
static enum status list_public_numbers(struct masker *masker, const struct audit_facts *facts)
{
    size_t count = facts->edc.subjects.count + facts->edc.site_numbers.count + 1;
    masker->public_numbers = arena_alloc_array(masker->arena, count, sizeof(const char *));
    if (masker->public_numbers == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        masker->public_numbers[masker->n_public_numbers++] = subject->subject_no;
    }
    LIST_EACH(const struct site_number, site, &facts->edc.site_numbers) {
        masker->public_numbers[masker->n_public_numbers++] = site->site_no;
    }
    masker->public_numbers[masker->n_public_numbers++] = facts->site_no;
    qsort(masker->public_numbers, masker->n_public_numbers, sizeof(const char *), compare_texts);
    return STATUS_OK;
}

static bool is_public_number(const struct masker *masker, const char *text)
{
    return bsearch(&text, masker->public_numbers, masker->n_public_numbers, sizeof(const char *),
               compare_texts) != NULL;
}

static void add_texts(struct masker *masker, const struct list *texts)
{
    LIST_EACH(const struct treatment_text, treatment, texts) {
        const char *text = treatment->text;
        size_t len = len_of(text);
        const char **slot = slot_of(masker, text, len);
        if (*slot == NULL && !is_public_number(masker, text)) {
            *slot = text;
            masker->lengths |= UINT64_C(1) << len;
        }
    }
}

static enum status masker_init(
    struct masker *masker, const struct ctx *ctx, const struct audit_facts *facts, size_t n_texts)
{
    *masker = (struct masker){.ctx = ctx, .arena = facts->edc.base.arena, .n_slots = 16};
    while (masker->n_slots < 2 * n_texts) {
        masker->n_slots *= 2;
    }
    masker->slots = arena_alloc_array(masker->arena, masker->n_slots, sizeof(*masker->slots));
    if (masker->slots == NULL || list_public_numbers(masker, facts) != STATUS_OK) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    add_texts(masker, &facts->edc.base.treatment_texts);
    add_texts(masker, &facts->ctms.base.treatment_texts);
    return STATUS_OK;
}

/* Whether the words beside text[start .. start + len) say that it is an arm. */
static bool is_named_as_arm(const char *text, size_t start, size_t len)
{
    static const char *const NAMES[] = {"arm", "group", "treatment", "cohort", "组", "组别", "臂"};
    size_t before = start;
    while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == ':')) {
        before--;
    }
    const char *after = text + start + len + strspn(text + start + len, " ");
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        size_t name_len = strlen(NAMES[i]);
        if (strncasecmp(after, NAMES[i], name_len) == 0 ||
            (before >= name_len &&
                strncasecmp(text + before - name_len, NAMES[i], name_len) == 0)) {
            return true;
        }
    }
    return false;
}

/* The length of the treatment text that starts here; 0: none does. Longer ones go first. */
static size_t match_at(const struct masker *masker, const char *text, size_t text_len, size_t at)
{
    if (at > 0 && is_letter_or_digit(text[at - 1]) && is_letter_or_digit(text[at])) {
        return 0;
    }
    for (size_t len = LEN_MAX; len > 0; len--) {
        if ((masker->lengths >> len & 1U) == 0 || at + len > text_len) {
            continue;
        }
        bool is_whole = len == LEN_MAX || !is_letter_or_digit(text[at + len - 1]) ||
                        !is_letter_or_digit(text[at + len]);
        if (is_whole && *slot_of(masker, text + at, len) != NULL &&
            (len >= BLINDING_LEN_MIN || is_named_as_arm(text, at, len))) {
            return len;
        }
    }
    return 0;
}

/* The text without its treatment texts: itself when it has none, NULL when it was nothing else. */
static const char *mask(struct masker *masker, const char *text)
{
    size_t text_len = strlen(text);
    char *masked = NULL;
    size_t used = 0;
    size_t at = 0;
    while (at < text_len) {
        size_t len = match_at(masker, text, text_len, at);
        if (len == text_len) {
            return NULL;
        }
        if (len > 0 && masked == NULL) {
            /* Each text found may grow to the mask's length. */
            size_t size = text_len * (sizeof(BLINDING_MASK) - 1) + 1;
            masked = arena_alloc(masker->arena, size);
            if (masked == NULL) {
                masker->status = STATUS_RESOURCE_EXHAUSTED;
                return NULL;
            }
            memcpy(masked, text, at);
            used = at;
        }
        if (len > 0) {
            memcpy(masked + used, BLINDING_MASK, sizeof(BLINDING_MASK) - 1);
            used += sizeof(BLINDING_MASK) - 1;
        } else if (masked != NULL) {
            masked[used++] = text[at];
        }
        at += len > 0 ? len : 1;
    }
    if (masked == NULL) {
        return text;
    }
    masked[used] = '\0';
    return masked;
}

static void mask_cells(struct masker *masker, struct cell *cells, size_t n_cells)
{
    for (size_t i = 0; i < n_cells; i++) {
        struct cell *cell = &cells[i];
        if (cell->kind != CELL_TEXT || cell->text == NULL) {
            continue;
        }
        const char *text = mask(masker, cell->text);
        if (text == NULL) {
            cell->kind = CELL_BLINDED;
        }
        cell->text = text;
    }
}

static void mask_table(struct masker *masker, const struct table *table)
{
    for (struct table_row *row = table->first; row != NULL && masker->status == STATUS_OK;
         row = row->next) {
        mask_cells(masker, row->cells, table->n_columns);
        if (++masker->n_rows % ROWS_PER_CHECKPOINT == 0 && masker->status == STATUS_OK) {
            masker->status = ctx_checkpoint(masker->ctx, "blinding", masker->n_rows, 0);
        }
    }
}

/* Labels and names of a chart are plain texts: what is nothing else gets the mask. */
static const char *mask_label(struct masker *masker, const char *label)
{
    const char *masked = label == NULL ? NULL : mask(masker, label);
    return masked == NULL && label != NULL ? BLINDING_MASK : masked;
}

static void mask_chart(struct masker *masker, const struct chart *chart)
{
    mask_cells(masker, chart->categories, chart->n_categories);
    for (struct chart_series *series = chart->first; series != NULL; series = series->next) {
        series->name_text = mask_label(masker, series->name_text);
        for (size_t i = 0; i < series->n_points; i++) {
            series->points[i].label = mask_label(masker, series->points[i].label);
        }
    }
}

static void mask_block(struct masker *masker, struct block *block)
{
    mask_cells(masker, block->arguments, block->n_arguments);
    for (struct fact *fact = block->first_fact; fact != NULL; fact = fact->next) {
        mask_cells(masker, &fact->value, 1);
    }
    if (block->table != NULL) {
        mask_table(masker, block->table);
    }
    if (block->chart != NULL) {
        mask_chart(masker, block->chart);
    }
}

enum status blinding_apply(
    const struct ctx *ctx, const struct audit_facts *facts, struct report *report)
{
    size_t n_texts = facts->edc.base.treatment_texts.count + facts->ctms.base.treatment_texts.count;
    if (facts->is_unblinded || n_texts == 0) {
        return STATUS_OK;
    }
    struct masker masker;
    enum status status = masker_init(&masker, ctx, facts, n_texts);
    if (status != STATUS_OK) {
        return status;
    }
    for (struct finding *finding = report->first_finding; finding != NULL;
         finding = finding->next) {
        mask_cells(&masker, finding->arguments, finding->n_arguments);
    }
    for (struct section *section = report->first; section != NULL; section = section->next) {
        for (struct block *block = section->first; block != NULL; block = block->next) {
            mask_block(&masker, block);
        }
    }
    return masker.status;
}

static bool has_text(const struct list *texts, const char *text)
{
    LIST_EACH(const struct treatment_text, treatment, texts) {
        if (strcasecmp(treatment->text, text) == 0) {
            return true;
        }
    }
    return false;
}

bool blinding_is_treatment(const struct audit_facts *facts, const char *text)
{
    return text != NULL && (has_text(&facts->edc.base.treatment_texts, text) ||
                               has_text(&facts->ctms.base.treatment_texts, text));
}
