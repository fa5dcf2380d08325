/* Records in order of a number, however many: what does not fit the memory goes to a file that has
 * no name, so that nothing is left of it whatever happens.
 *
 *     status = sorter_add(sorter, key, data, len, &error);
 *     ... then, once everything is in:
 *     while ((status = sorter_next(sorter, &record, &has_record, &error)) == STATUS_OK &&
 *         has_record) { use(record.data, record.len); }
 *
 * Records of the same key come back in the order in which they were added. Not here: other orders,
 * adding after the first sorter_next. One thread. */
#ifndef WALKIE_IMPORT_SORTER_H
#define WALKIE_IMPORT_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    SORTER_RECORD_LEN_MAX = 1 << 20, /* bytes of one record */
    SORTER_MEMORY_MIN = 4 << 20,
    SORTER_RUNS_MAX = 4096, /* sorted pieces of the file */
};

struct sorter;

struct sorter_record {
    int64_t key;
    const void *data; /* valid until the next sorter_next; aligned for nothing */
    size_t len;
};

/* `memory_max`: bytes that are kept before they go to the file. NULL when out of memory. */
MUST_USE struct sorter *sorter_new(size_t memory_max);
void sorter_free(struct sorter *sorter); /* accepts NULL */

/* Errors: RESOURCE_EXHAUSTED (memory, a record or a file above the limits), UNAVAILABLE (the
 * temporary file; the text says why). */
MUST_USE enum status sorter_add(
    struct sorter *sorter, int64_t key, const void *data, size_t len, struct error *ret_error);
MUST_USE enum status sorter_next(struct sorter *sorter, struct sorter_record *ret_record,
    bool *ret_has_record, struct error *ret_error);

/* Records added so far. */
uint64_t sorter_count(const struct sorter *sorter);

#endif
