/* The storm over HTTP/1.1: see http_storm.h. WALKIE_HTTP_TRANSPORT=tls1.3 has it within TLS. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/tls.h"
#include "integration/http_storm.h"
#include "support/certificates.h"
#include "support/tls_client.h"

/* NULL: plain. */
static const char *transport;
static char authority[512]; /* looked up once: clients are many threads */

static int connect_client(const struct storm *storm)
{
    int fd = storm_connect(storm);
    if (fd >= 0 && transport != NULL && !tls_client_begin(fd, transport, authority, NULL)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Read one answer, or the end. Returns whether the connection can be used again. */
static bool read_answer(struct storm *storm, int fd)
{
    char data[1024];
    size_t len = 0;
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (!tls_client_has_pending(fd) && poll(&wait, 1, STORM_WAIT_MS) <= 0) {
            storm_hung(storm);
            return false;
        }
        ssize_t n = tls_client_recv(fd, data + len, sizeof(data) - 1 - len, 0);
        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        data[len] = '\0';
        const char *body = strstr(data, "\r\n\r\n");
        if (body != NULL &&
            (strcmp(body + 4, "hello") == 0 || strcmp(body + 4, "internal error\n") == 0 ||
                strstr(body, "\r\n0\r\n\r\n") != NULL)) {
            return true;
        }
    }
}

static void leave(int fd, unsigned int *seed)
{
    switch (rand_r(seed) % 5) {
    case 0: {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        break;
    }
    case 1:
        shutdown(fd, SHUT_WR);
        break;
    case 2:
        (void)!tls_client_send(fd, "GET /next HTTP/1.1\r\n", 20, MSG_NOSIGNAL);
        break;
    case 3:
        tls_client_goodbye(fd);
        break;
    default:
        break;
    }
    tls_client_close(fd);
}

static void *be_client(void *arg)
{
    static const char REQUEST[] = "GET /park HTTP/1.1\r\nHost: storm\r\n\r\n";
    struct storm *storm = arg;
    unsigned int seed = (unsigned int)(uintptr_t)&seed;
    int fd = -1;
    while (storm_next(storm)) {
        if (fd < 0) {
            fd = connect_client(storm);
        }
        if (fd < 0) {
            continue;
        }
        (void)!tls_client_send(fd, REQUEST, sizeof(REQUEST) - 1, MSG_NOSIGNAL);
        bool is_patient = rand_r(&seed) % 2 == 0;
        if (!is_patient) {
            storm_dawdle(&seed);
            leave(fd, &seed);
            fd = -1;
        } else if (!read_answer(storm, fd)) {
            tls_client_close(fd);
            fd = -1;
        }
    }
    if (fd >= 0) {
        tls_client_close(fd);
    }
    return NULL;
}

static void every_parked_request_ends_exactly_once(void **state)
{
    (void)state;
    storm_run(storm_len(), 1, false, be_client);
}

static void the_same_holds_with_two_loops(void **state)
{
    (void)state;
    storm_run(storm_len() / 2, 2, false, be_client);
}

static void a_server_may_stop_while_it_is_being_answered(void **state)
{
    (void)state;
    int n_storms = transport == NULL ? 20 : 3;
    for (int i = 0; i < n_storms; i++) {
        storm_run(400, 2, true, be_client);
    }
}

static struct http_tls *new_tls(void)
{
    test_certificates_make();
    snprintf(authority, sizeof(authority), "%s", test_certificate("ca.pem"));
    const struct http_tls_files files = {
        .certificate = test_certificate("service.pem"),
        .key = test_certificate("service.key"),
    };
    struct http_tls *tls = NULL;
    if (http_tls_new(&files, &tls, NULL) != STATUS_OK) {
        abort();
    }
    return tls;
}

int main(void)
{
    transport = getenv("WALKIE_HTTP_TRANSPORT");
    struct http_tls *tls = transport != NULL ? new_tls() : NULL;
    storm_use_tls(tls);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parked_request_ends_exactly_once),
        cmocka_unit_test(the_same_holds_with_two_loops),
        cmocka_unit_test(a_server_may_stop_while_it_is_being_answered),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    http_tls_free(tls);
    return n_failed;
}
