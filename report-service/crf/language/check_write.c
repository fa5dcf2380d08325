#include "crf/language/check_write.h"

#include <string.h>

#include "crf/language/check_lexer.h"
#include "crf/language/check_number.h"

static char *write_quoted(const char *text, char opening, char closing, struct arena *arena)
{
    char *quoted = arena_alloc(arena, 2 * strlen(text) + 3);
    if (quoted == NULL) {
        return NULL;
    }
    size_t len = 0;
    quoted[len++] = opening;
    for (; *text != '\0'; text++) {
        quoted[len++] = *text;
        if (*text == closing) {
            quoted[len++] = closing;
        }
    }
    quoted[len] = closing;
    return quoted;
}

char *check_write_name(const char *name, struct arena *arena)
{
    return lexer_needs_brackets(name) ? write_quoted(name, '[', ']', arena)
                                      : arena_copy_text(arena, name);
}

char *check_write_literal(enum check_kind kind, const char *text, struct arena *arena)
{
    struct check_value value;
    check_value_parse(kind, text, &value);
    if (kind == CHECK_NUMBER && value.state == CHECK_GIVEN) {
        char number[NUMBER_TEXT_MAX];
        number_print(value.number, number);
        return arena_copy_text(arena, number);
    }
    if (kind == CHECK_BOOLEAN && value.state == CHECK_GIVEN) {
        return arena_copy_text(arena, value.truth ? "true" : "false");
    }
    return write_quoted(text, '"', '"', arena);
}
