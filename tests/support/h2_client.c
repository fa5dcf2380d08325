#include "support/h2_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>

#include "support/tls_client.h"

enum { READ_MAX = 64 << 10, FIELDS_MAX = 128, BODY_MAX = 64 << 20 };

struct body_left {
    const uint8_t *data;
    size_t len;
    bool is_endless; /* more is promised, and never comes */
};

struct h2_client {
    nghttp2_session *session;
    int fd;
    bool is_window_by_hand;
    bool is_ended;
    bool has_goaway;
    uint32_t goaway_code;
    int32_t goaway_last;
    size_t n_answers; /* places of `answers` that may be in use */
    struct h2_client_answer *answers[H2_CLIENT_STREAMS_MAX]; /* by id / 2 */
    struct body_left bodies[H2_CLIENT_STREAMS_MAX];
};

static struct h2_client_answer *answer_of(struct h2_client *client, int32_t id)
{
    assert_true(id > 0 && id / 2 < H2_CLIENT_STREAMS_MAX);
    size_t index = (size_t)id / 2;
    struct h2_client_answer **place = &client->answers[index];
    client->n_answers = index < client->n_answers ? client->n_answers : index + 1;
    if (*place == NULL) {
        *place = calloc(1, sizeof(**place));
        assert_non_null(*place);
    }
    return *place;
}

/* --- callbacks ------------------------------------------------------------------------------- */

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
    (void)session;
    (void)flags;
    (void)value_len;
    if (name_len == 7 && memcmp(name, ":status", 7) == 0) {
        answer_of(arg, frame->hd.stream_id)->status = atoi((const char *)value);
    }
    return 0;
}

static int on_data(
    nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *arg)
{
    (void)session;
    (void)flags;
    struct h2_client_answer *answer = answer_of(arg, id);
    if (answer->body_len + len > BODY_MAX) {
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    char *body = realloc(answer->body, answer->body_len + len + 1);
    assert_non_null(body);
    memcpy(body + answer->body_len, data, len);
    answer->body = body;
    answer->body_len += len;
    body[answer->body_len] = '\0';
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    (void)session;
    struct h2_client *client = arg;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        client->has_goaway = true;
        client->goaway_code = frame->goaway.error_code;
        client->goaway_last = frame->goaway.last_stream_id;
    }
    bool is_body = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (is_body && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) {
        answer_of(client, frame->hd.stream_id)->is_ended = true;
    }
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
    (void)session;
    struct h2_client_answer *answer = answer_of(arg, id);
    answer->is_closed = true;
    answer->reset_code = code;
    return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *into, size_t len,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    (void)session;
    (void)id;
    (void)arg;
    struct body_left *body = source->ptr;
    size_t n = body->len < len ? body->len : len;
    if (n > 0) {
        memcpy(into, body->data, n);
    }
    body->data += n;
    body->len -= n;
    if (body->len == 0 && !body->is_endless) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return n == 0 && body->is_endless ? NGHTTP2_ERR_DEFERRED : (ssize_t)n;
}

/* --- life ------------------------------------------------------------------------------------ */

struct h2_client *h2_client_new(int fd, const struct h2_client_options *options)
{
    const struct h2_client_options none = {0};
    options = options != NULL ? options : &none;
    struct h2_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    client->fd = fd;
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    client->is_window_by_hand = options->is_window_by_hand;
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    assert_int_equal(nghttp2_option_new(&option), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_option_set_no_auto_window_update(option, options->is_window_by_hand);
    nghttp2_option_set_no_http_messaging(option, 1); /* broken requests, too */
    nghttp2_option_set_peer_max_concurrent_streams(option, 1000);
    assert_int_equal(nghttp2_session_client_new2(&client->session, callbacks, client, option), 0);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options->window};
    assert_int_equal(nghttp2_submit_settings(
                         client->session, NGHTTP2_FLAG_NONE, &window, options->window > 0 ? 1 : 0),
        0);
    (void)h2_client_flush(client);
    return client;
}

int h2_client_detach(struct h2_client *client)
{
    int fd = client->fd;
    nghttp2_session_del(client->session);
    for (size_t i = 0; i < client->n_answers; i++) {
        if (client->answers[i] != NULL) {
            free(client->answers[i]->body);
            free(client->answers[i]);
        }
    }
    free(client);
    return fd;
}

void h2_client_free(struct h2_client *client)
{
    if (client != NULL) {
        tls_client_close(h2_client_detach(client));
    }
}

/* --- asking ---------------------------------------------------------------------------------- */

static int32_t submit(struct h2_client *client, const struct h2_client_field *fields,
    size_t n_fields, const struct body_left *body)
{
    nghttp2_nv values[FIELDS_MAX];
    assert_true(n_fields <= FIELDS_MAX);
    for (size_t i = 0; i < n_fields; i++) {
        values[i] = (nghttp2_nv){.name = (uint8_t *)fields[i].name,
            .namelen = strlen(fields[i].name),
            .value = (uint8_t *)fields[i].value,
            .valuelen = strlen(fields[i].value)};
    }
    int32_t next = (int32_t)nghttp2_session_get_next_stream_id(client->session);
    assert_true(next / 2 < H2_CLIENT_STREAMS_MAX);
    nghttp2_data_provider provider = {.read_callback = read_body};
    if (body != NULL) {
        client->bodies[next / 2] = *body;
        provider.source.ptr = &client->bodies[next / 2];
    }
    int32_t id = nghttp2_submit_request(
        client->session, NULL, values, n_fields, body != NULL ? &provider : NULL, NULL);
    assert_int_equal(id, next);
    return id;
}

int32_t h2_client_request(struct h2_client *client, const struct h2_client_field *fields,
    size_t n_fields, const void *body, size_t body_len)
{
    const struct body_left left = {.data = body, .len = body_len};
    return submit(client, fields, n_fields, body != NULL ? &left : NULL);
}

int32_t h2_client_get(struct h2_client *client, const char *path)
{
    const struct h2_client_field fields[] = {
        {":method", "GET"}, {":scheme", "http"}, {":authority", "test"}, {":path", path}};
    return submit(client, fields, sizeof(fields) / sizeof(fields[0]), NULL);
}

int32_t h2_client_begin_request(
    struct h2_client *client, const struct h2_client_field *fields, size_t n_fields)
{
    const struct body_left left = {.is_endless = true};
    return submit(client, fields, n_fields, &left);
}

int32_t h2_client_begin_post(struct h2_client *client, const char *path, const char *length)
{
    const struct h2_client_field fields[] = {{":method", "POST"}, {":scheme", "http"},
        {":authority", "test"}, {":path", path}, {"content-length", length}};
    return h2_client_begin_request(client, fields, length == NULL ? 4 : 5);
}

void h2_client_reset(struct h2_client *client, int32_t id, uint32_t code)
{
    assert_int_equal(nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, id, code), 0);
}

void h2_client_goaway(struct h2_client *client, uint32_t code)
{
    assert_int_equal(
        nghttp2_submit_goaway(client->session, NGHTTP2_FLAG_NONE, 0, code, NULL, 0), 0);
}

void h2_client_open(struct h2_client *client, int32_t id, uint32_t len)
{
    assert_int_equal(
        nghttp2_submit_window_update(client->session, NGHTTP2_FLAG_NONE, id, (int32_t)len), 0);
}

static bool send_all(struct h2_client *client, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = tls_client_send(client->fd, data, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

bool h2_client_flush(struct h2_client *client)
{
    const uint8_t *data = NULL;
    ssize_t len = nghttp2_session_mem_send(client->session, &data);
    while (len > 0) {
        if (!send_all(client, data, (size_t)len)) {
            return false;
        }
        len = nghttp2_session_mem_send(client->session, &data);
    }
    return len == 0;
}

bool h2_client_frame(struct h2_client *client, uint8_t type, uint8_t flags, int32_t id,
    const void *payload, size_t len)
{
    uint8_t header[9] = {(uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len, type, flags,
        (uint8_t)((uint32_t)id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};
    return send_all(client, header, sizeof(header)) && (len == 0 || send_all(client, payload, len));
}

/* --- waiting --------------------------------------------------------------------------------- */

static enum h2_client_event read_some(struct h2_client *client, int timeout_ms)
{
    struct pollfd wait = {.fd = client->fd, .events = POLLIN};
    if (client->is_ended) {
        return H2_CLIENT_ENDED;
    }
    if (!tls_client_has_pending(client->fd) && poll(&wait, 1, timeout_ms) <= 0) {
        return H2_CLIENT_LATE;
    }
    uint8_t data[READ_MAX];
    ssize_t n = tls_client_recv(client->fd, data, sizeof(data), 0);
    if (n <= 0) {
        client->is_ended = true;
        return H2_CLIENT_ENDED;
    }
    /* After GOAWAY nghttp2 may want nothing more; what it says does not matter here. */
    (void)nghttp2_session_mem_recv(client->session, data, (size_t)n);
    return H2_CLIENT_READ;
}

enum h2_client_event h2_client_read_some(struct h2_client *client, int timeout_ms)
{
    /* When sending fails, there may still be something to read. */
    (void)h2_client_flush(client);
    enum h2_client_event event = read_some(client, timeout_ms);
    (void)h2_client_flush(client);
    return event;
}

bool h2_client_read(struct h2_client *client, int timeout_ms)
{
    return h2_client_read_some(client, timeout_ms) != H2_CLIENT_ENDED;
}

bool h2_client_is_used_up(const struct h2_client *client)
{
    return client->n_answers + 100 > H2_CLIENT_STREAMS_MAX;
}

const struct h2_client_answer *h2_client_wait(struct h2_client *client, int32_t id)
{
    const struct h2_client_answer *answer = answer_of(client, id);
    while (!answer->is_closed) {
        if (!h2_client_read(client, H2_CLIENT_WAIT_MS)) {
            fail_msg("the connection ended before stream %d did", id);
        }
    }
    return answer;
}

void h2_client_wait_answer(struct h2_client *client, int32_t id)
{
    const struct h2_client_answer *answer = answer_of(client, id);
    while (!answer->is_ended && !answer->is_closed) {
        if (!h2_client_read(client, H2_CLIENT_WAIT_MS)) {
            fail_msg("the connection ended before stream %d was answered", id);
        }
    }
}

void h2_client_wait_status(struct h2_client *client, int32_t id, int status)
{
    const struct h2_client_answer *answer = answer_of(client, id);
    while (answer->status != status) {
        if (!h2_client_read(client, H2_CLIENT_WAIT_MS)) {
            fail_msg("the connection ended before stream %d had status %d", id, status);
        }
    }
}

void h2_client_wait_body(struct h2_client *client, int32_t id, size_t len)
{
    const struct h2_client_answer *answer = answer_of(client, id);
    while (answer->body_len < len) {
        if (!h2_client_read(client, H2_CLIENT_WAIT_MS)) {
            fail_msg("the connection ended after %zu bytes of stream %d", answer->body_len, id);
        }
    }
}

bool h2_client_wait_end(struct h2_client *client)
{
    enum h2_client_event event = H2_CLIENT_READ;
    while (event == H2_CLIENT_READ) {
        event = h2_client_read_some(client, H2_CLIENT_WAIT_MS);
    }
    return event == H2_CLIENT_ENDED;
}

const struct h2_client_answer *h2_client_answer(struct h2_client *client, int32_t id)
{
    return answer_of(client, id);
}

bool h2_client_has_goaway(const struct h2_client *client, uint32_t *ret_code, int32_t *ret_last)
{
    if (client->has_goaway) {
        *ret_code = client->goaway_code;
        *ret_last = client->goaway_last;
    }
    return client->has_goaway;
}

int h2_client_fd(const struct h2_client *client)
{
    return client->fd;
}
