/* The audit trail's hash chain: each row's hash covers the row and the hash before it, so that a
 * row changed or taken out later shows.
 *
 *     status = audit_chain_hash(digest, previous_hash, &row, hash);
 *     is_intact = strcmp(hash, stored_hash) == 0;
 *
 * hash = lower-case hex of SHA-256(previous hash's 64 hex digits, canonical row). The canonical row
 * is each field in the order of struct audit_row, as "LENGTH:TEXT," (a netstring; integers in
 * decimal) or "-," for NULL: no two different rows have the same one.
 *
 * Not here: reading or writing the table. */
#ifndef WALKIE_SCHEMA_AUDIT_CHAIN_H
#define WALKIE_SCHEMA_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/sha256.h"

struct audit_row {
    int64_t audit_id;
    int64_t at; /* epoch ms */
    int64_t user_id;
    const char *action;
    int64_t form_id; /* 0: NULL */
    int64_t item_id; /* 0: NULL */
    const char *old_value;
    const char *new_value;
    const char *reason;
};

/* What the first row's previous hash is: 64 zeros. */
extern const char AUDIT_CHAIN_START[SHA256_HEX_MAX];

/* `digest` must be between two messages, and is so afterwards. `ret_hash` may be `previous_hash`.
 * Threads: one digest by one thread at a time. */
void audit_chain_hash(struct sha256 *digest, const char *previous_hash, const struct audit_row *row,
    char ret_hash[SHA256_HEX_MAX]);

#endif
