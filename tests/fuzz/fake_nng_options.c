/* What is asked of fake streams and listeners, and told to them: they have nothing to say. */
#include <nng/nng.h>
#include <string.h>

int nng_stream_get_addr(nng_stream *stream, const char *name, nng_sockaddr *ret_address)
{
    (void)stream, (void)name;
    memset(ret_address, 0, sizeof(*ret_address));
    ret_address->s_in.sa_family = NNG_AF_INET;
    return 0;
}

int nng_stream_get_bool(nng_stream *stream, const char *name, bool *ret_value)
{
    (void)stream, (void)name, (void)ret_value;
    return NNG_ENOTSUP;
}

int nng_stream_get_uint64(nng_stream *stream, const char *name, uint64_t *ret_value)
{
    (void)stream, (void)name, (void)ret_value;
    return NNG_ENOTSUP;
}

int nng_stream_set_bool(nng_stream *stream, const char *name, bool value)
{
    (void)stream, (void)name, (void)value;
    return 0;
}

int nng_stream_listener_get_int(nng_stream_listener *listener, const char *name, int *ret_value)
{
    (void)listener, (void)name;
    *ret_value = 1;
    return 0;
}

int nng_stream_listener_set_int(nng_stream_listener *listener, const char *name, int value)
{
    (void)listener, (void)name, (void)value;
    return 0;
}
