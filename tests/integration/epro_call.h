/* Calls of the ePRO service, of the fixture's patient 01-001, for tests.
 *
 *     struct epro_answer answer;
 *     epro_start_submit(&answer, channel, ctx, json, 0);
 *     assert_int_equal(epro_wait_end(&answer), STATUS_OK);
 *     epro_answer_finish(&answer);
 *
 * The waits have no bound of their own: a call has an end, and ctest a timeout. */
#ifndef WALKIE_TESTS_EPRO_CALL_H
#define WALKIE_TESTS_EPRO_CALL_H

#include <pthread.h>

#include "rpc/channel.h"
#include "walkie/epro/v1/epro.pb-c.h"

struct epro_answer {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned int n_ends;
    struct rpc_end end;
    Walkie__Epro__V1__SubmitResponsesReply *reply; /* of SubmitResponses; NULL: none */
    struct rpc_client_call *call;
};

/* `json` is copied. A call that cannot be started fails the test. */
void epro_start_process(struct epro_answer *answer, struct rpc_channel *channel,
    const struct ctx *ctx, uint32_t pace_ms);
void epro_start_submit(struct epro_answer *answer, struct rpc_channel *channel,
    const struct ctx *ctx, const char *json, uint32_t pace_ms);

/* Wait for the end; its status. */
enum status epro_wait_end(struct epro_answer *answer);

void epro_answer_finish(struct epro_answer *answer);

#endif
