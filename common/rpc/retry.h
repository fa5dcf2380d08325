/* Whether an attempt that failed may be made again, and who pays for it.
 *
 *     retry_budget_earn(&budget);                     for every call
 *     if (retry_judge(&attempt, &end) != RETRY_NO && retry_budget_spend(&budget)) {
 *
 * Only what is certainly harmless is made again: a call whose handler did not start (refused by a
 * draining or a full server, or never sent), and a call of an idempotent method that was lost with
 * its connection or stopped by a draining server; in both cases only before its caller has seen a
 * byte of an answer. A server that is full is not asked again: that is how avalanches feed.
 *
 * The budget bounds what all of that may cost a backend that is in trouble: RPC_RETRY_PERCENT of
 * the calls, with some kept for bursts.
 *
 * Pure. Not here: when and where the next attempt is made (client_call_retry.c). No hedging. */
#ifndef WALKIE_RPC_RETRY_H
#define WALKIE_RPC_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "rpc/account.h"
#include "rpc/method.h"

enum {
    RPC_RETRY_PERCENT = 10,            /* of the calls may be made again */
    RPC_RETRY_BURST_MAX = 1000,        /* retries that can be saved up */
    RPC_RETRY_BURST_START = 10,        /* retries that a new channel has */
    RPC_ATTEMPTS_MAX = 3,              /* of one call, with the first */
    RPC_RETRY_PAUSE_MS = 50,           /* when no link is ready; jittered: half of it to all */
    RPC_RETRY_REQUEST_SMALL = 1 << 10, /* bytes of a request that is always kept for a retry */
    RPC_RETRY_REQUEST_MAX = 64 << 10,  /* bytes of the longest request that is kept */
    RPC_RETRY_BYTES_MAX = 16 << 20,    /* bytes of longer ones that a channel keeps in all */
};

struct retry_budget {
    uint32_t hundredths; /* of retries */
};

void retry_budget_init(struct retry_budget *budget);
void retry_budget_earn(struct retry_budget *budget);
MUST_USE bool retry_budget_spend(struct retry_budget *budget);

struct retry_attempt {
    const struct rpc_method *method;
    unsigned int number; /* 0: the first */
    bool keeps_request;  /* its bytes are still there */
    bool has_answer;     /* the caller has seen some of it */
};

enum retry_verdict {
    RETRY_NO,
    RETRY_ELSEWHERE, /* now, on another link, or not at all */
    RETRY_ANYWHERE,  /* another link is preferred; after a pause, if none is ready */
};

enum retry_verdict retry_judge(const struct retry_attempt *attempt, const struct rpc_end *end);

#endif
