/* The storm over HTTP/2: streams are reset, connections are lost with many streams on them. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#include "integration/http_storm.h"
#include "support/h2_client.h"

enum { STREAMS = 8 };

static struct h2_client *connect_client(struct storm *storm)
{
    int fd = storm_connect(storm);
    return fd < 0 ? NULL : h2_client_new(fd, NULL);
}

/* Read until the stream is over. Returns whether the connection can be used again. */
static bool read_answer(struct storm *storm, struct h2_client *client, int32_t id)
{
    const struct h2_client_answer *answer = h2_client_answer(client, id);
    while (!answer->is_closed) {
        switch (h2_client_read_some(client, STORM_WAIT_MS)) {
        case H2_CLIENT_READ:
            break;
        case H2_CLIENT_LATE:
            storm_hung(storm);
            return false;
        case H2_CLIENT_ENDED:
            return false;
        }
    }
    return true;
}

static void leave(struct h2_client *client, unsigned int *seed)
{
    int fd = h2_client_fd(client);
    switch (rand_r(seed) % 5) {
    case 0: {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        break;
    }
    case 1:
        shutdown(fd, SHUT_WR);
        break;
    case 2: /* in the middle of a frame */
        (void)!send(fd, "\0\0\40\1", 4, MSG_NOSIGNAL);
        break;
    case 3:
        h2_client_goaway(client, NGHTTP2_NO_ERROR);
        (void)h2_client_flush(client);
        break;
    default:
        break;
    }
    h2_client_free(client);
}

/* Ask for several things at once, reset some of them, wait for the others or leave. Returns false
 * when the connection is gone. */
static bool go_round(
    struct storm *storm, struct h2_client *client, unsigned int *seed, unsigned int n_streams)
{
    int32_t ids[STREAMS];
    for (unsigned int i = 0; i < n_streams; i++) {
        ids[i] = h2_client_get(client, "/park");
    }
    (void)h2_client_flush(client);
    storm_dawdle(seed);
    if (rand_r(seed) % 8 == 0) {
        leave(client, seed);
        return false;
    }
    unsigned int first = (unsigned int)rand_r(seed) % (n_streams + 1);
    for (unsigned int i = first; i < n_streams; i++) {
        h2_client_reset(client, ids[i], NGHTTP2_CANCEL);
    }
    for (unsigned int i = 0; i < first; i++) {
        if (!read_answer(storm, client, ids[i])) {
            h2_client_free(client);
            return false;
        }
    }
    if (!h2_client_flush(client) || h2_client_is_used_up(client)) {
        h2_client_free(client);
        return false;
    }
    return true;
}

static void *be_client(void *arg)
{
    struct storm *storm = arg;
    unsigned int seed = (unsigned int)(uintptr_t)&seed;
    struct h2_client *client = NULL;
    while (storm_next(storm)) {
        unsigned int wanted = (unsigned int)rand_r(&seed) % STREAMS;
        unsigned int n_streams = 1;
        while (n_streams <= wanted && storm_next(storm)) {
            n_streams++;
        }
        client = client != NULL ? client : connect_client(storm);
        if (client != NULL && !go_round(storm, client, &seed, n_streams)) {
            client = NULL;
        }
    }
    h2_client_free(client);
    return NULL;
}

static void every_parked_stream_ends_exactly_once(void **state)
{
    (void)state;
    storm_run(storm_len(), 1, false, be_client);
}

static void the_same_holds_with_two_loops(void **state)
{
    (void)state;
    storm_run(storm_len() / 2, 2, false, be_client);
}

static void a_server_may_stop_while_its_streams_are_being_answered(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        storm_run(400, 2, true, be_client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parked_stream_ends_exactly_once),
        cmocka_unit_test(the_same_holds_with_two_loops),
        cmocka_unit_test(a_server_may_stop_while_its_streams_are_being_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
