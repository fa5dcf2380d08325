#include "api/fields.h"

#include <string.h>

#include "api/sections.h"

char *field_text(const struct request *request, const char *name)
{
    const char *value = parameters_get(&request->parameters, name);
    return (char *)(value == NULL ? "" : value); /* packed, never written to */
}

bool field_is_set(const struct request *request, const char *name)
{
    return strcmp(field_text(request, name), "1") == 0;
}

bool field_is_unblinded(const struct request *request)
{
    return request_may(request, PERMISSION_UNBLINDED) && !field_is_set(request, "blinded");
}

char *field_requester(const struct request *request)
{
    return (char *)(request->identity == NULL ? "" : request_principal(request));
}

/* parameters_parse has refused words that are none of these. */
Walkie__Report__V1__Format field_format(const struct request *request)
{
    static const struct {
        const char *word;
        Walkie__Report__V1__Format format;
    } ROWS[] = {
        {"json", WALKIE__REPORT__V1__FORMAT__FORMAT_JSON},
        {"csv", WALKIE__REPORT__V1__FORMAT__FORMAT_CSV},
        {"xlsx", WALKIE__REPORT__V1__FORMAT__FORMAT_XLSX},
    };
    const char *word = field_text(request, "format");
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        if (strcmp(word, ROWS[i].word) == 0) {
            return ROWS[i].format;
        }
    }
    return WALKIE__REPORT__V1__FORMAT__FORMAT_PDF;
}

enum status field_sections(
    const struct request *request, uint32_t *ret_sections, struct error *ret_error)
{
    const char *sections = parameters_get(&request->parameters, "sections");
    return sections == NULL ? STATUS_OK : sections_parse(sections, ret_sections, ret_error);
}
