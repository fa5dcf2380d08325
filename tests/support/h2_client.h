/* A small HTTP/2 client over a connected socket, for tests: nghttp2 frames, the test decides when
 * windows open and what is reset.
 *
 *     struct h2_client *client = h2_client_new(fd, NULL);
 *     int32_t id = h2_client_get(client, "/hello");
 *     const struct h2_client_answer *answer = h2_client_wait(client, id);
 *     assert_int_equal(answer->status, 200);
 *     h2_client_free(client);                                  closes fd
 *
 * One thread. Waiting is bounded by H2_CLIENT_WAIT_MS and fails the test with what it waited for.
 * Not here: TLS; frames that nghttp2 would not send (h2_client_frame writes any bytes). */
#ifndef WALKIE_TESTS_H2_CLIENT_H
#define WALKIE_TESTS_H2_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { H2_CLIENT_WAIT_MS = 20000, H2_CLIENT_STREAMS_MAX = 65536 };

struct h2_client;

struct h2_client_options {
    uint32_t window;        /* of each stream, at first; 0: the default */
    bool is_window_by_hand; /* no WINDOW_UPDATE but those of h2_client_open */
};

struct h2_client_field {
    const char *name;
    const char *value;
};

struct h2_client_answer {
    int status;
    char *body; /* NUL-terminated; NULL: none */
    size_t body_len;
    bool is_ended; /* END_STREAM came */
    bool is_closed;
    uint32_t reset_code; /* of RST_STREAM from the server, when is_closed and not is_ended */
};

/* Takes fd; sends the preface. NULL: out of memory. */
struct h2_client *h2_client_new(int fd, const struct h2_client_options *options);
void h2_client_free(struct h2_client *client); /* closes the socket */

/* Free it but for the socket, which is returned. */
int h2_client_detach(struct h2_client *client);

/* Open a stream. Sent with the next flush or wait. */
int32_t h2_client_get(struct h2_client *client, const char *path);
int32_t h2_client_request(struct h2_client *client, const struct h2_client_field *fields,
    size_t n_fields, const void *body, size_t body_len); /* body NULL: END_STREAM at once */

/* HEADERS without END_STREAM: the body is the test's business. */
int32_t h2_client_begin_request(
    struct h2_client *client, const struct h2_client_field *fields, size_t n_fields);

/* HEADERS of a POST without its end: the body never comes. */
int32_t h2_client_begin_post(struct h2_client *client, const char *path, const char *length);

void h2_client_reset(struct h2_client *client, int32_t id, uint32_t code);
void h2_client_goaway(struct h2_client *client, uint32_t code);

/* Let the server send `len` more bytes of this stream (0: of the connection). */
void h2_client_open(struct h2_client *client, int32_t id, uint32_t len);

/* Send what is queued. False: the connection is gone. */
bool h2_client_flush(struct h2_client *client);

/* Any frame, as it is, past nghttp2. False: the connection is gone. */
bool h2_client_frame(struct h2_client *client, uint8_t type, uint8_t flags, int32_t id,
    const void *payload, size_t len);

/* Read until ... */
const struct h2_client_answer *h2_client_wait(struct h2_client *client, int32_t id); /* closed */
void h2_client_wait_body(struct h2_client *client, int32_t id, size_t len); /* has so much */
void h2_client_wait_answer(struct h2_client *client, int32_t id); /* is_ended, or is_closed */
void h2_client_wait_status(struct h2_client *client, int32_t id, int status);
bool h2_client_wait_end(struct h2_client *client); /* false: it did not end in time */

/* Read what is there or comes within the time. False: the connection has ended. */
bool h2_client_read(struct h2_client *client, int timeout_ms);

/* The same, without a failure of the test: for threads. */
enum h2_client_event { H2_CLIENT_READ, H2_CLIENT_LATE, H2_CLIENT_ENDED };
enum h2_client_event h2_client_read_some(struct h2_client *client, int timeout_ms);

/* Whether its streams run out: then take another connection. */
bool h2_client_is_used_up(const struct h2_client *client);

const struct h2_client_answer *h2_client_answer(struct h2_client *client, int32_t id);
bool h2_client_has_goaway(const struct h2_client *client, uint32_t *ret_code, int32_t *ret_last);
int h2_client_fd(const struct h2_client *client);

#endif
