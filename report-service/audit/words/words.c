#include "audit/words/words.h"

#include <stddef.h>
#include <strings.h>

#include "base/attributes.h"

struct word_row {
    const char *id;
    const char *texts[LANGUAGE_COUNT];
};

static const struct word_row WORD_ROWS[] = {
#define WORD_ROW(name, id, english, chinese) [WORD_##name] = {id, {english, chinese}},
    WORDS_TABLE(WORD_ROW)
#undef WORD_ROW
};

static const char *const LANGUAGE_TAGS[LANGUAGE_COUNT] = {"en", "zh-CN"};

const char *word_text(enum word word, enum language language)
{
    return WORD_ROWS[word].texts[language];
}

const char *word_id(enum word word)
{
    return WORD_ROWS[word].id;
}

int language_parse(const char *tag, enum language *ret_language)
{
    for (size_t i = 0; i < LENGTH_OF(LANGUAGE_TAGS); i++) {
        if (strcasecmp(tag, LANGUAGE_TAGS[i]) == 0) {
            *ret_language = (enum language)i;
            return 1;
        }
    }
    if (strcasecmp(tag, "zh") == 0) {
        *ret_language = LANGUAGE_ZH_CN;
        return 1;
    }
    return 0;
}

const char *language_tag(enum language language)
{
    return LANGUAGE_TAGS[language];
}
