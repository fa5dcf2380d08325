#include "audit/document/catalog.h"

#include <stdio.h>

void target_name(char kind, size_t number, char name[TARGET_NAME_MAX])
{
    snprintf(name, TARGET_NAME_MAX, "%c%07zu", kind, number);
}

/* A little above what is linked to, so that it does not stick to the window's edge. */
static enum status write_target(const struct document *document, char kind, size_t number,
    struct link_place place, struct buffer *catalog)
{
    static const int ABOVE = 12;
    char name[TARGET_NAME_MAX];
    unsigned int object = sink_page_object(document->sink, place.page);
    int y = place.y < ABOVE ? 0 : place.y - ABOVE;
    target_name(kind, number, name);
    return object == 0 ? STATUS_INTERNAL
                       : buffer_printf(catalog, "(%s) [%u 0 R /XYZ 0 %d 0]\n", name, object,
                             (int)PAGE_HEIGHT - y);
}

static enum status write_targets(const struct document *document, struct buffer *catalog)
{
    struct link_place place;
    size_t number;
    enum status status = STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && links_each(document->links, &at, &number, &place);) {
        status = write_target(document, TARGET_ANCHOR, number, place, catalog);
    }
    for (size_t i = 0; status == STATUS_OK && i < document->contents->n_entries; i++) {
        const struct contents_entry *entry = &document->contents->entries[i];
        place = (struct link_place){.page = entry->page, .y = (int)entry->y};
        status = write_target(document, TARGET_ENTRY, i, place, catalog);
    }
    return status;
}

enum status catalog_write(const struct document *document, struct buffer *catalog)
{
    enum status status = buffer_printf(catalog,
        "   /Lang (%s)\n   /MarkInfo << /Marked true >>\n"
        "   /ViewerPreferences << /DisplayDocTitle true >>\n   /Names << /Dests << /Names [\n",
        language_tag(document->language));
    if (status == STATUS_OK) {
        status = write_targets(document, catalog);
    }
    return status == STATUS_OK ? buffer_append_text(catalog, "] >> >>\n") : status;
}
