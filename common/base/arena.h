/* An arena: many small allocations, freed together. One thread at a time.
 *
 *     struct arena *arena = arena_new(REPORT_MEMORY_MAX);
 *     char *name = arena_copy_text(arena, text);
 *     arena_free(arena);
 *
 * Not here: freeing one allocation. */
#ifndef WALKIE_BASE_ARENA_H
#define WALKIE_BASE_ARENA_H

#include <stddef.h>

#include "base/attributes.h"

struct arena;

/* NULL when out of memory. `len_max`: bytes in all that the arena will hand out. */
MUST_USE struct arena *arena_new(size_t len_max);
void arena_free(struct arena *arena); /* accepts NULL; fits CLEANUP through arena_free_at */
void arena_free_at(struct arena **arena);

/* Give back everything that was handed out, and keep one block for what comes next: an arena that
 * is used for one thing after the other does not grow. A failure is forgotten, too. */
void arena_reset(struct arena *arena);

/* Zeroed memory, aligned for any type. NULL when out of memory or above len_max; once that has
 * happened every later call returns NULL too, so that a builder may check once at its end. */
MUST_USE void *arena_alloc(struct arena *arena, size_t size);
MUST_USE void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

/* Copies; NULL for NULL. */
MUST_USE char *arena_copy_text(struct arena *arena, const char *text);
MUST_USE char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Whether an allocation has failed since arena_new. */
int arena_has_failed(const struct arena *arena);

/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

#endif
