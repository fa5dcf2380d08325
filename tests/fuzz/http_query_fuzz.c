/* Arbitrary queries: parsed or refused with words, never more than the maximum, names unique. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, len);
    text[len] = '\0';
    struct http_query query = {.text = NULL};
    struct error error = ERROR_NONE;
    enum status status = http_query_parse(text, &query, &error);
    if (status == STATUS_OK) {
        if (query.n_parameters > HTTP_QUERY_PARAMETERS_MAX) {
            abort();
        }
        for (size_t i = 0; i < query.n_parameters; i++) {
            if (http_query_value(&query, query.parameters[i].name) != query.parameters[i].value) {
                abort();
            }
        }
        http_query_finish(&query);
    } else if (error.text[0] == '\0' || query.text != NULL) {
        abort();
    }
    free(text);
    return 0;
}
