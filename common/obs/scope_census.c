#include "obs/scope_census.h"

#include <stdlib.h>
#include <string.h>

#include "ctx/registry.h"

/* File names are literals, but the same one may stand in several objects: compare the text. */
static struct scope_site_count *find_site(struct scope_census *census, struct ctx_site site)
{
    for (size_t i = 0; i < census->n_sites; i++) {
        const struct ctx_site *known = &census->sites[i].site;
        if (known->line == site.line && strcmp(known->file, site.file) == 0) {
            return &census->sites[i];
        }
    }
    struct scope_site_count *count = &census->sites[census->n_sites];
    if (census->n_sites < SCOPE_CENSUS_SITES_MAX) {
        census->n_sites++;
        count->site = site;
    }
    return count; /* the one behind the last is everybody else's */
}

static void count_scope(void *arg, const struct ctx_live *live)
{
    struct scope_census *census = arg;
    struct scope_site_count *count = find_site(census, live->site);
    census->n_scopes++;
    count->n_scopes++;
    count->oldest_ns = live->age_ns > count->oldest_ns ? live->age_ns : count->oldest_ns;
    if (live->is_done && live->done_ns >= census->overdue_after_ns) {
        census->n_overdue++;
        count->n_overdue++;
        count->overdue_ns = live->done_ns > count->overdue_ns ? live->done_ns : count->overdue_ns;
    }
}

static int compare_counts(const void *left, const void *right)
{
    const struct scope_site_count *a = left;
    const struct scope_site_count *b = right;
    if (a->n_scopes != b->n_scopes) {
        return a->n_scopes > b->n_scopes ? -1 : 1;
    }
    int order = strcmp(a->site.file, b->site.file);
    return order != 0 ? order : a->site.line - b->site.line;
}

struct scope_census *scope_census_take(const struct ctx *top, uint64_t overdue_after_ns)
{
    struct scope_census *census = calloc(1, sizeof(*census));
    if (census == NULL) {
        return NULL;
    }
    census->overdue_after_ns = overdue_after_ns;
    if (top == NULL) {
        ctx_registry_visit(count_scope, census);
    } else {
        ctx_registry_visit_below(top, count_scope, census);
    }
    qsort(census->sites, census->n_sites, sizeof(census->sites[0]), compare_counts);
    struct scope_site_count *other = &census->sites[SCOPE_CENSUS_SITES_MAX];
    if (other->n_scopes > 0) {
        other->site.file = "other";
        census->n_sites++;
    }
    return census;
}
