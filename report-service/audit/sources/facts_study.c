#include "audit/sources/facts_study.h"

#include <stdlib.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "base/attributes.h"

enum { STUDY_MEMORY_MAX = 64 * 1024 * 1024 }; /* bytes of one study's counts: some 40,000 sites */

/* The last day of the quarter before the one that the day is in. */
static int64_t quarter_end_before(int64_t day)
{
    char text[DATE_TEXT_MAX];
    date_format(day, text);
    int month = (text[5] - '0') * 10 + text[6] - '0';
    int first_month = (month - 1) / 3 * 3 + 1;
    text[5] = (char)('0' + first_month / 10);
    text[6] = (char)('0' + first_month % 10);
    text[8] = '0';
    text[9] = '1';
    int64_t first_day;
    return date_first_day(text, &first_day) ? first_day - 1 : day - 1;
}

void study_days(int64_t as_of_day, int64_t ret_days[STUDY_DAYS])
{
    ret_days[STUDY_DAYS - 1] = as_of_day;
    for (size_t i = STUDY_DAYS - 1; i > 0; i--) {
        ret_days[i - 1] = quarter_end_before(ret_days[i]);
    }
}

struct site_counts *study_counts_of(const struct study_counts *study, size_t day, size_t site)
{
    return &study->counts[day * study->n_sites + site];
}

static int compare_ids(const void *key, const void *element)
{
    int64_t id = *(const int64_t *)key;
    int64_t other = ((const struct study_site *)element)->id;
    return (id > other) - (id < other);
}

size_t study_counts_find(const struct study_counts *study, int64_t site_id)
{
    const struct study_site *site =
        study->n_sites == 0
            ? NULL
            : bsearch(&site_id, study->sites, study->n_sites, sizeof(*site), compare_ids);
    return site == NULL ? study->n_sites : (size_t)(site - study->sites);
}

static int compare_numbers(const void *key, const void *element)
{
    return strcmp(key, ((const struct site_deviations *)element)->site_no);
}

const struct site_deviations *study_deviations_find(
    const struct study_deviations *study, const char *site_no)
{
    return study->n_sites == 0 ? NULL
                               : bsearch(site_no, study->sites, study->n_sites,
                                     sizeof(*study->sites), compare_numbers);
}

static void facts_free(struct ctx_result *result)
{
    struct study_facts *facts = CONTAINER_OF(result, struct study_facts, result);
    arena_free(facts->arena);
    free(facts);
}

struct study_facts *study_facts_new(size_t size)
{
    struct study_facts *facts = calloc(1, size);
    struct arena *arena = arena_new(STUDY_MEMORY_MAX);
    if (facts == NULL || arena == NULL) {
        arena_free(arena);
        free(facts);
        return NULL;
    }
    ctx_result_init(&facts->result, facts_free);
    facts->arena = arena;
    return facts;
}
