/* nng's listeners and dialers are both who waits for the one stream that is offered. */
#include "fake_endpoint.h"

#include <stdlib.h>

int nng_stream_listener_alloc(nng_stream_listener **ret_listener, const char *url)
{
    (void)url;
    *ret_listener = (void *)fake_endpoint_new();
    return 0;
}

int nng_stream_listener_listen(nng_stream_listener *listener)
{
    (void)listener;
    return 0;
}

void nng_stream_listener_accept(nng_stream_listener *listener, nng_aio *aio)
{
    fake_endpoint_wait((struct fake_endpoint *)(void *)listener, aio);
}

void nng_stream_listener_close(nng_stream_listener *listener)
{
    fake_endpoint_close((struct fake_endpoint *)(void *)listener);
}

void nng_stream_listener_free(nng_stream_listener *listener)
{
    free(listener);
}

int nng_stream_dialer_alloc(nng_stream_dialer **ret_dialer, const char *url)
{
    (void)url;
    *ret_dialer = (void *)fake_endpoint_new();
    return 0;
}

void nng_stream_dialer_dial(nng_stream_dialer *dialer, nng_aio *aio)
{
    fake_endpoint_wait((struct fake_endpoint *)(void *)dialer, aio);
}

void nng_stream_dialer_close(nng_stream_dialer *dialer)
{
    fake_endpoint_close((struct fake_endpoint *)(void *)dialer);
}

void nng_stream_dialer_free(nng_stream_dialer *dialer)
{
    free(dialer);
}
