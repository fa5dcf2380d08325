/* A question that every backend is asked on behalf of one request (rpc/ask.h).
 *
 *     status = backends_ask(request, &RPC_LIST_CLASSES, &message.base, answer, ret_error);
 *     backends_add_unanswered(json, answers, n_answers);              in `answer`
 *
 * Who does not answer within BACKENDS_ASK_MS is named, and does not fail the rest. */
#ifndef WALKIE_GATEWAY_BACKENDS_H
#define WALKIE_GATEWAY_BACKENDS_H

#include <cjson/cJSON.h>

#include "api/request.h"
#include "rpc/ask.h"

enum { BACKENDS_ASK_MS = 1000 }; /* for all of them; a request's deadline may be sooner */

/* Answers the request. On any thread; it must not block. */
typedef void backends_answer_fn(
    struct request *request, const struct rpc_answer *answers, size_t n_answers);

/* `answer` runs once, with the request held. Errors: RESOURCE_EXHAUSTED (it never runs). */
MUST_USE enum status backends_ask(struct request *request, const struct rpc_method *method,
    const ProtobufCMessage *message, backends_answer_fn *answer, struct error *ret_error);

/* "unanswered": [{"backend","address","status","detail"}]: those whose answer is not OK, or was no
 * such message (`is_read[i]` false). */
void backends_add_unanswered(
    cJSON *json, const struct rpc_answer *answers, const bool *is_read, size_t n_answers);

/* Send the JSON as the answer, 200, and delete it; a problem when memory has run out. */
void backends_respond(struct request *request, cJSON *json);

#endif
