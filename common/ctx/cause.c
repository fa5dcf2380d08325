#include "ctx/cause.h"

#include <stddef.h>

#include "base/attributes.h"

struct cause_row {
    const char *word;
    enum status status;
};

static const struct cause_row CAUSE_ROWS[] = {
#define CAUSE_ROW(name, wire, word, status) [wire] = {word, status},
    CTX_CAUSE_TABLE(CAUSE_ROW)
#undef CAUSE_ROW
};

static const char *const ORIGIN_WORDS[] = {
#define ORIGIN_WORD(name, wire, word) [wire] = (word),
    CTX_ORIGIN_TABLE(ORIGIN_WORD)
#undef ORIGIN_WORD
};

const char *ctx_cause_word(enum ctx_cause cause)
{
    return (size_t)cause < LENGTH_OF(CAUSE_ROWS) ? CAUSE_ROWS[cause].word : "unknown";
}

enum status ctx_cause_status(enum ctx_cause cause)
{
    return (size_t)cause < LENGTH_OF(CAUSE_ROWS) ? CAUSE_ROWS[cause].status : STATUS_CANCELLED;
}

enum ctx_cause ctx_cause_from_wire(unsigned int wire)
{
    return wire < LENGTH_OF(CAUSE_ROWS) ? (enum ctx_cause)wire : CTX_CAUSE_CANCELLED;
}

const char *ctx_origin_word(enum ctx_origin origin)
{
    return (size_t)origin < LENGTH_OF(ORIGIN_WORDS) ? ORIGIN_WORDS[origin] : "unknown";
}

enum ctx_origin ctx_origin_from_wire(unsigned int wire)
{
    return wire < LENGTH_OF(ORIGIN_WORDS) ? (enum ctx_origin)wire : CTX_ORIGIN_CALLER;
}
