/* Header fields of a stream become a request that looks like one of HTTP/1: the fields in one text,
 * :authority as Host. nghttp2 has checked before what RFC 9113 says of fields and pseudo-header
 * fields: their order and number, lower case, no field of a connection. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/h2.h"
#include "http/target.h"

/* As in HTTP/1, a field counts with its ": " and CRLF. */
enum { FIELD_OVERHEAD = 4 };

static struct http_verdict out_of_memory(void)
{
    return HTTP_REFUSED(500, "out of memory");
}

/* The name of a method that llhttp knows; NULL: none. */
static const char *method_name(const char *text, size_t len)
{
    static const char *const METHODS[] = {
#define METHOD_NAME(number, name, string) #string,
        HTTP_METHOD_MAP(METHOD_NAME)
#undef METHOD_NAME
    };
    for (size_t i = 0; i < LENGTH_OF(METHODS); i++) {
        if (strlen(METHODS[i]) == len && memcmp(METHODS[i], text, len) == 0) {
            return METHODS[i];
        }
    }
    return NULL;
}

/* Put text and a NUL behind what is there. */
static enum status append(
    struct http_request *request, const char *text, size_t len, struct http_range *ret_range)
{
    enum status status = buffer_reserve(&request->text, len + 1);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_range = (struct http_range){(uint32_t)request->text.len, (uint32_t)len};
    if (len > 0) {
        memcpy(request->text.data + request->text.len, text, len);
    }
    request->text.data[request->text.len + len] = '\0';
    request->text.len += len + 1;
    return STATUS_OK;
}

static struct http_verdict add_field(struct http_request *request, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
    if (request->n_fields == HTTP_HEADERS_MAX) {
        return HTTP_REFUSED(431, "too many header fields");
    }
    struct http_field *field = http_request_add_field(request);
    if (field == NULL || append(request, name, name_len, &field->name) != STATUS_OK ||
        append(request, value, value_len, &field->value) != STATUS_OK) {
        return out_of_memory();
    }
    return HTTP_ACCEPTED;
}

static struct http_verdict set_method(struct http_request *request, const char *value, size_t len)
{
    const char *method = method_name(value, len);
    if (method == NULL) {
        return HTTP_REFUSED(501, "a method that this server does not know");
    }
    request->method = method;
    request->is_head = strcmp(method, "HEAD") == 0;
    request->is_options = strcmp(method, "OPTIONS") == 0;
    if (strcmp(method, "CONNECT") == 0) {
        return HTTP_REFUSED(501, "CONNECT: this is no proxy");
    }
    return HTTP_ACCEPTED;
}

static bool is_named(const char *name, size_t name_len, const char *wanted)
{
    return strlen(wanted) == name_len && memcmp(name, wanted, name_len) == 0;
}

static struct http_verdict add_pseudo(
    struct h2_stream *stream, const char *name, size_t name_len, const char *value, size_t len)
{
    struct http_request *request = &stream->exchange->request;
    if (is_named(name, name_len, ":method")) {
        return set_method(request, value, len);
    }
    if (is_named(name, name_len, ":path")) {
        /* :method may stand behind it: looked at when the header is complete. */
        if (len > HTTP_TARGET_MAX) {
            return HTTP_REFUSED(414, "the request target is too long");
        }
        return append(request, value, len, &request->target) == STATUS_OK ? HTTP_ACCEPTED
                                                                          : out_of_memory();
    }
    if (is_named(name, name_len, ":authority")) {
        stream->has_authority = true;
        return add_field(request, "host", 4, value, len);
    }
    if (is_named(name, name_len, ":scheme")) {
        return is_named(value, len, "http") || is_named(value, len, "https")
                   ? HTTP_ACCEPTED
                   : HTTP_REFUSED(400, "a scheme other than http and https");
    }
    return HTTP_REFUSED(400, "a pseudo-header field that this server does not know");
}

/* A Host beside :authority has to say the same, and is left out then. */
static struct http_verdict add_host(
    struct http_request *request, const char *value, size_t value_len)
{
    const struct http_field *host = &request->fields[0];
    while (strcmp(http_request_text(request, host->name.offset), "host") != 0) {
        host++; /* it is there: has_authority */
    }
    return host->value.len == value_len &&
                   strncasecmp(http_request_text(request, host->value.offset), value, value_len) ==
                       0
               ? HTTP_ACCEPTED
               : HTTP_REFUSED(400, "Host and :authority differ");
}

bool h2_request_add(
    struct h2_stream *stream, const char *name, size_t name_len, const char *value, size_t len)
{
    if (stream->verdict.status_code != 0) {
        return ++stream->n_ignored <= H2_IGNORED_MAX;
    }
    struct http_request *request = &stream->exchange->request;
    stream->header_len += name_len + len + FIELD_OVERHEAD;
    if (stream->header_len > stream->session->connection->loop->server->limits.header_max) {
        stream->verdict = HTTP_REFUSED(431, "the header is too long");
    } else if (name_len > 0 && name[0] == ':') {
        stream->verdict = add_pseudo(stream, name, name_len, value, len);
    } else if (stream->has_authority && is_named(name, name_len, "host")) {
        stream->verdict = add_host(request, value, len);
    } else {
        stream->verdict = add_field(request, name, name_len, value, len);
    }
    return true;
}

static struct http_verdict check_length(const struct h2_stream *stream)
{
    const char *length = http_request_field(&stream->exchange->request, "content-length");
    size_t body_max = stream->exchange->request.body.len_max;
    return length != NULL && strtoull(length, NULL, 10) > body_max ? HTTP_BODY_TOO_LONG
                                                                   : HTTP_ACCEPTED;
}

struct http_verdict h2_request_complete(struct h2_stream *stream)
{
    struct http_request *request = &stream->exchange->request;
    if (stream->verdict.status_code != 0) {
        return stream->verdict;
    }
    http_request_terminate(request);
    if (http_request_field(request, "host") == NULL) {
        return HTTP_REFUSED(400, "a request with neither :authority nor Host");
    }
    const char *target = http_request_text(request, request->target.offset);
    if (target[0] != '/' && !(request->is_options && strcmp(target, "*") == 0)) {
        return HTTP_REFUSED(400, "the target is not a path");
    }
    struct http_verdict verdict = http_check_fields(request);
    if (verdict.status_code == 0) {
        verdict = http_target_parse(request);
    }
    if (verdict.status_code == 0) {
        verdict = http_request_join(request);
    }
    if (verdict.status_code != 0) {
        return verdict;
    }
    http_limits_choose(&stream->session->connection->loop->server->limits, request);
    return check_length(stream);
}
