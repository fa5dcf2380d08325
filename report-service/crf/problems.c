#include "crf/problems.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/temp_file.h"
#include "base/utf8.h"

enum { PIECE_MAX = 64 << 10 };

struct problems {
    int fd;
    uint64_t count;
    uint64_t file_len; /* bytes in the file; `piece` follows them while problems are added */
    uint64_t read_at;  /* place of the byte after `piece` while they are read */
    size_t piece_len;
    size_t piece_at; /* bytes of `piece` that were read */
    uint8_t *opened; /* a bit a problem; NULL: none noted */
    uint8_t piece[PIECE_MAX];
};

enum status problems_open(
    const char *folder, struct problems **ret_problems, struct error *ret_error)
{
    struct problems *problems = calloc(1, sizeof(*problems));
    if (problems == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    problems->fd = temp_file_open(folder, "walkie-problems");
    if (problems->fd < 0) {
        enum status status =
            error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s", folder, strerror(errno));
        free(problems);
        return status;
    }
    *ret_problems = problems;
    return STATUS_OK;
}

void problems_free(struct problems *problems)
{
    if (problems != NULL) {
        close(problems->fd);
        free(problems->opened);
        free(problems);
    }
}

static enum status fail(struct error *ret_error)
{
    int code = errno;
    return error_set(ret_error, STATUS_UNAVAILABLE, "the file of problems: %s", strerror(code));
}

static enum status flush(struct problems *problems, struct error *ret_error)
{
    size_t done = 0;
    while (done < problems->piece_len) {
        ssize_t n = pwrite(problems->fd, problems->piece + done, problems->piece_len - done,
            (off_t)(problems->file_len + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return fail(ret_error);
        }
        done += (size_t)n;
    }
    problems->file_len += done;
    problems->piece_len = 0;
    return STATUS_OK;
}

enum status problems_add(struct problems *problems, struct crf_problem *problem, const char *value,
    struct error *ret_error)
{
    if (problems->count >= PROBLEMS_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "more than %d problems: is a check wrong? Validate site by site, or deactivate it",
            PROBLEMS_MAX);
    }
    size_t len = value == NULL ? 0 : utf8_fitting_len(value, PROBLEM_VALUE_MAX - 1);
    problem->number = problems->count;
    problem->value_size = value == NULL ? 0 : (uint32_t)len + 1;
    if (problems->piece_len + sizeof(*problem) + problem->value_size > PIECE_MAX) {
        enum status status = flush(problems, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    memcpy(problems->piece + problems->piece_len, problem, sizeof(*problem));
    problems->piece_len += sizeof(*problem);
    if (value != NULL) {
        memcpy(problems->piece + problems->piece_len, value, len);
        problems->piece[problems->piece_len + len] = '\0';
        problems->piece_len += len + 1;
    }
    problems->count++;
    return STATUS_OK;
}

void problems_clear(struct problems *problems)
{
    free(problems->opened);
    problems->opened = NULL;
    problems->count = problems->file_len = problems->read_at = 0;
    problems->piece_len = problems->piece_at = 0;
}

uint64_t problems_count(const struct problems *problems)
{
    return problems->count;
}

uint64_t problems_end(const struct problems *problems)
{
    return problems->file_len + problems->piece_len;
}

enum status problems_seek(struct problems *problems, uint64_t place, struct error *ret_error)
{
    if (problems->read_at == 0) { /* the first reading: what was added is all there */
        enum status status = flush(problems, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    } else if (place <= problems->read_at && problems->read_at - place <= problems->piece_len) {
        problems->piece_at = problems->piece_len - (size_t)(problems->read_at - place);
        return STATUS_OK;
    }
    problems->read_at = place;
    problems->piece_len = problems->piece_at = 0;
    return STATUS_OK;
}

/* Have `size` bytes in the piece. */
static enum status fill(struct problems *problems, size_t size, struct error *ret_error)
{
    size_t left = problems->piece_len - problems->piece_at;
    if (left >= size) {
        return STATUS_OK;
    }
    memmove(problems->piece, problems->piece + problems->piece_at, left);
    problems->piece_len = left;
    problems->piece_at = 0;
    while (problems->piece_len < size) {
        ssize_t n = pread(problems->fd, problems->piece + problems->piece_len,
            PIECE_MAX - problems->piece_len, (off_t)problems->read_at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return fail(ret_error);
        }
        problems->piece_len += (size_t)n;
        problems->read_at += (uint64_t)n;
    }
    return STATUS_OK;
}

enum status problems_next(struct problems *problems, struct crf_problem *ret_problem,
    char ret_value[PROBLEM_VALUE_MAX], struct error *ret_error)
{
    struct crf_problem problem;
    enum status status = fill(problems, sizeof(problem), ret_error);
    if (status == STATUS_OK) {
        memcpy(&problem, problems->piece + problems->piece_at, sizeof(problem));
        problems->piece_at += sizeof(problem);
        status = fill(problems, problem.value_size, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(ret_value, problems->piece + problems->piece_at, problem.value_size);
    problems->piece_at += problem.value_size;
    *ret_problem = problem;
    return STATUS_OK;
}

enum status problems_note_opened(struct problems *problems, uint64_t number)
{
    if (problems->opened == NULL) {
        problems->opened = calloc((size_t)(problems->count / 8 + 1), 1);
    }
    if (problems->opened == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    problems->opened[number / 8] |= (uint8_t)(1U << number % 8);
    return STATUS_OK;
}

bool problems_is_opened(const struct problems *problems, uint64_t number)
{
    return problems->opened != NULL && (problems->opened[number / 8] >> number % 8 & 1U) != 0;
}
