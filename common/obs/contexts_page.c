#include "obs/contexts_page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ctx/registry.h"

struct site_count {
    struct ctx_site site;
    uint64_t n_scopes;
    uint64_t oldest_ns;
};

struct census {
    size_t n_sites;
    uint64_t n_scopes;
    struct site_count other;
    struct site_count sites[CONTEXTS_PAGE_SITES_MAX];
};

/* File names are literals, but the same one may stand in several objects: compare the text. */
static struct site_count *find_site(struct census *census, struct ctx_site site)
{
    for (size_t i = 0; i < census->n_sites; i++) {
        const struct ctx_site *known = &census->sites[i].site;
        if (known->line == site.line && strcmp(known->file, site.file) == 0) {
            return &census->sites[i];
        }
    }
    if (census->n_sites == CONTEXTS_PAGE_SITES_MAX) {
        return &census->other;
    }
    struct site_count *count = &census->sites[census->n_sites++];
    *count = (struct site_count){.site = site};
    return count;
}

static void count_scope(void *arg, const struct ctx_live *live)
{
    struct census *census = arg;
    struct site_count *count = find_site(census, live->site);
    count->n_scopes++;
    count->oldest_ns = live->age_ns > count->oldest_ns ? live->age_ns : count->oldest_ns;
    census->n_scopes++;
}

static int compare_counts(const void *left, const void *right)
{
    const struct site_count *a = left;
    const struct site_count *b = right;
    if (a->n_scopes != b->n_scopes) {
        return a->n_scopes > b->n_scopes ? -1 : 1;
    }
    int order = strcmp(a->site.file, b->site.file);
    return order != 0 ? order : a->site.line - b->site.line;
}

/* Paths of our own sources need no escaping. */
static enum status write_site(struct buffer *page, const struct site_count *count, bool is_first)
{
    return buffer_printf(page, "%s{\"site\":\"%s:%d\",\"scopes\":%" PRIu64 ",\"oldest_ms\":%.3f}",
        is_first ? "\n" : ",\n", count->site.file, count->site.line, count->n_scopes,
        (double)count->oldest_ns / 1e6);
}

static enum status write_census(struct buffer *page, const struct census *census)
{
    enum status status =
        buffer_printf(page, "{\"scopes\":%" PRIu64 ",\"sites\":[", census->n_scopes);
    for (size_t i = 0; status == STATUS_OK && i < census->n_sites; i++) {
        status = write_site(page, &census->sites[i], i == 0);
    }
    if (status == STATUS_OK && census->other.n_scopes > 0) {
        status = write_site(page, &census->other, false);
    }
    return status == STATUS_OK ? buffer_append_text(page, "\n]}\n") : status;
}

enum status contexts_page_write(void *arg, struct buffer *page)
{
    (void)arg;
    struct census *census = calloc(1, sizeof(*census));
    if (census == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    census->other.site.file = "other";
    ctx_registry_visit(count_scope, census);
    qsort(census->sites, census->n_sites, sizeof(census->sites[0]), compare_counts);
    enum status status = write_census(page, census);
    free(census);
    return status;
}
