/* The audit trail: lines gather in a second sort, by time, and get their hashes on the way out. */
#include <string.h>

#include "import/odm_subject.h"
#include "schema/audit_chain.h"

enum { TRAIL_TEXTS = 4, ROWS_PER_POLL = 1024 };

/* What goes through the sorter; followed by the texts with their NULs, those that are not NULL. */
struct trail_record {
    int64_t user;
    int64_t form_id;
    int64_t item_id;
    uint8_t has_text[TRAIL_TEXTS];
};

void odm_trail_add(struct odm *odm, const struct trail_line *line)
{
    const char *const texts[TRAIL_TEXTS] = {
        line->action, line->old_value, line->new_value, line->reason};
    struct trail_record record = {
        .user = line->user, .form_id = line->form_id, .item_id = line->item_id};
    char data[sizeof(record) + 2 * (XML_TEXT_LEN_MAX + 1) + ODM_REASON_MAX + 16];
    size_t len = sizeof(record);
    for (size_t i = 0; i < TRAIL_TEXTS; i++) {
        record.has_text[i] = texts[i] != NULL;
        if (texts[i] != NULL) {
            size_t text_len = strlen(texts[i]) + 1;
            memcpy(data + len, texts[i], text_len);
            len += text_len;
        }
    }
    memcpy(data, &record, sizeof(record));
    struct error error = ERROR_NONE;
    enum status status = sorter_add(odm->trail, line->at, data, len, &error);
    if (status != STATUS_OK) {
        odm_fail(odm, status, "%s", error.text);
    }
}

static void write_line(struct odm *odm, struct sha256 *digest, const struct sorter_record *sorted,
    int64_t audit_id, char hash[SHA256_HEX_MAX])
{
    struct trail_record record;
    const char *texts[TRAIL_TEXTS] = {NULL};
    const char *at = (const char *)sorted->data + sizeof(record);
    memcpy(&record, sorted->data, sizeof(record));
    for (size_t i = 0; i < TRAIL_TEXTS; i++) {
        if (record.has_text[i]) {
            texts[i] = at;
            at += strlen(at) + 1;
        }
    }
    const struct audit_row row = {audit_id, sorted->key, record.user, texts[0], record.form_id,
        record.item_id, texts[1], texts[2], texts[3]};
    char previous[SHA256_HEX_MAX];
    memcpy(previous, hash, sizeof(previous));
    audit_chain_hash(digest, previous, &row, hash);
    dataset_add(odm->dataset, TABLE_AUDIT_TRAIL,
        (struct db_value[]){db_integer(row.audit_id), db_integer(row.at), db_integer(row.user_id),
            db_text(row.action), dataset_stamp(row.form_id), dataset_stamp(row.item_id),
            db_text(row.old_value), db_text(row.new_value), db_text(row.reason), db_text(previous),
            db_text(hash)},
        11);
}

void odm_trail_write(struct odm *odm)
{
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        odm_fail_memory(odm);
        return;
    }
    char hash[SHA256_HEX_MAX];
    memcpy(hash, AUDIT_CHAIN_START, sizeof(hash));
    progress_begin(odm->progress, "audit trail", sorter_count(odm->trail));
    int64_t n_lines = 0;
    bool has_record = true;
    while (odm->status == STATUS_OK) {
        struct sorter_record sorted;
        odm->status = sorter_next(odm->trail, &sorted, &has_record, &odm->error);
        if (odm->status != STATUS_OK || !has_record) {
            return;
        }
        write_line(odm, digest, &sorted, ++n_lines, hash);
        if (n_lines % ROWS_PER_POLL == 0) {
            progress_at(odm->progress, (uint64_t)n_lines, (uint64_t)n_lines);
            if (dataset_status(odm->dataset) != STATUS_OK) {
                odm_fail(odm, dataset_status(odm->dataset), "%s", dataset_error_text(odm->dataset));
            }
        }
    }
}
