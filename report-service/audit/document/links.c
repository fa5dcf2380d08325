#include "audit/document/links.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct link_entry {
    const char *anchor;
    uint32_t hash;
    struct link_place place;
    bool is_used;
};

struct links {
    struct link_entry *entries; /* in order of first mention */
    size_t n_entries;
    size_t entries_capacity;
    uint32_t *slots; /* index + 1 into entries, 0: free; open addressing */
    size_t n_slots;  /* a power of two, at least twice the entries */
    enum status status;
};

enum { SLOTS_AT_FIRST = 256 };

struct links *links_new(void)
{
    struct links *links = calloc(1, sizeof(*links));
    uint32_t *slots = calloc(SLOTS_AT_FIRST, sizeof(*slots));
    if (links == NULL || slots == NULL) {
        free(links);
        free(slots);
        return NULL;
    }
    links->slots = slots;
    links->n_slots = SLOTS_AT_FIRST;
    return links;
}

void links_free(struct links *links)
{
    if (links != NULL) {
        free(links->entries);
        free(links->slots);
        free(links);
    }
}

enum status links_status(const struct links *links)
{
    return links->status;
}

static uint32_t hash_text(const char *text)
{
    uint32_t hash = 2166136261U;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (uint8_t)*text) * 16777619U;
    }
    return hash ^ hash >> 15;
}

/* The slot that holds the anchor, or the free one where it belongs. */
static uint32_t *find_slot(const struct links *links, const char *anchor, uint32_t hash)
{
    size_t at = hash & (links->n_slots - 1);
    while (links->slots[at] != 0) {
        const struct link_entry *entry = &links->entries[links->slots[at] - 1];
        if (entry->hash == hash && strcmp(entry->anchor, anchor) == 0) {
            break;
        }
        at = (at + 1) & (links->n_slots - 1);
    }
    return &links->slots[at];
}

static bool grow_slots(struct links *links)
{
    uint32_t *slots = calloc(links->n_slots * 2, sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    free(links->slots);
    links->slots = slots;
    links->n_slots *= 2;
    for (size_t i = 0; i < links->n_entries; i++) {
        *find_slot(links, links->entries[i].anchor, links->entries[i].hash) = (uint32_t)i + 1;
    }
    return true;
}

static bool grow_entries(struct links *links)
{
    size_t capacity = links->entries_capacity == 0 ? 128 : links->entries_capacity * 2;
    struct link_entry *entries = realloc(links->entries, capacity * sizeof(*entries));
    if (entries == NULL) {
        return false;
    }
    links->entries = entries;
    links->entries_capacity = capacity;
    return true;
}

void links_own(struct links *links, const char *anchor, struct link_place place)
{
    if (anchor == NULL || links->status != STATUS_OK) {
        return;
    }
    uint32_t hash = hash_text(anchor);
    uint32_t *slot = find_slot(links, anchor, hash);
    if (*slot != 0) {
        return;
    }
    if (links->n_entries == LINKS_MAX ||
        (links->n_entries == links->entries_capacity && !grow_entries(links))) {
        links->status = STATUS_RESOURCE_EXHAUSTED;
        return;
    }
    links->entries[links->n_entries++] =
        (struct link_entry){.anchor = anchor, .hash = hash, .place = place};
    *slot = (uint32_t)links->n_entries;
    if (links->n_entries * 2 > links->n_slots && !grow_slots(links)) {
        links->status = STATUS_RESOURCE_EXHAUSTED;
    }
}

static struct link_entry *find(const struct links *links, const char *anchor)
{
    if (anchor == NULL) {
        return NULL;
    }
    uint32_t slot = *find_slot(links, anchor, hash_text(anchor));
    return slot == 0 ? NULL : &links->entries[slot - 1];
}

bool links_has(const struct links *links, const char *anchor)
{
    return find(links, anchor) != NULL;
}

int links_use(struct links *links, const char *anchor)
{
    struct link_entry *entry = find(links, anchor);
    if (entry == NULL) {
        return -1;
    }
    entry->is_used = true;
    return (int)(entry - links->entries);
}

bool links_each(
    const struct links *links, size_t *at, size_t *ret_number, struct link_place *ret_place)
{
    while (*at < links->n_entries && !links->entries[*at].is_used) {
        ++*at;
    }
    if (*at == links->n_entries) {
        return false;
    }
    *ret_number = *at;
    *ret_place = links->entries[*at].place;
    ++*at;
    return true;
}
