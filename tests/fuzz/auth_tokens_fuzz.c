/* Arbitrary token files: read, or refused with a line's number and nothing of the line. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/token_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct token_file *tokens = NULL;
    struct error error = ERROR_NONE;
    enum status status = token_file_parse((struct bytes){data, len}, &tokens, &error);
    bool is_read = status == STATUS_OK;
    if (is_read != (tokens != NULL) || is_read != (error.text[0] == '\0')) {
        abort();
    }
    if (is_read && (token_file_count(tokens) == 0 || token_file_count(tokens) > TOKENS_MAX)) {
        abort();
    }
    token_file_free(tokens);
    return 0;
}
