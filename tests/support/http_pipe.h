/* A server's connection without a server's threads: the test is the loop. For fuzzing, and for
 * running out of memory at every allocation in turn.
 *
 *     struct http_pipe *pipe = http_pipe_open();
 *     http_pipe_send(pipe, bytes, len);             read, handled, answered
 *     len = http_pipe_take(pipe, answer, sizeof(answer));
 *     http_pipe_close(pipe);                        every request has ended exactly once, or abort
 *
 * Paths: "/p..." is parked until http_pipe_act answers it; "/s..." begins to stream; everything
 * else is answered with its body. One thread. */
#ifndef WALKIE_TESTS_HTTP_PIPE_H
#define WALKIE_TESTS_HTTP_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_pipe;

/* NULL: out of memory. */
struct http_pipe *http_pipe_open(void);
void http_pipe_close(struct http_pipe *pipe);

/* The client sends. False: the connection is closed. */
bool http_pipe_send(struct http_pipe *pipe, const void *data, size_t len);

/* What the client has been sent; 0: nothing. */
size_t http_pipe_take(struct http_pipe *pipe, uint8_t *data, size_t len_max);

enum http_pipe_act {
    HTTP_PIPE_ANSWER, /* the oldest parked request */
    HTTP_PIPE_PIECE,  /* of it, begun first where it has not */
    HTTP_PIPE_END,
    HTTP_PIPE_ABORT,
    HTTP_PIPE_DROP,
    HTTP_PIPE_TIME, /* passes, more than any timeout */
    HTTP_PIPE_DRAIN,
    HTTP_PIPE_FIN, /* the client half-closes */
    HTTP_PIPE_ACTS,
};
void http_pipe_act(struct http_pipe *pipe, enum http_pipe_act act);

#endif
