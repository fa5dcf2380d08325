#include "call/body.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_LEN = 64 << 10 };

static enum status too_long(const struct buffer *json, const char *name, struct error *ret_error)
{
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "%s: a request has at most %zu bytes of JSON", name, json->len_max);
}

static enum status read_all(int fd, const char *name, struct buffer *json, struct error *ret_error)
{
    for (;;) {
        size_t room = json->len_max - json->len;
        size_t wanted =
            room < PIECE_LEN ? room + 1 : PIECE_LEN; /* one more shows that it is more */
        uint8_t piece[PIECE_LEN];
        ssize_t n = read(fd, piece, wanted);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: cannot be read: %s", name,
                strerror(errno));
        }
        if (n == 0) {
            return STATUS_OK;
        }
        if (buffer_append(json, piece, (size_t)n) != STATUS_OK) {
            return too_long(json, name, ret_error);
        }
    }
}

static enum status read_file(const char *path, struct buffer *json, struct error *ret_error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "%s: cannot be opened: %s", path, strerror(errno));
    }
    enum status status = read_all(fd, path, json, ret_error);
    close(fd);
    return status;
}

enum status body_read(const char *word, struct buffer *ret_json, struct error *ret_error)
{
    if (word == NULL) {
        return STATUS_OK;
    }
    if (strcmp(word, "-") == 0) {
        return read_all(STDIN_FILENO, "standard input", ret_json, ret_error);
    }
    if (word[0] == '@') {
        return read_file(word + 1, ret_json, ret_error);
    }
    return buffer_append_text(ret_json, word) == STATUS_OK
               ? STATUS_OK
               : too_long(ret_json, "the request", ret_error);
}
