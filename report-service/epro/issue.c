#include "epro/issue.h"

#include <stddef.h>

struct issue_row {
    const char *word;
    bool is_rejecting;
    const char *templates[EPRO_LANGUAGES];
};

static const struct issue_row ROWS[EPRO_ISSUE_KINDS] = {
#define ISSUE_ROW(name, word, rejects, english, chinese)                                           \
    [EPRO_ISSUE_##name] = {word, rejects, {english, chinese}},
    EPRO_ISSUES(ISSUE_ROW)
#undef ISSUE_ROW
};

const char *epro_issue_word(enum epro_issue_kind kind)
{
    return ROWS[kind].word;
}

bool epro_issue_rejects(enum epro_issue_kind kind)
{
    return ROWS[kind].is_rejecting;
}

const char *epro_issue_template(enum epro_issue_kind kind, enum epro_language language)
{
    return ROWS[kind].templates[language];
}
