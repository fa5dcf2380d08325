/* The site's movements of study drug and its temperatures. */
#include <string.h>

#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

/* Kit by kit; which one comes first is decided by date and key, not by the database's order. */
static const char MOVEMENTS_SQL[] =
    "SELECT txn_id, kit_no, lot, expires_on, kind, subject_no, on_date, qty, temp_min, temp_max"
    " FROM ip_txn WHERE site_id = $1 ORDER BY kit_no, txn_id";

static const char LIMITS_SQL[] =
    "SELECT key, value FROM meta WHERE key IN ('ip_temp_max', 'ip_temp_min') ORDER BY key";

static const char *const KINDS[DRUG_MOVEMENT_KINDS] = {
    [DRUG_RECEIVED] = "received",
    [DRUG_DISPENSED] = "dispensed",
    [DRUG_RETURNED] = "returned",
    [DRUG_DESTROYED] = "destroyed",
    [DRUG_LOST] = "lost",
    [DRUG_QUARANTINED] = "quarantined",
};

static bool parse_kind(const char *word, enum drug_movement_kind *ret_kind)
{
    for (int i = 0; word != NULL && i < DRUG_MOVEMENT_KINDS; i++) {
        if (strcmp(word, KINDS[i]) == 0) {
            *ret_kind = (enum drug_movement_kind)i;
            return true;
        }
    }
    return false;
}

/* "-2.5"; strtod would take its decimal point from the locale. */
static bool parse_decimal(const char *text, double *ret_value)
{
    bool is_negative = text != NULL && *text == '-';
    const char *at = text == NULL ? "" : text + is_negative;
    double value = 0;
    double unit = 1;
    bool has_digit = false;
    bool has_point = false;
    for (; *at != '\0'; at++) {
        if (*at == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (*at < '0' || *at > '9') {
            return false;
        }
        value = value * 10 + (*at - '0');
        unit *= has_point ? 10 : 1;
        has_digit = true;
    }
    *ret_value = (is_negative ? -value : value) / unit;
    return has_digit;
}

static enum status on_limit(struct fetch *fetch, const struct db_rows *rows)
{
    struct ctms_facts *ctms = &fetch->facts->ctms;
    double value;
    if (parse_decimal(db_column_text(rows, 1), &value)) {
        bool is_low = fetch_is_word(rows, 0, "ip_temp_min");
        *(is_low ? &ctms->temperature_low : &ctms->temperature_high) = value;
        ctms->n_temperature_limits++;
    }
    return STATUS_OK;
}

static enum status keep_temperature(struct fetch *fetch, const struct db_rows *rows)
{
    struct drug_temperature *temperature = fetch_new(fetch, sizeof(*temperature));
    if (temperature == NULL) {
        return fetch_out_of_memory(fetch);
    }
    temperature->is_storage = fetch_is_word(rows, 4, "storage");
    temperature->on_date = fetch_date(fetch, rows, 6);
    /* One of the two says as much as both: the other is not beyond it. */
    temperature->low = db_column_real(rows, db_column_is_null(rows, 8) ? 9 : 8);
    temperature->high = db_column_real(rows, db_column_is_null(rows, 9) ? 8 : 9);
    list_add(&fetch->facts->ctms.drug_temperatures, &temperature->node);
    return STATUS_OK;
}

/* The kit of this row: the last one, or a new one. Its number is kept while rows are compared, and
 * taken away afterwards unless the request may see it. */
static struct kit *kit_of_row(struct fetch *fetch, const struct db_rows *rows)
{
    struct list *kits = &fetch->facts->ctms.kits;
    struct kit *last = (struct kit *)kits->last;
    if (last != NULL && fetch_is_word(rows, 1, last->number)) {
        return last;
    }
    struct kit *kit = fetch_new(fetch, sizeof(*kit));
    if (kit == NULL) {
        return NULL;
    }
    kit->id = db_column_integer(rows, 0);
    kit->number = fetch_text(fetch, rows, 1);
    kit->first_day = INT64_MAX;
    list_add(kits, &kit->node);
    return kit->number == NULL ? NULL : kit;
}

static void count_movement(struct kit *kit, const struct drug_movement *movement)
{
    const struct drug_movement **first = &kit->first[movement->kind];
    const struct drug_movement **last = &kit->last_dispensed;
    kit->quantities[movement->kind] += movement->quantity;
    if (*first == NULL || movement->day < (*first)->day) {
        *first = movement;
    }
    if (movement->kind == DRUG_DISPENSED && (*last == NULL || movement->day >= (*last)->day)) {
        *last = movement;
    }
    if (movement->is_dated && movement->day < kit->first_day) {
        kit->first_day = movement->day;
    }
}

static enum status keep_movement(
    struct fetch *fetch, const struct db_rows *rows, enum drug_movement_kind kind)
{
    struct kit *kit = kit_of_row(fetch, rows);
    struct drug_movement *movement = fetch_new(fetch, sizeof(*movement));
    if (kit == NULL || movement == NULL) {
        return fetch_out_of_memory(fetch);
    }
    movement->kit = kit;
    movement->kind = kind;
    movement->subject_no = fetch_text(fetch, rows, 5);
    movement->on_date = fetch_date(fetch, rows, 6);
    movement->is_dated =
        date_is_complete(movement->on_date) && date_first_day(movement->on_date, &movement->day);
    movement->quantity = db_column_is_null(rows, 7) ? 1 : db_column_integer(rows, 7);
    movement->expires_on = fetch_date(fetch, rows, 3);
    kit->expires_on = movement->expires_on == NULL ? kit->expires_on : movement->expires_on;
    if (fetch->facts->is_unblinded && kit->lot == NULL) {
        kit->lot = fetch_text(fetch, rows, 2);
    }
    count_movement(kit, movement);
    list_add(&fetch->facts->ctms.drug_movements, &movement->node);
    return STATUS_OK;
}

static enum status on_movement(struct fetch *fetch, const struct db_rows *rows)
{
    enum drug_movement_kind kind;
    enum status status = STATUS_OK;
    if (!fetch_has_come(fetch, db_column_text(rows, 6), true)) {
        return STATUS_OK;
    }
    if (!db_column_is_null(rows, 8) || !db_column_is_null(rows, 9)) {
        status = keep_temperature(fetch, rows);
    }
    return status == STATUS_OK && parse_kind(db_column_text(rows, 4), &kind)
               ? keep_movement(fetch, rows, kind)
               : status;
}

static int by_day_and_key(const struct list_node *a, const struct list_node *b)
{
    const struct kit *left = (const struct kit *)a;
    const struct kit *right = (const struct kit *)b;
    if (left->first_day != right->first_day) {
        return left->first_day < right->first_day ? -1 : 1;
    }
    return left->id < right->id ? -1 : left->id > right->id;
}

static int by_temperature_date(const struct list_node *a, const struct list_node *b)
{
    const char *left = ((const struct drug_temperature *)a)->on_date;
    const char *right = ((const struct drug_temperature *)b)->on_date;
    return strcmp(left == NULL ? "" : left, right == NULL ? "" : right);
}

enum status fetch_ctms_drug(const struct ctx *ctx, struct fetch *fetch)
{
    struct ctms_facts *ctms = &fetch->facts->ctms;
    if (!facts_has(fetch->base, "ip_txn", NULL)) {
        return STATUS_OK;
    }
    struct db_value site_id = db_integer(fetch->base->site_id);
    enum status status = fetch_rows(ctx, fetch, LIMITS_SQL, NULL, 0, on_limit);
    if (status == STATUS_OK && ctms->n_temperature_limits < 2 &&
        facts_has(fetch->base, "ip_txn", "temp_max")) {
        /* Without limits no temperature can be judged: the same as a column that is not there. */
        status =
            fetch_say_missing(fetch, "ip_txn.temp_max", "meta has no ip_temp_min and ip_temp_max");
    }
    if (status == STATUS_OK) {
        status = fetch_rows(ctx, fetch, MOVEMENTS_SQL, &site_id, 1, on_movement);
    }
    list_sort(&ctms->kits, by_day_and_key);
    list_sort(&ctms->drug_temperatures, by_temperature_date);
    LIST_EACH(struct kit, kit, &ctms->kits) {
        kit->number = fetch->facts->is_unblinded ? kit->number : NULL;
    }
    return status;
}
