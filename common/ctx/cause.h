/* Words for the two facts that travel with every context: why it is done, who set its deadline.
 * Both are closed enumerations so that nothing a peer says reaches a log as free text. */
#ifndef WALKIE_CTX_CAUSE_H
#define WALKIE_CTX_CAUSE_H

#include "base/status.h"
#include "ctx/cause_table.h"

enum ctx_cause {
#define CTX_CAUSE_ENUM(name, wire, word, status) CTX_CAUSE_##name = wire,
    CTX_CAUSE_TABLE(CTX_CAUSE_ENUM)
#undef CTX_CAUSE_ENUM
};

enum ctx_origin {
#define CTX_ORIGIN_ENUM(name, wire, word) CTX_ORIGIN_##name = wire,
    CTX_ORIGIN_TABLE(CTX_ORIGIN_ENUM)
#undef CTX_ORIGIN_ENUM
};

/* "client_disconnected". Static storage; "unknown" for a number without a row. */
const char *ctx_cause_word(enum ctx_cause cause);

/* The status that work stopped for this cause ends with. */
enum status ctx_cause_status(enum ctx_cause cause);

/* A number from a peer. Returns CTX_CAUSE_CANCELLED for one that this build does not know. */
enum ctx_cause ctx_cause_from_wire(unsigned int wire);

/* "header:X-Request-Timeout". Static storage; "unknown" for a number without a row. */
const char *ctx_origin_word(enum ctx_origin origin);

/* A number from a peer. Returns CTX_ORIGIN_CALLER for one that this build does not know. */
enum ctx_origin ctx_origin_from_wire(unsigned int wire);

#endif
