/* How a call ended and what it cost, for people (two lines) and for programs (one line of JSON).
 *
 *     account_print(&account, is_json, stderr);
 *
 *     walkie-call: AuditReport: DEADLINE_EXCEEDED after 301 ms: the deadline passed before the work
 * … account: stopped at stage fetch:edc; queue 0.1 ms, run 300.2 ms, cpu 0.3 ms, …
 */
#ifndef WALKIE_CALL_ACCOUNT_H
#define WALKIE_CALL_ACCOUNT_H

#include <stdbool.h>
#include <stdio.h>

#include "obs/trace.h"
#include "rpc/account.h"

struct account {
    const char *method;
    const struct trace *trace;
    uint64_t elapsed_ns;
    struct rpc_end end;   /* what the caller saw; with the server's account when that came */
    bool is_from_service; /* the account is the server's own word */
};

void account_print(const struct account *account, bool is_json, FILE *stream);

/* Only that, and how, the call failed; nothing for one that succeeded. */
void account_print_failure(const struct account *account, FILE *stream);

#endif
