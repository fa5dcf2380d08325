/* What client.c (the client, its handles, the answer) and client_call.c (one call) share. libcurl's
 * header goes no further than here.
 *
 * A call has two handles of libcurl for itself: the transfer (easy) and the loop that drives it
 * (multi), which also keeps the connection for the next call. Idle pairs wait in the client. */
#ifndef WALKIE_HTTP_CLIENT_INTERNAL_H
#define WALKIE_HTTP_CLIENT_INTERNAL_H

#include <curl/curl.h>
#include <pthread.h>

#include "http/client.h"

struct http_client_handles {
    CURL *easy;
    CURLM *multi;
};

struct http_client {
    struct http_client_options options;
    pthread_mutex_t mutex; /* guards what follows; nothing is called while it is held */
    struct http_client_handles idle[HTTP_CLIENT_IDLE_MAX];
    size_t n_idle;
};

/* Handles to use and give back, reset. False: out of memory. */
MUST_USE bool http_client_take(struct http_client *client, struct http_client_handles *ret_handles);
void http_client_give(struct http_client *client, struct http_client_handles handles);

#endif
