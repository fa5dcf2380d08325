#include "schema/audit_chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char AUDIT_CHAIN_START[SHA256_HEX_MAX] =
    "0000000000000000000000000000000000000000000000000000000000000000";

static void add_text(struct sha256 *digest, const char *text)
{
    if (text == NULL) {
        sha256_update(digest, "-,", 2);
        return;
    }
    char head[24];
    size_t len = strlen(text);
    int head_len = snprintf(head, sizeof(head), "%zu:", len);
    sha256_update(digest, head, (size_t)head_len);
    sha256_update(digest, text, len);
    sha256_update(digest, ",", 1);
}

static void add_integer(struct sha256 *digest, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    add_text(digest, text);
}

static void add_key(struct sha256 *digest, int64_t key)
{
    if (key == 0) {
        add_text(digest, NULL);
    } else {
        add_integer(digest, key);
    }
}

void audit_chain_hash(struct sha256 *digest, const char *previous_hash, const struct audit_row *row,
    char ret_hash[SHA256_HEX_MAX])
{
    sha256_update(digest, previous_hash, strlen(previous_hash));
    add_integer(digest, row->audit_id);
    add_integer(digest, row->at);
    add_integer(digest, row->user_id);
    add_text(digest, row->action);
    add_key(digest, row->form_id);
    add_key(digest, row->item_id);
    add_text(digest, row->old_value);
    add_text(digest, row->new_value);
    add_text(digest, row->reason);
    sha256_finish_hex(digest, ret_hash);
}
