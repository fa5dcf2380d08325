#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/demo_internal.h"
#include "schema/audit_chain.h"

struct trail_row {
    struct trail_entry entry;
    size_t order; /* of collection: keeps equal stamps in order */
};

struct trail {
    struct arena *arena;
    struct trail_row *rows;
    size_t n_rows;
    size_t n_rows_max;
    bool has_failed;
};

struct trail *trail_new(struct arena *arena)
{
    struct trail *trail = calloc(1, sizeof(*trail));
    if (trail != NULL) {
        trail->arena = arena;
    }
    return trail;
}

void trail_free(struct trail *trail)
{
    if (trail != NULL) {
        free(trail->rows);
        free(trail);
    }
}

void trail_add(struct trail *trail, const struct trail_entry *entry)
{
    if (trail->n_rows == trail->n_rows_max) {
        size_t n_rows_max = trail->n_rows_max == 0 ? 4096 : trail->n_rows_max * 2;
        struct trail_row *rows = realloc(trail->rows, n_rows_max * sizeof(*rows));
        if (rows == NULL) {
            trail->has_failed = true;
            return;
        }
        trail->rows = rows;
        trail->n_rows_max = n_rows_max;
    }
    struct trail_row *row = &trail->rows[trail->n_rows];
    row->entry = *entry;
    row->entry.old_value = arena_copy_text(trail->arena, entry->old_value);
    row->entry.new_value = arena_copy_text(trail->arena, entry->new_value);
    row->order = trail->n_rows++;
}

static int compare_rows(const void *left, const void *right)
{
    const struct trail_row *a = left;
    const struct trail_row *b = right;
    if (a->entry.at != b->entry.at) {
        return a->entry.at < b->entry.at ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

enum status trail_write(struct demo *demo, struct error *ret_error)
{
    struct trail *trail = demo->trail;
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    if (digest == NULL || trail->has_failed || arena_has_failed(trail->arena)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "out of memory: the audit trail has more than %zu rows", trail->n_rows);
    }
    if (trail->n_rows > 0) {
        qsort(trail->rows, trail->n_rows, sizeof(*trail->rows), compare_rows);
    }
    char hash[SHA256_HEX_MAX];
    char previous[SHA256_HEX_MAX];
    memcpy(hash, AUDIT_CHAIN_START, sizeof(hash));
    for (size_t i = 0; i < trail->n_rows; i++) {
        const struct trail_entry *entry = &trail->rows[i].entry;
        const struct audit_row row = {(int64_t)i + 1, entry->at, entry->user_id, entry->action,
            entry->form_id, entry->item_id, entry->old_value, entry->new_value, entry->reason};
        memcpy(previous, hash, sizeof(hash));
        audit_chain_hash(digest, previous, &row, hash);
        char tampered[DEMO_VALUE_MAX + 1];
        snprintf(tampered, sizeof(tampered), "%s9", row.new_value == NULL ? "" : row.new_value);
        const char *new_value = entry->is_tampered ? tampered : row.new_value;
        dataset_add(demo->dataset, TABLE_AUDIT_TRAIL,
            (struct db_value[]){db_integer(row.audit_id), db_integer(row.at),
                db_integer(row.user_id), db_text(row.action), dataset_stamp(row.form_id),
                dataset_stamp(row.item_id), db_text(row.old_value), db_text(new_value),
                db_text(row.reason), db_text(previous), db_text(hash)},
            11);
    }
    return STATUS_OK;
}
