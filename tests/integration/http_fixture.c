#include "integration/http_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/tls.h"
#include "support/certificates.h"

enum { PARKED_MAX = 4096 };

struct http_fixture {
    struct http_server *server;
    struct http_tls *tls;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_exchange *parked[PARKED_MAX]; /* a ring */
    unsigned int parked_head;
    unsigned int parked_tail;
    unsigned int n_done;
    struct http_fixture_done done;
    char *big;
    size_t big_len;
    bool is_blocked;
    bool is_unblocked;
};

static void park(struct http_fixture *fixture, struct http_exchange *exchange)
{
    pthread_mutex_lock(&fixture->lock);
    fixture->parked[fixture->parked_tail++ % PARKED_MAX] = http_exchange_ref(exchange);
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

static bool wait_changed(struct http_fixture *fixture);

/* Hold the loop's thread: what clients do meanwhile, it finds all at once. */
static void block(struct http_fixture *fixture)
{
    bool is_in_time = true;
    pthread_mutex_lock(&fixture->lock);
    fixture->is_blocked = true;
    pthread_cond_broadcast(&fixture->changed);
    while (!fixture->is_unblocked && is_in_time) {
        is_in_time = wait_changed(fixture);
    }
    fixture->is_blocked = false;
    fixture->is_unblocked = false;
    pthread_mutex_unlock(&fixture->lock);
}

static void on_request(struct http_exchange *exchange, void *arg)
{
    struct http_fixture *fixture = arg;
    const char *path = http_path(exchange);
    if (strcmp(path, "/park") == 0) {
        park(fixture, exchange);
    } else if (strcmp(path, "/block") == 0) {
        block(fixture);
        park(fixture, exchange);
    } else if (strcmp(path, "/body") == 0) {
        http_respond(exchange, 200, "text/plain", http_body(exchange));
    } else if (strcmp(path, "/big") == 0) {
        struct bytes big = {(const uint8_t *)fixture->big, fixture->big_len};
        http_respond(exchange, 200, "text/plain", big);
    } else if (strcmp(path, "/drop") != 0) {
        http_respond(exchange, 200, "text/plain", bytes_of("hello\n"));
    }
}

static void on_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    struct http_fixture *fixture = arg;
    uint64_t now_ns = clock_now_ns();
    pthread_mutex_lock(&fixture->lock);
    struct http_fixture_done *done = &fixture->done;
    done->summary = *summary;
    done->at_ns = now_ns;
    done->cause = ctx_cause(http_exchange_ctx(exchange));
    snprintf(done->path, sizeof(done->path), "%s", http_path(exchange));
    snprintf(done->disconnect, sizeof(done->disconnect), "%s",
        summary->disconnect != NULL ? summary->disconnect : "");
    fixture->n_done++;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

const char *http_fixture_transport(void)
{
    const char *transport = getenv("WALKIE_HTTP_TRANSPORT");
    return transport == NULL ? "plain" : transport;
}

bool http_fixture_is_tls(void)
{
    return strcmp(http_fixture_transport(), "plain") != 0;
}

struct http_tls *http_fixture_tls(struct http_fixture *fixture)
{
    return fixture->tls;
}

static void begin_tls(struct http_fixture *fixture)
{
    static bool has_certificates;
    if (!has_certificates) {
        test_certificates_make();
        has_certificates = true;
    }
    const struct http_tls_files files = {
        .certificate = test_certificate("service.pem"),
        .key = test_certificate("service.key"),
    };
    struct error error = ERROR_NONE;
    if (http_tls_new(&files, &fixture->tls, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

struct http_fixture *http_fixture_start(const struct http_server_options *options)
{
    struct http_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    pthread_mutex_init(&fixture->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&fixture->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    struct http_server_options ours = {0};
    if (options != NULL) {
        ours = *options;
    }
    if (http_fixture_is_tls()) {
        begin_tls(fixture);
    }
    ours.tls = fixture->tls;
    ours.listen = "127.0.0.1:0";
    ours.on_request = on_request;
    ours.on_done = on_done;
    ours.arg = fixture;
    struct error error = ERROR_NONE;
    if (http_server_start(&ours, &fixture->server, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return fixture;
}

void http_fixture_stop(struct http_fixture *fixture)
{
    http_server_stop(fixture->server);
    http_tls_free(fixture->tls);
    while (fixture->parked_head != fixture->parked_tail) {
        http_exchange_unref(fixture->parked[fixture->parked_head++ % PARKED_MAX]);
    }
    pthread_cond_destroy(&fixture->changed);
    pthread_mutex_destroy(&fixture->lock);
    free(fixture->big);
    free(fixture);
}

struct http_server *http_fixture_server(struct http_fixture *fixture)
{
    return fixture->server;
}

void http_fixture_set_big(struct http_fixture *fixture, size_t big_len)
{
    fixture->big = malloc(big_len);
    assert_non_null(fixture->big);
    memset(fixture->big, 'b', big_len);
    fixture->big_len = big_len;
}

/* With the lock held. Returns false at the limit. */
static bool wait_changed(struct http_fixture *fixture)
{
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += HTTP_FIXTURE_WAIT_MS / 1000;
    return pthread_cond_timedwait(&fixture->changed, &fixture->lock, &limit) == 0;
}

void http_fixture_blocked(struct http_fixture *fixture)
{
    bool is_in_time = true;
    pthread_mutex_lock(&fixture->lock);
    while (!fixture->is_blocked && is_in_time) {
        is_in_time = wait_changed(fixture);
    }
    bool is_blocked = fixture->is_blocked;
    pthread_mutex_unlock(&fixture->lock);
    assert_true(is_blocked);
}

void http_fixture_unblock(struct http_fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    fixture->is_unblocked = true;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

struct http_exchange *http_fixture_parked(struct http_fixture *fixture)
{
    struct http_exchange *exchange = NULL;
    bool is_in_time = true;
    pthread_mutex_lock(&fixture->lock);
    while (fixture->parked_head == fixture->parked_tail && is_in_time) {
        is_in_time = wait_changed(fixture);
    }
    if (fixture->parked_head != fixture->parked_tail) {
        exchange = fixture->parked[fixture->parked_head++ % PARKED_MAX];
    }
    pthread_mutex_unlock(&fixture->lock);
    if (exchange == NULL) {
        fail_msg("no request was parked");
    }
    return exchange;
}

struct http_fixture_done http_fixture_done(struct http_fixture *fixture, unsigned int count)
{
    bool is_in_time = true;
    pthread_mutex_lock(&fixture->lock);
    while (fixture->n_done < count && is_in_time) {
        is_in_time = wait_changed(fixture);
    }
    struct http_fixture_done done = fixture->done;
    unsigned int n_done = fixture->n_done;
    pthread_mutex_unlock(&fixture->lock);
    assert_int_equal(n_done, count);
    return done;
}

void http_fixture_expect_given_up(const struct http_fixture_done *done)
{
    const char *how = done->disconnect;
    if (strcmp(how, "timeout") != 0 && strcmp(how, "write") != 0 && strcmp(how, "reset") != 0) {
        fail_msg("not given up, but \"%s\"", how);
    }
}

unsigned int http_fixture_n_done(struct http_fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    unsigned int n_done = fixture->n_done;
    pthread_mutex_unlock(&fixture->lock);
    return n_done;
}

/* --- clients -------------------------------------------------------------------------------- */

int http_client_connect_bare(const struct http_fixture *fixture)
{
    const char *address = http_server_address(fixture->server);
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static int connect_with(const struct http_fixture *fixture, const char *protocols)
{
    int fd = http_client_connect_bare(fixture);
    if (http_fixture_is_tls() &&
        !tls_client_begin(fd, http_fixture_transport(), test_certificate("ca.pem"), protocols)) {
        fail_msg("no handshake: %s", tls_client_why());
    }
    return fd;
}

int http_client_connect(const struct http_fixture *fixture)
{
    return connect_with(fixture, NULL);
}

int http_client_connect_h2(const struct http_fixture *fixture)
{
    return connect_with(fixture, "\2h2");
}

void http_client_send_bytes(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = tls_client_send(fd, at, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return; /* the server has closed: what it said is what the test looks at */
        }
        at += n;
        len -= (size_t)n;
    }
}

void http_client_send(int fd, const char *text)
{
    http_client_send_bytes(fd, text, strlen(text));
}

/* recv with a bound: 0 at the end, -1 and errno (ETIMEDOUT at the bound). */
static ssize_t bounded_recv(int fd, char *data, size_t len)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready = tls_client_has_pending(fd) ? 1 : poll(&wait, 1, HTTP_FIXTURE_WAIT_MS);
    if (ready == 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    return tls_client_recv(fd, data, len, 0);
}

void http_client_expect(int fd, const char *text)
{
    char got[4096];
    size_t len = 0;
    size_t want = strlen(text);
    assert_true(want < sizeof(got));
    while (len < want) {
        ssize_t n = bounded_recv(fd, got + len, want - len);
        if (n <= 0) {
            fail_msg("the connection ended after \"%.*s\"", (int)len, got);
        }
        len += (size_t)n;
    }
    got[len] = '\0';
    assert_string_equal(got, text);
}

int http_client_reply(int fd, char reply[HTTP_FIXTURE_REPLY_MAX])
{
    size_t len = 0;
    size_t want = SIZE_MAX;
    while (len < want) {
        /* Byte by byte up to the end of the head, so that the next answer stays unread. */
        size_t room = want == SIZE_MAX ? 1 : want - len;
        assert_true(len + room < HTTP_FIXTURE_REPLY_MAX);
        ssize_t n = bounded_recv(fd, reply + len, room);
        if (n <= 0) {
            fail_msg("the answer ended after %zu bytes", len);
        }
        len += (size_t)n;
        reply[len] = '\0';
        if (want == SIZE_MAX && len >= 4 && strcmp(reply + len - 4, "\r\n\r\n") == 0) {
            const char *length = strstr(reply, "Content-Length: ");
            want = len + (length != NULL ? strtoul(length + 16, NULL, 10) : 0);
        }
    }
    return atoi(reply + strlen("HTTP/1.1 "));
}

size_t http_client_read_all(int fd, char *data, size_t data_max, int *ret_errno)
{
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < data_max) {
        n = bounded_recv(fd, data + len, data_max - len);
        len += n > 0 ? (size_t)n : 0;
    }
    *ret_errno = n < 0 ? errno : 0;
    return len;
}

int http_client_once(
    const struct http_fixture *fixture, const char *request, char reply[HTTP_FIXTURE_REPLY_MAX])
{
    int fd = http_client_connect(fixture);
    http_client_send(fd, request);
    int problem = 0;
    size_t len = http_client_read_all(fd, reply, HTTP_FIXTURE_REPLY_MAX - 1, &problem);
    reply[len] = '\0';
    tls_client_close(fd);
    assert_int_equal(problem, 0);
    return strncmp(reply, "HTTP/1.1 ", 9) == 0 ? atoi(reply + 9) : 0;
}

bool http_client_sees_end(int fd)
{
    char byte;
    ssize_t n = bounded_recv(fd, &byte, 1);
    return n == 0 || (n < 0 && errno != ETIMEDOUT);
}
