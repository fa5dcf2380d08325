/* One answer: value[x] of whatever type, with the weights that extensions give it. */
#include <math.h>

#include "epro/fhir_json.h"

/* "http://hl7.org/fhir/StructureDefinition/ordinalValue" and its relatives, by their last part. */
static bool is_weight_url(const cJSON *url)
{
    static const char *const NAMES[] = {"/ordinalValue", "/itemWeight"};
    const char *text = cJSON_GetStringValue(url);
    size_t len = text == NULL ? 0 : strlen(text);
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        size_t name_len = strlen(NAMES[i]);
        if (len >= name_len && strcmp(text + len - name_len, NAMES[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_number(const cJSON *item)
{
    return item != NULL && cJSON_IsNumber(item) && isfinite(item->valuedouble) != 0;
}

static void read_weight(const cJSON *element, struct epro_answer *answer)
{
    const cJSON *extensions = fhir_member(element, "extension");
    if (extensions == NULL || !cJSON_IsArray(extensions)) {
        return;
    }
    for (const cJSON *extension = extensions->child; extension != NULL && !answer->has_weight;
         extension = extension->next) {
        const cJSON *decimal = fhir_member(extension, "valueDecimal");
        const cJSON *value = decimal == NULL ? fhir_member(extension, "valueInteger") : decimal;
        if (is_weight_url(fhir_member(extension, "url")) && is_number(value)) {
            answer->has_weight = true;
            answer->weight = value->valuedouble;
        }
    }
}

static void read_number(const cJSON *value, const char *type, struct epro_answer *answer)
{
    bool is_integer = strcmp(type, "valueInteger") == 0;
    if (is_number(value) && (!is_integer || value->valuedouble == floor(value->valuedouble))) {
        answer->kind = EPRO_ANSWER_NUMBER;
        answer->number = value->valuedouble;
    }
}

static void read_coding(
    const cJSON *value, const cJSON *element, struct arena *arena, struct epro_answer *answer)
{
    answer->code = arena_copy_text(arena, fhir_text(fhir_member(value, "code")));
    answer->text = arena_copy_text(arena, fhir_text(fhir_member(value, "display")));
    read_weight(value, answer);
    if (!answer->has_weight) {
        read_weight(element, answer);
    }
    if (answer->code != NULL || answer->text != NULL || answer->has_weight) {
        answer->kind = EPRO_ANSWER_CODING;
    }
}

/* From `member` on the first value[x] that is one; NULL: none. */
static const cJSON *find_value(const cJSON *member)
{
    while (member != NULL && (strncmp(member->string, "value", 5) != 0 || cJSON_IsNull(member))) {
        member = member->next;
    }
    return member;
}

bool fhir_read_answer(const cJSON *element, struct arena *arena, struct epro_answer *ret_answer)
{
    const cJSON *value = cJSON_IsObject(element) ? find_value(element->child) : NULL;
    if (value == NULL) {
        return false;
    }
    struct epro_answer answer = {.kind = EPRO_ANSWER_OTHER};
    const char *type = value->string;
    if (find_value(value->next) != NULL) {
        type = NULL; /* whichever is meant */
    } else if (strcmp(type, "valueInteger") == 0 || strcmp(type, "valueDecimal") == 0) {
        read_number(value, type, &answer);
    } else if (strcmp(type, "valueQuantity") == 0) {
        read_number(fhir_member(value, "value"), type, &answer);
    } else if (strcmp(type, "valueCoding") == 0) {
        read_coding(value, element, arena, &answer);
    } else if (strcmp(type, "valueString") == 0 && fhir_text(value) != NULL) {
        answer.kind = EPRO_ANSWER_TEXT;
        answer.text = arena_copy_text(arena, fhir_text(value));
    }
    bool is_long = type != NULL && strlen(type) >= EPRO_TEXT_MAX;
    answer.type = is_long ? "value[x]" : arena_copy_text(arena, type);
    *ret_answer = answer;
    return true;
}
