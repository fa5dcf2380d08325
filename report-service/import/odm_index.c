/* Definitions by OID, references between them, and the values that ODM writes in its own ways. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/odm_internal.h"
#include "schema/calendar.h"

bool odm_index_init(struct odm_index *index)
{
    index->map = keymap_new();
    return index->map != NULL;
}

void odm_index_finish(struct odm_index *index)
{
    keymap_free(index->map);
    free(index->items);
}

int64_t odm_index_find(const struct odm_index *index, const char *oid)
{
    int64_t number = -1;
    return keymap_get(index->map, oid, &number) ? number : -1;
}

static bool add(struct odm_index *index, struct odm_definition *definition)
{
    if (index->n_items == index->n_items_max) {
        size_t n_items_max = index->n_items_max == 0 ? 64 : index->n_items_max * 2;
        struct odm_definition **items =
            realloc(index->items, n_items_max * sizeof(struct odm_definition *));
        if (items == NULL) {
            return false;
        }
        index->items = items;
        index->n_items_max = n_items_max;
    }
    index->items[index->n_items] = definition;
    return keymap_put(index->map, definition->oid, (int64_t)index->n_items++);
}

/* A definition of an earlier MetaDataVersion holds on: the later one's name and references come on
 * top of it. */
static struct odm_definition *find_earlier(
    struct odm *odm, const struct odm_index *index, const char *oid, const char *what)
{
    int64_t number = odm_index_find(index, oid);
    if (number < 0) {
        return NULL;
    }
    struct odm_definition *definition = index->items[number];
    if (definition->version == odm->n_versions) {
        odm_bad(odm, odm->element->line, "%s \"%.60s\" is defined twice, first on line %" PRIu64,
            what, oid, definition->line);
    }
    definition->version = odm->n_versions;
    return definition;
}

void *odm_index_define(struct odm *odm, struct odm_index *index, size_t size, const char *what)
{
    const char *oid = odm_required(odm, "OID");
    const char *name = odm_attribute(odm, "Name");
    odm->current = NULL;
    if (oid[0] == '\0') {
        return NULL;
    }
    if (strlen(oid) > ODM_OID_LEN_MAX) {
        odm_bad(odm, odm->element->line, "an OID of more than %d bytes", ODM_OID_LEN_MAX);
        return NULL;
    }
    struct odm_definition *definition = find_earlier(odm, index, oid, what);
    if (definition == NULL) {
        definition = arena_alloc(odm->arena, size);
        if (definition == NULL) {
            odm_fail_memory(odm);
            return NULL;
        }
        definition->oid = odm_keep(odm, oid);
        definition->line = odm->element->line;
        definition->version = odm->n_versions;
        if (definition->oid == NULL || !add(index, definition)) {
            odm_fail_memory(odm);
            return NULL;
        }
    }
    definition->name = name != NULL ? odm_keep(odm, name) : definition->name;
    odm->current = definition;
    return definition;
}

void odm_reference_add(
    struct odm *odm, struct odm_references *references, const char *oid, bool is_mandatory)
{
    for (struct odm_reference *one = references->first; one != NULL; one = one->next) {
        if (strcmp(one->oid, oid) == 0) {
            one->is_mandatory = is_mandatory;
            return;
        }
    }
    struct odm_reference *reference = arena_alloc(odm->arena, sizeof(*reference));
    const char *copy = odm_keep(odm, oid);
    if (reference == NULL || copy == NULL) {
        odm_fail_memory(odm);
        return;
    }
    *reference = (struct odm_reference){NULL, copy, odm->element->line, is_mandatory};
    if (references->last == NULL) {
        references->first = reference;
    } else {
        references->last->next = reference;
    }
    references->last = reference;
}

void odm_check_references(struct odm *odm, const struct odm_references *references,
    const struct odm_index *index, const char *what)
{
    for (const struct odm_reference *one = references->first; one != NULL; one = one->next) {
        if (odm_index_find(index, one->oid) < 0) {
            odm_bad(odm, one->line, "%s \"%.60s\" is not defined", what, one->oid);
        }
    }
}

bool odm_parse_date(const char *text, char ret_date[16])
{
    char full[16] = "2000-01-01";
    size_t len = strcspn(text, "T ");
    int day;
    if (len != 4 && len != 7 && len != 10) {
        return false;
    }
    if (text[len] != '\0' && len != 10) {
        return false;
    }
    memcpy(full, text, len);
    if (!calendar_parse(full, &day)) {
        return false;
    }
    memcpy(ret_date, text, len);
    ret_date[len] = '\0';
    return true;
}
