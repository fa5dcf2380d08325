/* Handshakes: bounded in number, in bytes and in time, because anybody may begin one. Each of them
 * costs memory (9 KB before its first byte, then 40 KB, 130 KB at worst) and, once the client has
 * said what it wants, a signature; who begins them and does not go on makes room for others after a
 * second. */
#include <string.h>

#include "base/clock.h"
#include "http/internal.h"
#include "obs/log.h"
#include "obs/metrics.h"

static struct metrics_family HANDSHAKES = {
    .name = "walkie_http_tls_handshakes_total",
    .help = "TLS handshakes that clients began, by how they ended.",
    .kind = METRICS_COUNTER,
    .labels = {"result"},
};

bool http_handshake_begin(struct http_connection *connection)
{
    struct http_loop *loop = connection->loop;
    connection->tls = http_tls_session_new(loop->server->options.tls, connection->fd);
    if (connection->tls == NULL) {
        return false;
    }
    connection->phase = HTTP_PHASE_HANDSHAKE;
    loop->n_handshakes++;
    http_timeout_set(connection, HTTP_TIMEOUT_HANDSHAKE);
    return true;
}

void http_handshake_forget(struct http_connection *connection)
{
    if (connection->phase == HTTP_PHASE_HANDSHAKE) {
        connection->loop->n_handshakes--;
    }
}

/* Somebody speaks HTTP without TLS: tell in words that can be read. */
static void answer_plainly(struct http_connection *connection)
{
    http_handshake_forget(connection);
    http_tls_session_free(STEAL(connection->tls));
    http_connection_refuse(
        connection, HTTP_REFUSED(400, "HTTP was sent to a port that speaks HTTPS: use https://"));
}

void http_handshake_fail(struct http_connection *connection, const char *result, const char *why)
{
    metrics_add(metrics_child(&HANDSHAKES, result, NULL, NULL), 1);
    LOG_DEBUG("http.tls_failed", NULL, log_str("peer", connection->peer), log_str("result", result),
        log_str("why", why));
    if (strcmp(result, "plain_http") == 0) {
        answer_plainly(connection);
    } else {
        http_connection_close(connection);
    }
}

static void finish(struct http_connection *connection)
{
    metrics_add(metrics_child(&HANDSHAKES, "ok", NULL, NULL), 1);
    http_handshake_forget(connection);
    connection->protocol = http_tls_session_protocol(connection->tls);
    connection->phase = HTTP_PHASE_IDLE;
    http_timeout_set(connection, http_connection_idle(connection));
    connection->is_readable = true; /* the request may have come with the client's last message */
    if (connection->loop->is_drain_begun) {
        http_connection_drain_idle(connection);
    } else {
        http_connection_read(connection);
    }
}

void http_handshake_go_on(struct http_connection *connection)
{
    const char *result = NULL;
    const char *why = NULL;
    switch (http_tls_session_handshake(connection->tls, &result, &why)) {
    case HTTP_TLS_DONE:
        finish(connection);
        break;
    case HTTP_TLS_WAIT:
        break;
    case HTTP_TLS_FAILED:
        http_handshake_fail(connection, result, why);
        break;
    }
}

bool http_handshake_has_room(struct http_loop *loop)
{
    if (loop->n_handshakes < loop->server->options.handshakes_max) {
        return true;
    }
    struct http_timer *oldest = http_timeout_first(loop, HTTP_TIMEOUT_HANDSHAKE);
    uint64_t age_ns =
        CLOCK_MS(loop->server->options.header_timeout_ms) - (oldest->deadline_ns - loop->now_ns);
    if (age_ns < CLOCK_MS(HTTP_HANDSHAKE_GRACE_MS)) {
        return false;
    }
    http_handshake_fail(CONTAINER_OF(oldest, struct http_connection, timer), "crowded",
        "too many handshakes: the oldest made room");
    return true;
}
