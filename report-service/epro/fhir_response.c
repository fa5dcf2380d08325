/* One QuestionnaireResponse: its head, and the answers of its tree of items. */
#include "epro/fhir_json.h"

struct walk {
    struct arena *arena;
    struct epro_fhir *fhir;
    size_t capacity;
};

static bool make_room(struct walk *walk)
{
    struct epro_fhir *fhir = walk->fhir;
    if (fhir->n_answers < walk->capacity) {
        return true;
    }
    if (fhir->n_answers >= EPRO_ANSWERS_MAX) {
        fhir->fault = arena_printf(walk->arena, "more than %d answers", EPRO_ANSWERS_MAX);
        return false;
    }
    enum { FIRST_CAPACITY = 16 };
    size_t capacity = walk->capacity == 0 ? FIRST_CAPACITY : walk->capacity * 2;
    struct epro_answer *answers =
        arena_alloc_array(walk->arena, capacity, sizeof(struct epro_answer));
    if (answers == NULL) {
        return false;
    }
    if (fhir->n_answers > 0) {
        memcpy(answers, fhir->answers, fhir->n_answers * sizeof(*answers));
    }
    fhir->answers = answers;
    walk->capacity = capacity;
    return true;
}

static bool walk_items(struct walk *walk, const cJSON *items);

/* An element of `answer`, and the items below it. */
static bool walk_answer(struct walk *walk, const char *link_id, const cJSON *element)
{
    struct epro_answer answer;
    if (!cJSON_IsObject(element)) {
        walk->fhir->fault = "an answer is no object";
        return false;
    }
    if (fhir_read_answer(element, walk->arena, &answer)) {
        if (!make_room(walk)) {
            return false;
        }
        answer.link_id = link_id;
        walk->fhir->answers[walk->fhir->n_answers++] = answer;
    }
    return walk_items(walk, fhir_member(element, "item"));
}

static bool walk_item(struct walk *walk, const cJSON *item)
{
    const char *link_id = fhir_text(fhir_member(item, "linkId"));
    if (link_id == NULL) {
        walk->fhir->fault = "an item has no linkId of 1 to 255 bytes";
        return false;
    }
    const cJSON *answers = fhir_member(item, "answer");
    if (answers != NULL && !cJSON_IsArray(answers)) {
        walk->fhir->fault = "an answer is no array";
        return false;
    }
    const char *copy = answers == NULL ? NULL : arena_copy_text(walk->arena, link_id);
    for (const cJSON *element = answers == NULL ? NULL : answers->child; element != NULL;
         element = element->next) {
        if (!walk_answer(walk, copy, element)) {
            return false;
        }
    }
    return walk_items(walk, fhir_member(item, "item"));
}

/* As deep as EPRO_JSON_DEPTH_MAX allows: the scan before the parser saw to it. */
static bool walk_items(struct walk *walk, const cJSON *items) // NOLINT(misc-no-recursion)
{
    if (items == NULL) {
        return true;
    }
    if (!cJSON_IsArray(items)) {
        walk->fhir->fault = "item is no array";
        return false;
    }
    for (const cJSON *item = items->child; item != NULL; item = item->next) {
        if (!walk_item(walk, item)) {
            return false;
        }
    }
    return true;
}

/* R4 has one identifier; R5's array of them counts by its first. */
static const char *read_external_id(const cJSON *resource, struct arena *arena)
{
    const cJSON *identifier = fhir_member(resource, "identifier");
    identifier = identifier != NULL && cJSON_IsArray(identifier) ? identifier->child : identifier;
    const char *value = fhir_text(fhir_member(identifier, "value"));
    const char *system = fhir_text(fhir_member(identifier, "system"));
    if (value == NULL) {
        return arena_copy_text(arena, fhir_text(fhir_member(resource, "id")));
    }
    return system == NULL ? arena_copy_text(arena, value)
                          : arena_printf(arena, "%s|%s", system, value);
}

/* "Patient/01-001", "https://x/Patient/01-001/_history/2": 01-001; of another kind all of it. */
static const char *read_subject(const cJSON *resource, struct arena *arena)
{
    static const char KIND[] = "Patient/";
    const cJSON *subject = fhir_member(resource, "subject");
    const char *value = fhir_text(fhir_member(fhir_member(subject, "identifier"), "value"));
    const char *reference = fhir_text(fhir_member(subject, "reference"));
    if (value != NULL || reference == NULL) {
        return arena_copy_text(arena, value);
    }
    const char *found = NULL;
    for (const char *at = strstr(reference, KIND); at != NULL; at = strstr(at + 1, KIND)) {
        found = at == reference || at[-1] == '/' ? at : found;
    }
    if (found == NULL) {
        return arena_copy_text(arena, reference);
    }
    found += strlen(KIND);
    const char *history = strstr(found, "/_history/");
    size_t len = history == NULL ? strlen(found) : (size_t)(history - found);
    return arena_printf(arena, "%.*s", (int)len, found);
}

/* A member that is there is a text, or the response cannot be read. */
static const char *read_text(
    const cJSON *resource, const char *name, struct arena *arena, struct epro_fhir *fhir)
{
    const cJSON *member = fhir_member(resource, name);
    const char *text = fhir_text(member);
    if (member != NULL && text == NULL && fhir->fault == NULL) {
        fhir->fault = arena_printf(arena, "%s is no text of 1 to 255 bytes", name);
    }
    return arena_copy_text(arena, text);
}

void fhir_read_response(const cJSON *resource, struct arena *arena, struct epro_fhir *ret_fhir)
{
    struct epro_fhir fhir = {.fault = NULL};
    const char *type = fhir_text(fhir_member(resource, "resourceType"));
    if (type == NULL || strcmp(type, "QuestionnaireResponse") != 0) {
        ret_fhir->fault =
            arena_printf(arena, "its resourceType is %s", type == NULL ? "missing" : type);
        return;
    }
    fhir.external_id = read_external_id(resource, arena);
    fhir.questionnaire = read_text(resource, "questionnaire", arena, &fhir);
    fhir.status = read_text(resource, "status", arena, &fhir);
    fhir.authored = read_text(resource, "authored", arena, &fhir);
    fhir.subject = read_subject(resource, arena);
    struct walk walk = {.arena = arena, .fhir = &fhir};
    if (fhir.fault == NULL) {
        (void)walk_items(&walk, fhir_member(resource, "item"));
    }
    *ret_fhir = fhir;
}
