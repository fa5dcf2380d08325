/* A whole connection, with arbitrary bytes for a client: no crash, no leak, and every request that
 * a handler saw ends exactly once.
 *
 * The input is a list of steps: a length and as many bytes that the client sends; a length of 0xf0
 * and above is an act of the server's side (http_pipe.h), or reading what it sent. The first byte
 * says whether the preface and SETTINGS come by themselves. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "support/http_pipe.h"

enum { INPUT_MAX = 16384, FIRST_ACT = 0xf0, READ_MAX = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void read_all(struct http_pipe *pipe)
{
    static uint8_t answer[READ_MAX];
    while (http_pipe_take(pipe, answer, sizeof(answer)) > 0) {
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char BEGINNING[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    if (len == 0 || len > INPUT_MAX) {
        return 0;
    }
    struct http_pipe *pipe = http_pipe_open();
    if (pipe == NULL) {
        abort();
    }
    if (data[0] & 1) {
        (void)http_pipe_send(pipe, BEGINNING, sizeof(BEGINNING) - 1);
    }
    for (size_t at = 1; at < len;) {
        uint8_t step = data[at++];
        if (step >= FIRST_ACT + HTTP_PIPE_ACTS) {
            read_all(pipe);
        } else if (step >= FIRST_ACT) {
            http_pipe_act(pipe, (enum http_pipe_act)(step - FIRST_ACT));
        } else {
            size_t n = step < len - at ? step : len - at;
            (void)http_pipe_send(pipe, data + at, n);
            at += n;
        }
    }
    read_all(pipe);
    http_pipe_close(pipe);
    return 0;
}
