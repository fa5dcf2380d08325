#include "rpc/metadata.h"

#include <stdlib.h>
#include <string.h>

const struct ctx_key RPC_METADATA_KEY = {"metadata"};

void rpc_metadata_init(
    struct rpc_metadata *metadata, struct rpc_metadata_entry *entries, size_t n_entries_max)
{
    size_t n_max = n_entries_max;
    *metadata = (struct rpc_metadata){.entries = entries,
        .n_entries_max = n_max < RPC_METADATA_ENTRIES_MAX ? n_max : RPC_METADATA_ENTRIES_MAX};
}

static struct rpc_metadata_entry *find(const struct rpc_metadata *metadata, const char *key)
{
    for (size_t i = 0; i < metadata->n_entries; i++) {
        if (strcmp(metadata->entries[i].key, key) == 0) {
            return &metadata->entries[i];
        }
    }
    return NULL;
}

enum status rpc_metadata_set(struct rpc_metadata *metadata, const char *key, struct bytes value)
{
    size_t key_len = strlen(key);
    if (key_len == 0 || key_len > RPC_METADATA_KEY_MAX ||
        strspn(key, RPC_METADATA_KEY_CHARACTERS) != key_len || value.len > RPC_METADATA_VALUE_MAX) {
        return STATUS_INVALID_ARGUMENT;
    }
    struct rpc_metadata_entry *entry = find(metadata, key);
    size_t old_len = entry == NULL ? 0 : key_len + entry->value.len;
    size_t len = metadata->len - old_len + key_len + value.len;
    bool has_room = entry != NULL || metadata->n_entries < metadata->n_entries_max;
    if (!has_room || len > RPC_METADATA_LEN_MAX) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (entry == NULL) {
        entry = &metadata->entries[metadata->n_entries++];
        entry->key = key;
    }
    entry->value = value;
    metadata->len = len;
    return STATUS_OK;
}

bool rpc_metadata_get(const struct rpc_metadata *metadata, const char *key, struct bytes *ret_value)
{
    const struct rpc_metadata_entry *entry = metadata == NULL ? NULL : find(metadata, key);
    if (entry != NULL) {
        *ret_value = entry->value;
    }
    return entry != NULL;
}

static void *append(uint8_t **at, const void *data, size_t len)
{
    uint8_t *to = *at;
    if (len > 0) {
        memcpy(to, data, len);
    }
    *at += len;
    return to;
}

enum status rpc_metadata_copy(const struct rpc_metadata *metadata, struct rpc_metadata *ret_copy,
    struct rpc_metadata_entry **ret_entries)
{
    size_t n = metadata->n_entries;
    struct rpc_metadata_entry *entries = NULL;
    if (n > 0) {
        size_t n_nuls = n; /* of the keys */
        entries = malloc(n * sizeof(*entries) + metadata->len + n_nuls);
        if (entries == NULL) {
            return STATUS_RESOURCE_EXHAUSTED;
        }
    }
    uint8_t *at = (uint8_t *)(entries + n);
    for (size_t i = 0; i < n; i++) {
        const struct rpc_metadata_entry *from = &metadata->entries[i];
        entries[i].key = append(&at, from->key, strlen(from->key) + 1);
        entries[i].value.data = append(&at, from->value.data, from->value.len);
        entries[i].value.len = from->value.len;
    }
    *ret_copy = (struct rpc_metadata){
        .entries = entries, .n_entries = n, .n_entries_max = n, .len = metadata->len};
    *ret_entries = entries;
    return STATUS_OK;
}

const struct rpc_metadata *rpc_metadata_of(const struct ctx *ctx)
{
    return ctx_value(ctx, &RPC_METADATA_KEY);
}
