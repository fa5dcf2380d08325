/* Operations over a test service, and what their callers are told, for tests of api-gateway's
 * operations.
 *
 *     struct operations_site *site = operations_site_new(1, NULL);
 *     operation_begin(site->gateways[0], &wish, &view, &error);
 *     assert_true(operation_wait_finished(&view));
 *     operations_site_free(site);
 *
 * Callbacks only record; the test's thread waits (bounded) and asserts. */
#ifndef WALKIE_TESTS_OPERATIONS_FIXTURE_H
#define WALKIE_TESTS_OPERATIONS_FIXTURE_H

#include "operations/operations.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

enum {
    SITE_GATEWAYS_MAX = 2,
    SITE_FOLDER_MAX = 64,
    SITE_URI_MAX = 256,
    OPERATION_STREAM_LEN = 200000,
};

struct operations_site {
    struct rpc_fixture *rpc;
    char folder[SITE_FOLDER_MAX];
    char uri[SITE_URI_MAX];
    struct operations_options options;
    struct operations *gateways[SITE_GATEWAYS_MAX];
    size_t n_gateways;
};

/* A new store and folder, and so many gateways on them. Exits the program on failure. */
struct operations_site *operations_site_new(
    size_t n_gateways, void (*adjust)(struct operations_options *options));
void operations_site_free(struct operations_site *site);
/* Stop one gateway; start it again. */
void operations_site_stop(struct operations_site *site, size_t i);
void operations_site_start(struct operations_site *site, size_t i);
/* How many files with that ending are in the folder. */
unsigned int operations_site_count(const struct operations_site *site, const char *ending);
bool operations_site_has_result(const struct operations_site *site, const char *id);
/* Run a statement on the store, beside the gateways. */
void operations_site_sql(const struct operations_site *site, const char *sql);

/* How many rounds of a race: so many, or WALKIE_OPERATIONS_ROUNDS. */
unsigned int operation_rounds(unsigned int usual);

/* One operation as its caller saw it. */
struct operation_view {
    Walkie__Report__V1__WorkRequest message; /* borrowed by the operation until its call begins */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_started;
    bool is_new;
    bool is_finished;
    enum status status;
    unsigned int n_progress;
    unsigned int n_finished;        /* more than one is a bug */
    char id[OPERATION_ID_MAX];      /* once it has started */
    struct operation_record record; /* once it has started and is not new, or has finished */
};

struct operation_wish {
    const struct rpc_method *method;
    uint32_t size;
    const char *owner;          /* NULL: "ana" */
    const char *key;            /* NULL: none */
    uint64_t timeout_ns;        /* 0: 20 s */
    const struct ctx *attached; /* NULL: not */
};
extern const struct operation_wish OPERATION_STREAM; /* OPERATION_STREAM_LEN bytes */
extern const struct operation_wish OPERATION_BLOCK;  /* runs until it is told to stop */
enum status operation_begin(struct operations *operations, const struct operation_wish *wish,
    struct operation_view *view, struct error *ret_error);
/* Begin one at a gateway, and, when it is not attached, wait until it has started. Exits the
 * program when it cannot be begun. */
void operation_begin_at(struct operations_site *site, size_t gateway,
    const struct operation_wish *wish, struct operation_view *view);
bool operation_wait_started(struct operation_view *view);
bool operation_wait_finished(struct operation_view *view);
bool operation_is_finished(struct operation_view *view); /* now */

/* An answer. */
struct answer_view {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_there;
    bool was_over;
    enum status status;
    size_t n_records;
    struct operation_record record; /* the first */
    struct operation_record *list;  /* room for STORE_PAGE_MAX, or NULL */
    int fd;
};
/* Ask and wait; `owner` NULL: everybody's. False: no answer within the bound. */
bool operation_ask_and_wait(struct operations *operations, enum question_kind kind, const char *id,
    const char *owner, struct answer_view *view);
/* Ask only. */
void operation_ask_view(struct operations *operations, enum question_kind kind, const char *id,
    const char *owner, struct answer_view *view);
bool answer_wait(struct answer_view *view);

/* For wait_until: ana's operation has failed, in these words. */
struct failed_wish {
    struct operations *operations;
    const char *id;
    const char *words;
};
bool operation_is_failed(void *wish);

#endif
