/* A server with a few telling methods, and a channel to it, for the tests of common/rpc.
 *
 *     struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
 *     record_start(&record, ctx, fixture->channel, &TEST_BLOCK, 0);
 *     test_service_wait_started(&fixture->service, 1);
 *     …
 *     rpc_fixture_free(fixture);
 *
 * Handlers and callbacks only record; the test's thread waits (bounded) and asserts. */
#ifndef WALKIE_TESTS_RPC_FIXTURE_H
#define WALKIE_TESTS_RPC_FIXTURE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"
#include "ctx/ctx.h"
#include "rpc/channel.h"
#include "rpc/server.h"

enum { TEST_WAIT_SECONDS = 20 }; /* the bound of every wait: reached only by a bug */

extern const struct rpc_method TEST_ECHO_INLINE; /* EchoRequest -> EchoReply */
extern const struct rpc_method TEST_ECHO;        /* the same, on a worker */
extern const struct rpc_method TEST_BLOCK;       /* runs until told to stop */
extern const struct rpc_method TEST_STUBBORN;    /* runs until the gate opens; answers then */
extern const struct rpc_method TEST_BURN;     /* burns CPU until told, then WorkRequest.ms more */
extern const struct rpc_method TEST_FAIL;     /* NOT_FOUND, with words */
extern const struct rpc_method TEST_MUTE;     /* OK without an answer */
extern const struct rpc_method TEST_DEFER;    /* deferred; finished when the gate opens */
extern const struct rpc_method TEST_PAUSE;    /* pauses for WorkRequest.ms, twice; answers then */
extern const struct rpc_method TEST_STREAM;   /* WorkRequest.ms bytes in chunks */
extern const struct rpc_method TEST_FILE;     /* the same, from a file */
extern const struct rpc_method TEST_PROGRESS; /* two checkpoints, the gate, an answer */
extern const struct rpc_method TEST_LEAK;     /* leaves scopes below its context; see `leaked` */
extern const struct rpc_method TEST_FAULT;    /* a fault method */
extern const struct rpc_method TEST_CAPPED;   /* default 5 s, cap 10 s; like BLOCK */

enum {
    TEST_DEFERRED_MAX = 64,
    TEST_SHORT_FILE_LEN = 99999, /* a TEST_FILE of this length is promised one byte longer */
};

struct test_service {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned int n_started;
    unsigned int n_stopped;
    unsigned int n_stopped_for_peer; /* of those: cause peer_lost */
    bool is_gate_open;
    /* Of the last call that began. */
    uint64_t remaining_ns;
    enum ctx_origin origin;
    unsigned int hops;
    uint8_t origin_peer;
    uint8_t trace_id[16];
    uint8_t parent_span_id[8];
    const char *trace_method;
    /* Of the last that stopped. */
    enum ctx_cause cause;
    struct ctx_source cause_source;
    struct rpc_server_call *deferred[TEST_DEFERRED_MAX];
    unsigned int n_deferred;
    /* Made by the last TEST_LEAK call, to be ended by the test: the end of a call that leaves only
     * `outlives` is in order. */
    struct ctx_scope *leaked;
    struct ctx_scope *outlives;
};

struct rpc_fixture {
    struct test_service service;
    struct rpc_server *server;
    struct rpc_channel *channel;
};

/* `adjust`, if any, changes the server's options before it starts. The channel is ready. */
struct rpc_fixture *rpc_fixture_new(
    const char *listen, void (*adjust)(struct rpc_server_options *options));
void rpc_fixture_free(struct rpc_fixture *fixture);

/* cmocka's set-up and tear-down of a test whose state is a fixture with the server's options as
 * they are. The tear-down fails the test when a scope is left. */
int rpc_fixture_set_up_tcp(void **state);
int rpc_fixture_set_up_ipc(void **state);
int rpc_fixture_tear_down(void **state);

/* What servers and channels of tls+tcp:// addresses use from now on; borrowed. */
void test_use_tls(const struct rpc_tls *server, const struct rpc_tls *client);
const struct rpc_tls *test_server_tls(void);
const struct rpc_tls *test_client_tls(void);

/* cmocka's set-up and tear-down of a group: make certificates, and let test servers and channels
 * use service.pem and client.pem with ca.pem at both ends. */
int test_tls_set_up(void **state);
int test_tls_tear_down(void **state);

/* A service and a server for it, without a channel. Exits the program on failure. */
void test_service_init(struct test_service *service);
struct rpc_server *test_server_start(struct test_service *service, const char *listen,
    void (*adjust)(struct rpc_server_options *options));
struct rpc_channel *test_channel_new(const char *backend);

/* Wait until so many calls have started or stopped. False: not within the bound. */
bool test_service_wait_started(struct test_service *service, unsigned int n_calls);
bool test_service_wait_stopped(struct test_service *service, unsigned int n_calls);
bool test_service_wait_deferred(struct test_service *service, unsigned int n_calls);
void test_service_open_gate(struct test_service *service);

/* One call as its caller saw it. */
struct call_record {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct rpc_client_call *call;
    bool holds_credit; /* consumed nothing until record_consume */
    unsigned int n_replies;
    unsigned int n_ends;
    unsigned int n_progress;
    unsigned int n_after_end; /* callbacks after on_end */
    uint64_t reply_len;
    uint64_t n_bytes;
    uint64_t n_wrong_bytes; /* unlike test_byte says */
    uint64_t n_held;        /* bytes received and not consumed */
    char stage[RPC_STAGE_MAX];
    struct rpc_end end;
};

/* Start a call with a fresh record. `size` is the request's ms or reply_len. */
enum status record_start(struct call_record *record, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, uint32_t size);
bool record_wait_end(struct call_record *record);
bool record_wait_bytes(struct call_record *record, uint64_t n_bytes);
bool record_wait_progress(struct call_record *record, unsigned int n_progress);
/* Give back all that is held, and from now on at once. */
void record_consume(struct call_record *record);
void record_finish(struct call_record *record);

/* Byte `at` of a stream. */
uint8_t test_byte(uint64_t at);

/* Wait, bounded, until `is_so(arg)`; for what no event tells. */
bool wait_until(bool (*is_so)(void *arg), void *arg);

/* A path for an ipc socket, in a fresh folder: "ipc:///tmp/…/rpc.ipc". Static storage. */
const char *test_ipc_url(void);

#endif
