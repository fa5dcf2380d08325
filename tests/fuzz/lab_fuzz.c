/* Any bytes as a laboratory's page: no crash, and what is taken is what the agreement allows. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/lab/lab_page.h"
#include "audit/sources/dates.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 8 << 20 };

static void check_text(const char *text, size_t size)
{
    if (text == NULL || *text == '\0' || strlen(text) >= size) {
        abort();
    }
}

static void check_value(const struct lab_value *value)
{
    check_text(value->subject_no, LAB_TEXT_MAX);
    check_text(value->test, LAB_TEXT_MAX);
    check_text(value->collected_on, DATE_TEXT_MAX);
    if (!date_is_complete(value->collected_on) || (value->has_value && !isfinite(value->value))) {
        abort();
    }
    const char *const optional[] = {value->unit, value->flag, value->accession};
    for (size_t i = 0; i < LENGTH_OF(optional); i++) {
        if (optional[i] != NULL) {
            check_text(optional[i], LAB_TEXT_MAX);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lab_question QUESTION = {
        .study = "S", .site_no = "1", .as_of = "2025-06-30"};
    struct arena *arena = arena_new(ARENA_MAX);
    struct lab_page page;
    if (arena == NULL) {
        return 0;
    }
    if (lab_page_read((struct bytes){data, size}, &QUESTION, arena, &page) == LAB_ANSWERED) {
        size_t count = 0;
        LIST_EACH(const struct lab_value, value, &page.results) {
            check_value(value);
            count++;
        }
        if (count != page.results.count || count > LAB_PAGE_RESULTS_MAX) {
            abort();
        }
    }
    arena_free(arena);
    return 0;
}
