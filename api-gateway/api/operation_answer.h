/* What answers about operations have in common.
 *
 *     operation_answer_record(request, 200, record);
 *     operation_answer_failure(request, answer->status, answer->error->text, 0);
 *
 * Threads: any. */
#ifndef WALKIE_GATEWAY_OPERATION_ANSWER_H
#define WALKIE_GATEWAY_OPERATION_ANSWER_H

#include "api/operation_json.h"
#include "api/request.h"

/* The record as JSON; Retry-After while it runs. */
void operation_answer_record(
    struct request *request, int http_code, const struct operation_record *record);

/* A problem. What the store's database said is for the log: the client only learns that it failed
 * (503). `http_code` 0: the status's. */
void operation_answer_failure(
    struct request *request, enum status status, const char *detail, int http_code);

#endif
