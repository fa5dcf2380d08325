/* Live scopes counted by where they were made: what /debug/contexts shows and the leak watch reads.
 *
 *     struct scope_census *census = scope_census_take(NULL, leak_after_ns);
 *     for (size_t i = 0; census != NULL && i < census->n_sites; i++) { … }
 *     free(census);
 *
 * Not here: scopes one by one; there may be a hundred thousand of one site. */
#ifndef WALKIE_OBS_SCOPE_CENSUS_H
#define WALKIE_OBS_SCOPE_CENSUS_H

#include <stddef.h>
#include <stdint.h>

#include "ctx/ctx.h"

enum { SCOPE_CENSUS_SITES_MAX = 256 }; /* further sites are counted together as "other" */

struct scope_site_count {
    struct ctx_site site;
    uint64_t n_scopes;
    uint64_t oldest_ns;  /* age */
    uint64_t n_overdue;  /* done for longer than was asked, and still not ended */
    uint64_t overdue_ns; /* the longest of those has been done so long */
};

struct scope_census {
    size_t n_sites;
    uint64_t n_scopes;
    uint64_t n_overdue;
    uint64_t overdue_after_ns;
    struct scope_site_count sites[SCOPE_CENSUS_SITES_MAX + 1]; /* by falling count; "other" last */
};

/* Count the scopes below `top` (NULL: all of the process). A scope is overdue when it has been done
 * for `overdue_after_ns`. NULL when out of memory; freed with free(). Threads: any.
 * Time: ctx_registry_visit's. */
MUST_USE struct scope_census *scope_census_take(const struct ctx *top, uint64_t overdue_after_ns);

#endif
