/* What the parts of stop_service share: the service (stop_service.c), the call that is struck
 * (stop_call.c), what the linker lets us stand in for (stop_watch.c). */
#ifndef WALKIE_TESTS_STOP_INTERNAL_H
#define WALKIE_TESTS_STOP_INTERNAL_H

#include <pthread.h>

#include "api/service.h"
#include "rpc/channel.h"
#include "stand_in/lab_server.h"
#include "support/stop_service.h"

enum { STOP_WAIT_SECONDS = 20, STOP_URI_MAX = 512, STOP_SHA256_MAX = 65 };

struct stop_service {
    char folder[32]; /* of the spool */
    char edc_uri[STOP_URI_MAX];
    const char *site_no;
    bool is_postgres;
    struct service service;
    struct lab_server *lab_server;
    struct rpc_server *server;
    struct rpc_channel *channel;
    unsigned int n_descriptors;
    unsigned int n_threads;
    char sha256[STOP_SHA256_MAX]; /* of the first whole report; "": none yet */
};

/* The try of this moment. */
struct stop_now {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    const char *stage;             /* struck at a checkpoint of this stage; NULL: not so */
    uint64_t done_min;             /* whose `done` is at least this */
    const struct db *db;           /* whose db_begin and db_query are told in n_begins, n_queries */
    const struct ctx_scope *scope; /* the caller's */
    unsigned int n_begins;
    unsigned int n_queries;
    unsigned int n_connects;
    bool is_struck;
    uint64_t struck_at_ns;
    bool has_returned; /* the handler */
    enum status returned;
    uint64_t returned_at_ns;
};
extern struct stop_now stop_now;

/* Cancel the caller's scope now, once a try. */
void stop_strike(void);

/* Wait, bounded, until the condition holds; `is_so` is called with the lock held. */
bool stop_wait(bool (*is_so)(void *arg), void *arg);

/* Ready for the next try. */
void stop_now_begin(const char *stage, uint64_t done_min, const struct db *db);

/* What the process holds beyond what it held at rest; NULL: nothing. Waits, bounded. */
const char *stop_leftover(struct stop_service *service);

/* Whether no call is in the server. */
bool stop_is_idle(void *stop_service);

/* Poll until it is so, bounded. */
bool stop_until(bool (*is_so)(void *arg), void *arg);

#endif
