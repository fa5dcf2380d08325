#include "obs/contexts_page.h"

#include <inttypes.h>
#include <stdlib.h>

#include "obs/scope_census.h"

/* Paths of our own sources need no escaping. */
static enum status write_site(
    struct buffer *page, const struct scope_site_count *count, bool is_first)
{
    return buffer_printf(page,
        "%s{\"site\":\"%s:%d\",\"scopes\":%" PRIu64 ",\"oldest_ms\":%.3f,\"done\":%" PRIu64
        ",\"done_ms\":%.3f}",
        is_first ? "\n" : ",\n", count->site.file, count->site.line, count->n_scopes,
        (double)count->oldest_ns / 1e6, count->n_overdue, (double)count->overdue_ns / 1e6);
}

static enum status write_census(struct buffer *page, const struct scope_census *census)
{
    enum status status =
        buffer_printf(page, "{\"scopes\":%" PRIu64 ",\"sites\":[", census->n_scopes);
    for (size_t i = 0; status == STATUS_OK && i < census->n_sites; i++) {
        status = write_site(page, &census->sites[i], i == 0);
    }
    return status == STATUS_OK ? buffer_append_text(page, "\n]}\n") : status;
}

enum status contexts_page_write(void *arg, struct buffer *page)
{
    (void)arg;
    struct scope_census *census = scope_census_take(NULL, 0);
    if (census == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status = write_census(page, census);
    free(census);
    return status;
}
