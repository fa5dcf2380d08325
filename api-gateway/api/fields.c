#include "api/fields.h"

#include <string.h>

#include "api/sections.h"
#include "base/duration.h"

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

enum status field_pace(
    const struct request *request, uint32_t *ret_pace_ms, struct error *ret_error)
{
    const char *text = parameters_get(&request->parameters, "pace");
    uint64_t ns = 0;
    if (text != NULL && (!duration_parse(text, &ns) || ns > CLOCK_MS(PACE_MAX_MS))) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "parameter pace: \"%.40s\" is no duration such as 1s or 500ms, of at most %d s", text,
            PACE_MAX_MS / 1000);
    }
    *ret_pace_ms = (uint32_t)(ns / CLOCK_MS(1));
    return STATUS_OK;
}
