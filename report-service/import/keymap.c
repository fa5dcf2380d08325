#include "import/keymap.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { SLOTS_MIN = 1024 };

struct slot {
    const char *key; /* NULL: free */
    uint64_t hash;
    int64_t value;
};

struct keymap {
    struct arena *keys;
    struct slot *slots; /* a power of two of them, at most half in use */
    size_t n_slots;
    size_t n_keys;
};

/* FNV-1a. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *key != '\0'; key++) {
        hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001B3);
    }
    return hash;
}

struct keymap *keymap_new(void)
{
    struct keymap *map = calloc(1, sizeof(*map));
    if (map == NULL) {
        return NULL;
    }
    map->keys = arena_new(KEYMAP_MEMORY_MAX);
    map->slots = calloc(SLOTS_MIN, sizeof(*map->slots));
    map->n_slots = SLOTS_MIN;
    if (map->keys == NULL || map->slots == NULL) {
        keymap_free(map);
        return NULL;
    }
    return map;
}

void keymap_free(struct keymap *map)
{
    if (map == NULL) {
        return;
    }
    arena_free(map->keys);
    free(map->slots);
    free(map);
}

/* The key's slot, or the free one where it would go. */
static struct slot *find(const struct keymap *map, const char *key, uint64_t hash)
{
    size_t at = (size_t)hash & (map->n_slots - 1);
    while (map->slots[at].key != NULL &&
           (map->slots[at].hash != hash || strcmp(map->slots[at].key, key) != 0)) {
        at = (at + 1) & (map->n_slots - 1);
    }
    return &map->slots[at];
}

static bool grow(struct keymap *map)
{
    struct keymap larger = {map->keys, NULL, map->n_slots * 2, map->n_keys};
    larger.slots = calloc(larger.n_slots, sizeof(*larger.slots));
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->n_slots; i++) {
        if (map->slots[i].key != NULL) {
            *find(&larger, map->slots[i].key, map->slots[i].hash) = map->slots[i];
        }
    }
    free(map->slots);
    *map = larger;
    return true;
}

bool keymap_put(struct keymap *map, const char *key, int64_t value)
{
    if ((map->n_keys + 1) * 2 > map->n_slots && !grow(map)) {
        return false;
    }
    uint64_t hash = hash_of(key);
    struct slot *slot = find(map, key, hash);
    if (slot->key == NULL) {
        const char *copy = arena_copy_text(map->keys, key);
        if (copy == NULL) {
            return false;
        }
        *slot = (struct slot){copy, hash, 0};
        map->n_keys++;
    }
    slot->value = value;
    return true;
}

bool keymap_get(const struct keymap *map, const char *key, int64_t *ret_value)
{
    const struct slot *slot = find(map, key, hash_of(key));
    if (slot->key == NULL) {
        return false;
    }
    *ret_value = slot->value;
    return true;
}

size_t keymap_count(const struct keymap *map)
{
    return map->n_keys;
}
