#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_LEN = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t capacity;
    _Alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct arena_block *blocks; /* the newest first */
    size_t used;
    size_t len_max;
    bool has_failed;
};

struct arena *arena_new(size_t len_max)
{
    struct arena *arena = calloc(1, sizeof(*arena));
    if (arena != NULL) {
        arena->len_max = len_max;
    }
    return arena;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    struct arena_block *next;
    for (struct arena_block *block = arena->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void arena_free_at(struct arena **arena)
{
    arena_free(*arena);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = NULL;
    struct arena_block *next;
    for (struct arena_block *block = arena->blocks; block != NULL; block = next) {
        next = block->next;
        if (kept == NULL && block->capacity == ARENA_BLOCK_LEN) {
            kept = block;
        } else {
            free(block);
        }
    }
    if (kept != NULL) {
        memset(kept->data, 0, kept->used);
        kept->used = 0;
        kept->next = NULL;
    }
    arena->blocks = kept;
    arena->used = 0;
    arena->has_failed = false;
}

static struct arena_block *arena_add_block(struct arena *arena, size_t size)
{
    size_t capacity = size > ARENA_BLOCK_LEN ? size : ARENA_BLOCK_LEN;
    struct arena_block *block = calloc(1, sizeof(*block) + capacity);
    if (block == NULL) {
        return NULL;
    }
    block->capacity = capacity;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t align = _Alignof(max_align_t);
    if (arena->has_failed || size > arena->len_max || arena->used > arena->len_max - size) {
        arena->has_failed = true;
        return NULL;
    }
    size_t rounded = (size + align - 1) / align * align;
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->capacity - block->used < rounded) {
        block = arena_add_block(arena, rounded);
    }
    if (block == NULL) {
        arena->has_failed = true;
        return NULL;
    }
    void *memory = block->data + block->used;
    block->used += rounded;
    arena->used += rounded;
    return memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        arena->has_failed = true;
        return NULL;
    }
    return arena_alloc(arena, count * size);
}

char *arena_copy_text(struct arena *arena, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(arena, size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
    if (text != NULL) {
        vsnprintf(text, (size_t)len + 1, format, again);
    }
    va_end(again);
    return text;
}

int arena_has_failed(const struct arena *arena)
{
    return arena->has_failed;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
