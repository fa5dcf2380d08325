#include "integration/http_storm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctx/test.h"
#include "http/server.h"

enum {
    REQUESTS_DEFAULT = 10000,
    REQUESTS_DEFAULT_TLS = 600, /* half of them begin with a handshake */
    CLIENTS = 4,
    ANSWERERS = 3,
    QUEUE_MAX = 1024,
};

static struct http_tls *storm_tls;

struct record {
    atomic_uint n_done;
};

struct storm {
    struct http_server *server;
    uint16_t port; /* clients do not touch the server, which may go at any moment */
    unsigned int n_requests;
    struct record *records; /* one a request that was parked */
    atomic_uint n_parked;
    atomic_uint n_completed;
    atomic_uint n_cancelled;
    atomic_uint n_broken; /* neither: the server stopped, or the answer was aborted */
    atomic_uint n_wrong;  /* a summary or a context that contradicts itself */
    atomic_uint n_sent;   /* requests that clients have sent */
    atomic_uint n_hung;   /* clients that waited in vain */
    atomic_bool is_server_gone;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_exchange *queue[QUEUE_MAX];
    unsigned int head;
    unsigned int tail;
    bool is_over;
};

static void on_request(struct http_exchange *exchange, void *arg)
{
    struct storm *storm = arg;
    unsigned int index = atomic_fetch_add(&storm->n_parked, 1);
    http_exchange_set_data(exchange, &storm->records[index]);
    pthread_mutex_lock(&storm->lock);
    storm->queue[storm->tail++ % QUEUE_MAX] = http_exchange_ref(exchange);
    pthread_cond_signal(&storm->changed);
    pthread_mutex_unlock(&storm->lock);
}

static void on_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    struct storm *storm = arg;
    struct record *record = http_exchange_data(exchange);
    enum ctx_cause cause = ctx_cause(http_exchange_ctx(exchange));
    atomic_fetch_add(&record->n_done, 1);
    bool is_left = cause == CTX_CAUSE_CLIENT_DISCONNECTED;
    if (is_left != summary->is_disconnected || (is_left && summary->is_complete) ||
        is_left != (summary->disconnect != NULL)) {
        atomic_fetch_add(&storm->n_wrong, 1);
    }
    atomic_fetch_add(summary->is_complete       ? &storm->n_completed
                     : summary->is_disconnected ? &storm->n_cancelled
                                                : &storm->n_broken,
        1);
}

static struct http_exchange *take(struct storm *storm)
{
    struct http_exchange *exchange = NULL;
    pthread_mutex_lock(&storm->lock);
    while (storm->head == storm->tail && !storm->is_over) {
        pthread_cond_wait(&storm->changed, &storm->lock);
    }
    if (storm->head != storm->tail) {
        exchange = storm->queue[storm->head++ % QUEUE_MAX];
    }
    pthread_mutex_unlock(&storm->lock);
    return exchange;
}

void storm_dawdle(unsigned int *seed)
{
    unsigned int rounds = (unsigned int)rand_r(seed) % 3000;
    for (volatile unsigned int i = 0; i < rounds; i++) {
    }
}

static void *answer(void *arg)
{
    struct storm *storm = arg;
    unsigned int seed = (unsigned int)(uintptr_t)&seed;
    struct http_exchange *exchange = take(storm);
    while (exchange != NULL) {
        storm_dawdle(&seed);
        switch (rand_r(&seed) % 4) {
        case 0:
            http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
            http_respond_piece(exchange, bytes_of("one"));
            storm_dawdle(&seed);
            http_respond_piece(exchange, bytes_of("two"));
            http_respond_end(exchange);
            break;
        case 1:
            if (rand_r(&seed) % 8 == 0) {
                http_respond_abort(exchange);
            }
            /* Otherwise dropped: a 500. */
            break;
        default:
            http_respond(exchange, 200, "text/plain", bytes_of("hello"));
            break;
        }
        http_exchange_unref(exchange);
        exchange = take(storm);
    }
    return NULL;
}

int storm_connect(const struct storm *storm)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(storm->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static struct storm *storm_new(unsigned int n_requests, unsigned int n_loops)
{
    struct storm *storm = calloc(1, sizeof(*storm));
    assert_non_null(storm);
    storm->n_requests = n_requests;
    storm->records = calloc(n_requests, sizeof(*storm->records));
    assert_non_null(storm->records);
    pthread_mutex_init(&storm->lock, NULL);
    pthread_cond_init(&storm->changed, NULL);
    const struct http_server_options options = {
        .listen = "127.0.0.1:0",
        .n_loops = n_loops,
        .on_request = on_request,
        .on_done = on_done,
        .tls = storm_tls,
        .arg = storm,
        .h2_resets_max = UINT32_MAX / 2, /* leaving is what this is about */
    };
    assert_int_equal(http_server_start(&options, &storm->server, NULL), STATUS_OK);
    const char *address = http_server_address(storm->server);
    storm->port = (uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10);
    return storm;
}

static void storm_check(struct storm *storm)
{
    unsigned int n_parked = atomic_load(&storm->n_parked);
    unsigned int n_completed = atomic_load(&storm->n_completed);
    unsigned int n_cancelled = atomic_load(&storm->n_cancelled);
    unsigned int n_broken = atomic_load(&storm->n_broken);
    print_message("parked %u = completed %u + cancelled %u + broken off %u\n", n_parked,
        n_completed, n_cancelled, n_broken);
    assert_int_equal(n_parked, n_completed + n_cancelled + n_broken);
    assert_true(n_completed > 0);
    for (unsigned int i = 0; i < n_parked; i++) {
        assert_int_equal(atomic_load(&storm->records[i].n_done), 1);
    }
    assert_int_equal(atomic_load(&storm->n_wrong), 0);
    assert_int_equal(atomic_load(&storm->n_hung), 0);
    pthread_cond_destroy(&storm->changed);
    pthread_mutex_destroy(&storm->lock);
    free(storm->records);
    free(storm);
    assert_true(ctx_test_no_leaks());
}

static void end_answerers(struct storm *storm, pthread_t *answerers)
{
    pthread_mutex_lock(&storm->lock);
    storm->is_over = true;
    pthread_cond_broadcast(&storm->changed);
    pthread_mutex_unlock(&storm->lock);
    for (int i = 0; i < ANSWERERS; i++) {
        pthread_join(answerers[i], NULL);
    }
}

void storm_run(unsigned int n_requests, unsigned int n_loops, bool is_stopped_midway,
    void *(*client)(void *storm))
{
    struct storm *storm = storm_new(n_requests, n_loops);
    pthread_t answerers[ANSWERERS];
    pthread_t clients[CLIENTS];
    for (int i = 0; i < ANSWERERS; i++) {
        assert_int_equal(pthread_create(&answerers[i], NULL, answer, storm), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_create(&clients[i], NULL, client, storm), 0);
    }
    if (is_stopped_midway) {
        while (atomic_load(&storm->n_parked) < n_requests / 4) {
            sched_yield();
        }
        /* Requests are still coming and being answered while the server goes away under them. */
        http_server_stop(storm->server);
        atomic_store(&storm->is_server_gone, true);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i], NULL);
    }
    if (!is_stopped_midway) {
        assert_int_equal(http_server_drain(ctx_background(), storm->server), STATUS_OK);
        assert_true(atomic_load(&storm->n_cancelled) > 0);
    }
    end_answerers(storm, answerers);
    if (!is_stopped_midway) {
        http_server_stop(storm->server);
    }
    storm_check(storm);
}

unsigned int storm_len(void)
{
    const char *text = getenv("WALKIE_HTTP_STORM");
    unsigned int wanted = text != NULL ? (unsigned int)strtoul(text, NULL, 10) : 0;
    unsigned int usual = storm_tls == NULL ? REQUESTS_DEFAULT : REQUESTS_DEFAULT_TLS;
    return wanted > 0 ? wanted : usual;
}

void storm_use_tls(struct http_tls *tls)
{
    storm_tls = tls;
}

bool storm_next(struct storm *storm)
{
    return atomic_fetch_add(&storm->n_sent, 1) < storm->n_requests &&
           !atomic_load(&storm->is_server_gone);
}

void storm_hung(struct storm *storm)
{
    atomic_fetch_add(&storm->n_hung, 1);
}
