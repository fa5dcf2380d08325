/* Small questions to cJSON, for the FHIR readers alone. */
#ifndef WALKIE_EPRO_FHIR_JSON_H
#define WALKIE_EPRO_FHIR_JSON_H

#include <cjson/cJSON.h>
#include <string.h>

#include "epro/epro.h"
#include "epro/fhir.h"

/* The member of this name; NULL: there is none, or `object` is none. */
static inline const cJSON *fhir_member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

/* A text of 1 to EPRO_TEXT_MAX - 1 bytes without control characters; NULL: it is none. */
static inline const char *fhir_text(const cJSON *item)
{
    if (item == NULL || !cJSON_IsString(item)) {
        return NULL;
    }
    const char *text = item->valuestring;
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F) {
            return NULL;
        }
    }
    return *text != '\0' && strlen(text) < EPRO_TEXT_MAX ? text : NULL;
}

/* The first of these members, ended by NULL, that is there more than once: which one is meant? */
static inline const char *fhir_repeated(const cJSON *object, const char *const *names)
{
    for (; *names != NULL; names++) {
        int count = 0;
        for (const cJSON *child = object->child; child != NULL; child = child->next) {
            count += strcmp(child->string, *names) == 0;
        }
        if (count > 1) {
            return *names;
        }
    }
    return NULL;
}

/* Read one response; what is wrong with it is its fault, a lack of memory shows in the arena. */
void fhir_read_response(const cJSON *resource, struct arena *arena, struct epro_fhir *ret_fhir);

/* Read one element of `answer` into everything but the link id. False: it has no value. */
bool fhir_read_answer(const cJSON *element, struct arena *arena, struct epro_answer *ret_answer);

#endif
