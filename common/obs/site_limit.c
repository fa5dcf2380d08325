#include "obs/site_limit.h"

#include <string.h>

/* File names are literals, but the same one may stand in several objects: compare the text. */
static struct site_limit_entry *find_locked(struct site_limit *limit, struct ctx_site site)
{
    for (unsigned int i = 0; i < limit->n_sites; i++) {
        struct site_limit_entry *entry = &limit->entries[i];
        if (entry->site.line == site.line && strcmp(entry->site.file, site.file) == 0) {
            return entry;
        }
    }
    if (limit->n_sites == SITE_LIMIT_SITES_MAX) {
        return &limit->entries[SITE_LIMIT_SITES_MAX];
    }
    struct site_limit_entry *entry = &limit->entries[limit->n_sites++];
    entry->site = site;
    return entry;
}

bool site_limit_allows(
    struct site_limit *limit, struct ctx_site site, uint64_t now_ns, uint64_t *ret_n_silent)
{
    pthread_mutex_lock(&limit->mutex);
    struct site_limit_entry *entry = find_locked(limit, site);
    bool is_allowed = now_ns >= entry->next_ns;
    if (is_allowed) {
        *ret_n_silent = entry->n_silent;
        entry->n_silent = 0;
        entry->next_ns = clock_add_ns(now_ns, limit->interval_ns);
    } else {
        entry->n_silent++;
    }
    pthread_mutex_unlock(&limit->mutex);
    return is_allowed;
}
