/* A server's calls that pause, for the tests of rpc_call_pause.
 *
 *     pause_wait(server, 2);                       until so many pause
 *     struct pause_look look = pause_look(server);
 *
 * Waits are bounded in real time; a wait that ends there fails the test. */
#ifndef WALKIE_TESTS_RPC_PAUSE_LOOK_H
#define WALKIE_TESTS_RPC_PAUSE_LOOK_H

#include "support/rpc_fixture.h"

struct pause_look {
    unsigned int n_paused;
    unsigned int n_paused_running; /* never any */
    unsigned int n_queued;
    /* Of the last paused one. */
    uint64_t done; /* of its checkpoint */
    char stage[RPC_STAGE_MAX];
    int thread_id;
};

struct pause_look pause_look(struct rpc_server *server);

void pause_wait(struct rpc_server *server, unsigned int n_paused);
/* Until TEST_PAUSE is in its second pause; between the two it is on its worker. */
void pause_wait_second(struct rpc_server *server);
/* Until one call pauses with this stage, and no other does. */
void pause_wait_stage(struct rpc_server *server, const char *stage);
void pause_wait_queued(struct rpc_server *server, unsigned int n_queued);

#endif
