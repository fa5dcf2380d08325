#include "audit/document/links.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct link_entry {
    const char *anchor;
    uint32_t hash;
    bool is_owned;
    bool is_wanted;
    bool is_placed;
};

struct links {
    struct link_entry *entries; /* in order of first mention: their index is their number */
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

/* The anchor's entry, made when it is new; NULL for NULL or when there is no room. */
static struct link_entry *note(struct links *links, const char *anchor)
{
    if (anchor == NULL || links->status != STATUS_OK) {
        return NULL;
    }
    uint32_t hash = hash_text(anchor);
    uint32_t *slot = find_slot(links, anchor, hash);
    if (*slot != 0) {
        return &links->entries[*slot - 1];
    }
    if (links->n_entries == LINKS_MAX ||
        (links->n_entries == links->entries_capacity && !grow_entries(links))) {
        links->status = STATUS_RESOURCE_EXHAUSTED;
        return NULL;
    }
    links->entries[links->n_entries++] = (struct link_entry){.anchor = anchor, .hash = hash};
    *slot = (uint32_t)links->n_entries;
    size_t index = links->n_entries - 1;
    if (links->n_entries * 2 > links->n_slots && !grow_slots(links)) {
        links->status = STATUS_RESOURCE_EXHAUSTED;
        return NULL;
    }
    return &links->entries[index];
}

void links_own(struct links *links, const char *anchor)
{
    struct link_entry *entry = note(links, anchor);
    if (entry != NULL) {
        entry->is_owned = true;
    }
}

void links_want(struct links *links, const char *anchor)
{
    struct link_entry *entry = note(links, anchor);
    if (entry != NULL) {
        entry->is_wanted = true;
    }
}

int links_find(const struct links *links, const char *anchor)
{
    if (anchor == NULL) {
        return -1;
    }
    uint32_t slot = *find_slot(links, anchor, hash_text(anchor));
    if (slot == 0 || !links->entries[slot - 1].is_owned || !links->entries[slot - 1].is_wanted) {
        return -1;
    }
    return (int)slot - 1;
}

int links_place(struct links *links, const char *anchor)
{
    int number = links_find(links, anchor);
    if (number < 0 || links->entries[number].is_placed) {
        return -1;
    }
    links->entries[number].is_placed = true;
    return number;
}
