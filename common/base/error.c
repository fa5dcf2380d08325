#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cut a text that did not fit so that it does not end within a UTF-8 sequence. */
static void cut_at_character(char *text, size_t size, int wanted)
{
    if (wanted < 0 || (size_t)wanted < size) {
        return;
    }
    size_t end = size - 1;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80) {
        end--;
    }
    if (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0xC0) {
        end--;
    }
    text[end] = '\0';
}

void error_record(struct error *ret_error, enum status status, const char *format, ...)
{
    if (ret_error == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments);
    va_end(arguments);
    cut_at_character(ret_error->text, sizeof(ret_error->text), wanted);
    ret_error->status = status;
}

void error_prefix(struct error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    char before[ERROR_TEXT_MAX];
    memcpy(before, error->text, sizeof(before));
    char prefix[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof(prefix), format, arguments);
    va_end(arguments);
    error_set(error, error->status, "%s: %s", prefix, before);
}
