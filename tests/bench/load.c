/* HTTP load on loopback, two ways:
 *
 *     bench_load closed PORT PATH CONNECTIONS SECONDS
 *         each connection asks again when it has its answer: what can be served
 *     bench_load open PORT PATH DEADLINE_MS RATE SECONDS RATE_AFTER SECONDS_AFTER
 *         requests start at a constant rate whatever the answers do, then at another one
 *
 * Good is a 200 within the deadline. In the open loop latency counts from when the request was due,
 * and who has no answer GRACE_MS after the deadline leaves. Prints one line, names and figures:
 *
 *     closed: good_s
 *     open:   n n_good good_s p50_ms p99_ms n_refused n_late n_failed n_good_after recovery_ms
 *
 * recovery_ms: from the end of the first rate to the first of RECOVERED_AFTER good ones in a row.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    GRACE_MS = 50,
    RECOVERED_AFTER = 20,
    ANSWER_MAX = 8192,
    EVENTS_MAX = 64,
    LEAD_MS = 20, /* before the first request is due */
};

struct request {
    uint64_t due_ns;
    uint64_t latency_ns;
    int status; /* HTTP; 0: none yet; -1: it left without an answer; -2: the connection failed */
    struct client *client;
};

/* A connection, with one request on it or none. */
struct client {
    int fd;
    struct request *request;
    struct client *next_idle;
    size_t len;
    char answer[ANSWER_MAX + 1];
};

struct load {
    uint16_t port;
    char text[512];
    size_t text_len;
    int epoll;
    uint64_t deadline_ns;
    struct client *idle;
    struct request *requests;
    size_t n_requests;
    size_t n_sent;
    size_t n_over;
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* --- connections ---------------------------------------------------------------------------- */

static struct client *client_new(struct load *load)
{
    struct client *client = calloc(1, sizeof(*client));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(load->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (client == NULL || (client->fd = socket(AF_INET, SOCK_STREAM, 0)) < 0 ||
        connect(client->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        die("bench_load: connect");
    }
    int one = 1;
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event) != 0) {
        die("bench_load: epoll");
    }
    return client;
}

static void client_free(struct client *client)
{
    close(client->fd);
    free(client);
}

static void give_back(struct load *load, struct client *client)
{
    client->next_idle = load->idle;
    load->idle = client;
}

/* --- requests ------------------------------------------------------------------------------- */

static void end_request(struct load *load, struct request *request, int status)
{
    request->status = status;
    uint64_t now_ns = clock_now_ns();
    request->latency_ns = now_ns > request->due_ns ? now_ns - request->due_ns : 0;
    request->client = NULL;
    load->n_over++;
}

static void send_request(struct load *load, struct request *request)
{
    struct client *client = load->idle;
    if (client != NULL) {
        load->idle = client->next_idle;
    } else {
        client = client_new(load);
    }
    client->request = request;
    client->len = 0;
    request->client = client;
    if (send(client->fd, load->text, load->text_len, MSG_NOSIGNAL) != (ssize_t)load->text_len) {
        end_request(load, request, -2);
        client_free(client);
    }
}

/* The status of a whole answer; 0: it is not whole yet. */
static int whole_answer(struct client *client)
{
    client->answer[client->len] = '\0';
    const char *end = strstr(client->answer, "\r\n\r\n");
    if (end == NULL) {
        return 0;
    }
    size_t body_len = 0;
    for (const char *line = strstr(client->answer, "\r\n"); line != NULL && line < end;
         line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, "content-length:", 15) == 0) {
            body_len = strtoul(line + 17, NULL, 10);
        }
    }
    size_t head_len = (size_t)(end - client->answer) + 4;
    return client->len >= head_len + body_len ? (int)strtol(client->answer + 9, NULL, 10) : 0;
}

static void read_answer(struct load *load, struct client *client)
{
    ssize_t got =
        recv(client->fd, client->answer + client->len, ANSWER_MAX - client->len, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (got <= 0 || client->request == NULL) {
        if (client->request == NULL) {
            die("bench_load: an idle connection was closed");
        }
        end_request(load, client->request, -2);
        client_free(client);
        return;
    }
    client->len += (size_t)got;
    int status = whole_answer(client);
    if (status != 0) {
        end_request(load, client->request, status);
        client->request = NULL;
        give_back(load, client);
    }
}

/* Wait until `until_ns`, reading answers; returns early after some. */
static void wait_for_answers(struct load *load, uint64_t until_ns)
{
    uint64_t now_ns = clock_now_ns();
    uint64_t wait_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    struct timespec timeout = {.tv_sec = (time_t)(wait_ns / CLOCK_SECONDS(1)),
        .tv_nsec = (long)(wait_ns % CLOCK_SECONDS(1))};
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_pwait2(load->epoll, events, EVENTS_MAX, &timeout, NULL);
    for (int i = 0; i < n; i++) {
        read_answer(load, events[i].data.ptr);
    }
}

/* --- the two loops -------------------------------------------------------------------------- */

static void run_closed(struct load *load, size_t n_connections, double seconds)
{
    load->n_requests = 1 << 20;
    load->requests = calloc(load->n_requests, sizeof(*load->requests));
    if (load->requests == NULL) {
        die("bench_load");
    }
    uint64_t start_ns = clock_now_ns();
    uint64_t end_ns = start_ns + (uint64_t)(seconds * 1e9);
    while (clock_now_ns() < end_ns) {
        while (load->n_sent - load->n_over < n_connections && load->n_sent < load->n_requests) {
            struct request *request = &load->requests[load->n_sent++];
            request->due_ns = clock_now_ns();
            send_request(load, request);
        }
        wait_for_answers(load, end_ns);
    }
    size_t n_good = 0;
    for (size_t i = 0; i < load->n_sent; i++) {
        n_good += load->requests[i].status == 200;
    }
    printf("good_s %.2f\n", (double)n_good / seconds);
}

struct rates {
    double rate;
    double seconds;
    double rate_after;
    double seconds_after;
};

static size_t plan(struct load *load, const struct rates *rates)
{
    size_t n_first = (size_t)(rates->rate * rates->seconds);
    load->n_requests = n_first + (size_t)(rates->rate_after * rates->seconds_after);
    load->requests = calloc(load->n_requests, sizeof(*load->requests));
    if (load->requests == NULL) {
        die("bench_load");
    }
    double start_ns = (double)(clock_now_ns() + CLOCK_MS(LEAD_MS));
    for (size_t i = 0; i < load->n_requests; i++) {
        double after_s = i < n_first ? (double)i / rates->rate
                                     : rates->seconds + (double)(i - n_first) / rates->rate_after;
        load->requests[i].due_ns = (uint64_t)(start_ns + after_s * 1e9);
    }
    return n_first;
}

static void run_open(struct load *load)
{
    size_t oldest = 0; /* that may still be waiting */
    uint64_t patience_ns = load->deadline_ns + CLOCK_MS(GRACE_MS);
    while (load->n_over < load->n_requests) {
        uint64_t now_ns = clock_now_ns();
        while (load->n_sent < load->n_requests && load->requests[load->n_sent].due_ns <= now_ns) {
            send_request(load, &load->requests[load->n_sent++]);
        }
        for (; oldest < load->n_sent; oldest++) {
            struct request *request = &load->requests[oldest];
            if (request->client != NULL && request->due_ns + patience_ns > now_ns) {
                break;
            }
            if (request->client != NULL) {
                client_free(request->client);
                end_request(load, request, -1);
            }
        }
        uint64_t until_ns =
            load->n_sent < load->n_requests ? load->requests[load->n_sent].due_ns : UINT64_MAX / 2;
        if (oldest < load->n_sent && load->requests[oldest].due_ns + patience_ns < until_ns) {
            until_ns = load->requests[oldest].due_ns + patience_ns;
        }
        if (load->n_over < load->n_requests) {
            wait_for_answers(load, until_ns);
        }
    }
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static bool is_good(const struct load *load, const struct request *request)
{
    return request->status == 200 && request->latency_ns <= load->deadline_ns;
}

/* -1: it did not recover. */
static double recovery_ms(const struct load *load, size_t n_first, const struct rates *rates)
{
    size_t n_in_a_row = 0;
    for (size_t i = n_first; i < load->n_requests; i++) {
        n_in_a_row = is_good(load, &load->requests[i]) ? n_in_a_row + 1 : 0;
        if (n_in_a_row == RECOVERED_AFTER) {
            return (double)(i + 1 - RECOVERED_AFTER - n_first) / rates->rate_after * 1000;
        }
    }
    return -1;
}

static void report_open(const struct load *load, size_t n_first, const struct rates *rates)
{
    uint64_t *latencies_ns = calloc(load->n_requests, sizeof(*latencies_ns));
    if (latencies_ns == NULL) {
        die("bench_load");
    }
    size_t n_good = 0;
    size_t n_good_after = 0;
    size_t n_refused = 0;
    size_t n_failed = 0;
    for (size_t i = 0; i < load->n_requests; i++) {
        const struct request *request = &load->requests[i];
        n_failed += request->status == -2;
        if (i >= n_first) {
            n_good_after += is_good(load, request);
        } else if (is_good(load, request)) {
            latencies_ns[n_good++] = request->latency_ns;
        } else {
            n_refused += request->status == 429 || request->status == 503;
        }
    }
    qsort(latencies_ns, n_good, sizeof(*latencies_ns), compare);
    printf("n %zu n_good %zu good_s %.2f", n_first, n_good, (double)n_good / rates->seconds);
    printf(" p50_ms %.2f p99_ms %.2f", (double)latencies_ns[n_good / 2] / 1e6,
        n_good == 0 ? 0 : (double)latencies_ns[(n_good - 1) * 99 / 100] / 1e6);
    printf(" n_refused %zu n_late %zu n_failed %zu n_good_after %zu recovery_ms %.1f\n", n_refused,
        n_first - n_good - n_refused, n_failed, n_good_after, recovery_ms(load, n_first, rates));
    free(latencies_ns);
}

int main(int argc, char **argv)
{
    bool is_closed = argc == 6 && strcmp(argv[1], "closed") == 0;
    if (!is_closed && (argc != 9 || strcmp(argv[1], "open") != 0)) {
        fprintf(stderr, "usage: bench_load closed PORT PATH CONNECTIONS SECONDS\n"
                        "       bench_load open PORT PATH DEADLINE_MS RATE SECONDS RATE_AFTER "
                        "SECONDS_AFTER\n");
        return 2;
    }
    struct load load = {.port = (uint16_t)strtoul(argv[2], NULL, 10), .epoll = epoll_create1(0)};
    load.text_len = (size_t)snprintf(
        load.text, sizeof(load.text), "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", argv[3]);
    if (is_closed) {
        run_closed(&load, strtoul(argv[4], NULL, 10), strtod(argv[5], NULL));
        return 0;
    }
    load.deadline_ns = CLOCK_MS(strtoul(argv[4], NULL, 10));
    struct rates rates = {
        strtod(argv[5], NULL), strtod(argv[6], NULL), strtod(argv[7], NULL), strtod(argv[8], NULL)};
    size_t n_first = plan(&load, &rates);
    run_open(&load);
    report_open(&load, n_first, &rates);
    return 0;
}
