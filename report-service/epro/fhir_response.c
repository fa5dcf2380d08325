/* One QuestionnaireResponse: its head, and the answers of its tree of items. */
#include "epro/fhir_json.h"

struct walk {
    struct arena *arena;
    struct epro_fhir *fhir;
    size_t capacity;
};

/* The first fault counts. */
static void set_fault(struct epro_fhir *fhir, enum epro_reason fault, const char *about)
{
    if (fhir->fault == EPRO_REASON_NONE) {
        fhir->fault = fault;
        fhir->fault_about = about;
    }
}

static bool make_room(struct walk *walk)
{
    struct epro_fhir *fhir = walk->fhir;
    if (fhir->n_answers < walk->capacity) {
        return true;
    }
    if (fhir->n_answers >= EPRO_ANSWERS_MAX) {
        set_fault(fhir, EPRO_REASON_ANSWERS_MAX, arena_printf(walk->arena, "%d", EPRO_ANSWERS_MAX));
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
        walk->fhir->fault = EPRO_REASON_ANSWER_NO_OBJECT;
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
    static const char *const MEMBERS[] = {"linkId", "answer", "item", NULL};
    const char *link_id = fhir_text(fhir_member(item, "linkId"));
    if (link_id == NULL) {
        walk->fhir->fault = EPRO_REASON_NO_LINK_ID;
        return false;
    }
    const char *repeated = fhir_repeated(item, MEMBERS);
    if (repeated != NULL) {
        set_fault(walk->fhir, EPRO_REASON_TWICE, repeated);
        return false;
    }
    const cJSON *answers = fhir_member(item, "answer");
    if (answers != NULL && !cJSON_IsArray(answers)) {
        walk->fhir->fault = EPRO_REASON_ANSWER_NO_ARRAY;
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
        walk->fhir->fault = EPRO_REASON_ITEM_NO_ARRAY;
        return false;
    }
    for (const cJSON *item = items->child; item != NULL; item = item->next) {
        if (!walk_item(walk, item)) {
            return false;
        }
    }
    return true;
}

/* A member that is there is a text, or the response cannot be read. */
static const char *read_text(
    const cJSON *object, const char *name, const char *told_name, struct epro_fhir *fhir)
{
    const cJSON *member = fhir_member(object, name);
    const char *text = fhir_text(member);
    if (member != NULL && text == NULL) {
        set_fault(fhir, EPRO_REASON_NO_TEXT, told_name);
    }
    return text;
}

/* R4 has one identifier; R5's array of them counts by its first. */
static const char *read_external_id(
    const cJSON *resource, struct arena *arena, struct epro_fhir *fhir)
{
    const cJSON *identifier = fhir_member(resource, "identifier");
    identifier = identifier != NULL && cJSON_IsArray(identifier) ? identifier->child : identifier;
    if (identifier != NULL && !cJSON_IsObject(identifier)) {
        set_fault(fhir, EPRO_REASON_NO_TEXT, "identifier.value");
    }
    const char *value = read_text(identifier, "value", "identifier.value", fhir);
    const char *system = read_text(identifier, "system", "identifier.system", fhir);
    if (value == NULL) {
        return arena_copy_text(arena, read_text(resource, "id", "id", fhir));
    }
    return system == NULL ? arena_copy_text(arena, value)
                          : arena_printf(arena, "%s|%s", system, value);
}

/* "Patient/01-001", "https://x/Patient/01-001/_history/2": 01-001; of another kind all of it. */
static const char *number_of_reference(const char *reference, struct arena *arena)
{
    static const char KIND[] = "Patient/";
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

/* Whose it is must be readable where it is said: else it could be another patient's. */
static const char *read_subject(const cJSON *resource, struct arena *arena, struct epro_fhir *fhir)
{
    const cJSON *subject = fhir_member(resource, "subject");
    const cJSON *identifier = fhir_member(fhir_member(subject, "identifier"), "value");
    const cJSON *reference = fhir_member(subject, "reference");
    const cJSON *named = identifier != NULL ? identifier : reference;
    const char *text = fhir_text(named);
    if ((subject != NULL && !cJSON_IsObject(subject)) || (named != NULL && text == NULL)) {
        set_fault(fhir, EPRO_REASON_SUBJECT, NULL);
    }
    return text == NULL || named == identifier ? arena_copy_text(arena, text)
                                               : number_of_reference(text, arena);
}

void fhir_read_response(const cJSON *resource, struct arena *arena, struct epro_fhir *ret_fhir)
{
    static const char *const MEMBERS[] = {
        "questionnaire", "status", "subject", "authored", "identifier", "id", "item", NULL};
    struct epro_fhir fhir = {.fault = EPRO_REASON_NONE};
    const char *type = fhir_text(fhir_member(resource, "resourceType"));
    if (type == NULL || strcmp(type, "QuestionnaireResponse") != 0) {
        ret_fhir->fault = type == NULL ? EPRO_REASON_TYPE_MISSING : EPRO_REASON_TYPE;
        ret_fhir->fault_about = arena_copy_text(arena, type);
        return;
    }
    const char *repeated = fhir_repeated(resource, MEMBERS);
    if (repeated != NULL) {
        set_fault(&fhir, EPRO_REASON_TWICE, repeated);
    }
    fhir.external_id = read_external_id(resource, arena, &fhir);
    fhir.questionnaire =
        arena_copy_text(arena, read_text(resource, "questionnaire", "questionnaire", &fhir));
    fhir.status = arena_copy_text(arena, read_text(resource, "status", "status", &fhir));
    fhir.authored = arena_copy_text(arena, read_text(resource, "authored", "authored", &fhir));
    fhir.subject = read_subject(resource, arena, &fhir);
    struct walk walk = {.arena = arena, .fhir = &fhir};
    if (fhir.fault == EPRO_REASON_NONE) {
        (void)walk_items(&walk, fhir_member(resource, "item"));
    }
    *ret_fhir = fhir;
}
