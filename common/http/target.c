#include "http/target.h"

#include <string.h>
#include <strings.h>

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int http_hex_pair(const char *text)
{
    int high = hex_digit(text[0]);
    if (high < 0) {
        return -1;
    }
    int low = hex_digit(text[1]);
    return low < 0 ? -1 : high * 16 + low;
}

/* Length of the sequence that starts here, 0 when it is malformed. */
static size_t utf8_sequence(const uint8_t *text, size_t len)
{
    if (text[0] < 0x80) {
        return 1;
    }
    size_t need = 0;
    uint8_t low = 0x80; /* bounds of the second byte: no overlong forms, no surrogates */
    uint8_t high = 0xbf;
    if (text[0] >= 0xc2 && text[0] <= 0xdf) {
        need = 2;
    } else if (text[0] >= 0xe0 && text[0] <= 0xef) {
        need = 3;
        low = text[0] == 0xe0 ? 0xa0 : low;
        high = text[0] == 0xed ? 0x9f : high;
    } else if (text[0] >= 0xf0 && text[0] <= 0xf4) {
        need = 4;
        low = text[0] == 0xf0 ? 0x90 : low;
        high = text[0] == 0xf4 ? 0x8f : high;
    }
    if (need == 0 || need > len || text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < need; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return need;
}

bool http_is_utf8(const uint8_t *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t sequence = utf8_sequence(text + at, len - at);
        if (sequence == 0) {
            return false;
        }
        at += sequence;
    }
    return true;
}

/* Decode a NUL-terminated path into `out`, which has room for it. */
static struct http_verdict decode_path(const char *raw, char *out, size_t *ret_len)
{
    size_t len = 0;
    for (const char *at = raw; *at != '\0'; at++) {
        int byte = (unsigned char)*at;
        if (*at == '%') {
            byte = http_hex_pair(at + 1);
            if (byte < 0) {
                return HTTP_REFUSED(400, "malformed percent-encoding in the path");
            }
            if (byte == '/' || byte < 0x20 || byte == 0x7f) {
                return HTTP_REFUSED(400, "an encoded slash or control character in the path");
            }
            at += 2;
        }
        if (byte == '\\') {
            return HTTP_REFUSED(400, "a backslash in the path"); /* a slash, to some */
        }
        out[len++] = (char)byte;
    }
    out[len] = '\0';
    *ret_len = len;
    return HTTP_ACCEPTED;
}

static bool has_dot_segment(const char *path)
{
    for (const char *slash = path; slash != NULL; slash = strchr(slash + 1, '/')) {
        const char *segment = slash + 1;
        size_t dots = segment[0] != '.' ? 0 : segment[1] != '.' ? 1 : 2;
        if ((dots == 1 || dots == 2) && (segment[dots] == '/' || segment[dots] == '\0')) {
            return true;
        }
    }
    return false;
}

/* RFC 9110 7.2: the Host field of such a request is the target's authority. Who looks at the one
 * must not see another site than who looks at the other. */
static bool is_host(const struct http_request *request, const char *authority, size_t len)
{
    const char *host = http_request_field(request, "Host");
    return host == NULL || (strlen(host) == len && strncasecmp(host, authority, len) == 0);
}

/* Past "http://authority" of an absolute target; NULL when it is malformed. */
static const char *skip_authority(const struct http_request *request, const char *target)
{
    size_t scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                    : strncasecmp(target, "https://", 8) == 0 ? 8
                                                              : 0;
    if (scheme == 0) {
        return NULL;
    }
    size_t len = strcspn(target + scheme, "/?");
    bool is_ours =
        http_is_authority(target + scheme, len) && is_host(request, target + scheme, len);
    return is_ours ? target + scheme + len : NULL;
}

/* Put the decoded form of `raw`, which lies in the request's text, behind that text. */
static struct http_verdict append_path(struct http_request *request, uint32_t raw)
{
    size_t room = strlen(http_request_text(request, raw)) + 2;
    if (buffer_reserve(&request->text, room) != STATUS_OK) {
        return HTTP_REFUSED(500, "out of memory");
    }
    request->path = (uint32_t)request->text.len;
    char *path = http_request_text(request, request->path);
    size_t len = 0;
    struct http_verdict verdict = decode_path(http_request_text(request, raw), path, &len);
    if (verdict.status_code != 0) {
        return verdict;
    }
    if (len == 0) {
        memcpy(path, "/", 2); /* "http://host?query" */
        len = 1;
    }
    if (!http_is_utf8((const uint8_t *)path, len)) {
        return HTTP_REFUSED(400, "the path is not UTF-8");
    }
    if (has_dot_segment(path)) {
        return HTTP_REFUSED(400, "a dot segment in the path");
    }
    request->text.len += len + 1;
    return HTTP_ACCEPTED;
}

struct http_verdict http_target_parse(struct http_request *request)
{
    char *target = http_request_text(request, request->target.offset);
    target[request->target.len] = '\0';
    for (uint32_t i = 0; i < request->target.len; i++) {
        unsigned char byte = (unsigned char)target[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '#') {
            return HTTP_REFUSED(400, "a character in the target that must be percent-encoded");
        }
    }
    if (strcmp(target, "*") == 0 && request->is_options) {
        request->path = request->target.offset;
        request->query = request->target.offset + 1;
        return HTTP_ACCEPTED;
    }
    const char *path = target[0] == '/' ? target : skip_authority(request, target);
    if (path == NULL) {
        return HTTP_REFUSED(
            400, "the target is neither a path nor an http URL of the Host that is named");
    }
    char *question = strchr(path, '?');
    request->query = request->target.offset + request->target.len; /* its NUL */
    if (question != NULL) {
        *question = '\0';
        request->query = (uint32_t)(question + 1 - (char *)request->text.data);
    }
    return append_path(request, (uint32_t)(path - (char *)request->text.data));
}
