/* The happy path: records gather in one buffer; when it is full they are sorted and written as a
 * run; at the end the runs and the buffer are merged, each run read through a small window. */
#include "import/sorter_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INDEX_MIN = 4096, PATH_LEN_MAX = 1024 };

struct sorter *sorter_new(size_t memory_max)
{
    struct sorter *sorter = calloc(1, sizeof(*sorter));
    if (sorter == NULL) {
        return NULL;
    }
    sorter->file = -1;
    sorter->memory_max = memory_max > SORTER_MEMORY_MIN ? memory_max : SORTER_MEMORY_MIN;
    return sorter;
}

void sorter_free(struct sorter *sorter)
{
    if (sorter == NULL) {
        return;
    }
    if (sorter->file >= 0) {
        close(sorter->file);
    }
    free(sorter->runs);
    free(sorter->windows);
    free(sorter->heap);
    free(sorter->index);
    free(sorter->buffer);
    free(sorter);
}

uint64_t sorter_count(const struct sorter *sorter)
{
    return sorter->n_records;
}

enum status sorter_fail_memory(struct error *ret_error)
{
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

enum status sorter_fail_file(const char *what, struct error *ret_error)
{
    return error_set(ret_error, STATUS_UNAVAILABLE,
        "the temporary file for sorting cannot be %s: %s (TMPDIR names its folder)", what,
        strerror(errno));
}

/* By key, then by place: what was added earlier comes first. */
static int compare_places(const void *left, const void *right)
{
    const struct sorter_place *a = left;
    const struct sorter_place *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return a->offset < b->offset ? -1 : (a->offset > b->offset ? 1 : 0);
}

/* A file is mostly in order already, and then there is nothing to do. */
void sorter_sort_index(struct sorter *sorter)
{
    for (size_t i = 1; i < sorter->n_index; i++) {
        if (sorter->index[i - 1].key > sorter->index[i].key) {
            qsort(sorter->index, sorter->n_index, sizeof(*sorter->index), compare_places);
            return;
        }
    }
}

struct sorter_head sorter_head_at(const struct sorter *sorter, size_t place)
{
    struct sorter_head head;
    memcpy(&head, sorter->buffer + sorter->index[place].offset, sizeof(head));
    return head;
}

static enum status open_file(struct sorter *sorter, struct error *ret_error)
{
    char path[PATH_LEN_MAX];
    const char *folder = getenv("TMPDIR");
    int len = snprintf(path, sizeof(path), "%s/walkie-data-XXXXXX",
        folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    errno = ENAMETOOLONG;
    if (len < 0 || (size_t)len >= sizeof(path) || (sorter->file = mkstemp(path)) < 0) {
        return sorter_fail_file("made", ret_error);
    }
    unlink(path);
    return STATUS_OK;
}

static enum status write_all(
    struct sorter *sorter, const char *data, size_t len, struct error *ret_error)
{
    while (len > 0) {
        ssize_t written = pwrite(sorter->file, data, len, sorter->file_len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return sorter_fail_file("written", ret_error);
        }
        data += written;
        len -= (size_t)written;
        sorter->file_len += written;
    }
    return STATUS_OK;
}

/* The buffer's records, sorted, as one more run at the end of the file. */
enum status sorter_spill(struct sorter *sorter, struct error *ret_error)
{
    if (sorter->n_runs == SORTER_RUNS_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "more than %d pieces to sort: give the import a smaller file", SORTER_RUNS_MAX);
    }
    struct sorter_run *runs = realloc(sorter->runs, (sorter->n_runs + 1) * sizeof(*runs));
    char *piece =
        runs == NULL
            ? NULL
            : malloc(SORTER_WINDOW_LEN + sizeof(struct sorter_head) + SORTER_RECORD_LEN_MAX);
    sorter->runs = runs != NULL ? runs : sorter->runs;
    if (piece == NULL) {
        return sorter_fail_memory(ret_error);
    }
    sorter_sort_index(sorter);
    enum status status = sorter->file < 0 ? open_file(sorter, ret_error) : STATUS_OK;
    off_t begin = sorter->file_len;
    size_t piece_len = 0;
    size_t len_max = SORTER_WINDOW_LEN;
    for (size_t i = 0; status == STATUS_OK && i < sorter->n_index; i++) {
        size_t len = sizeof(struct sorter_head) + sorter_head_at(sorter, i).len;
        memcpy(piece + piece_len, sorter->buffer + sorter->index[i].offset, len);
        piece_len += len;
        len_max = len > len_max ? len : len_max;
        if (piece_len >= SORTER_WINDOW_LEN || i + 1 == sorter->n_index) {
            status = write_all(sorter, piece, piece_len, ret_error);
            piece_len = 0;
        }
    }
    free(piece);
    sorter->runs[sorter->n_runs++] =
        (struct sorter_run){.next = begin, .end = sorter->file_len, .window_len = len_max};
    sorter->n_index = 0;
    sorter->used = 0;
    return status;
}

/* Room for `len` more bytes and one more record. */
static enum status make_room(struct sorter *sorter, size_t len, struct error *ret_error)
{
    if (sorter->n_index == sorter->n_index_max) {
        size_t n_index_max = sorter->n_index_max == 0 ? INDEX_MIN : sorter->n_index_max * 2;
        struct sorter_place *index = realloc(sorter->index, n_index_max * sizeof(*index));
        if (index == NULL) {
            return sorter_fail_memory(ret_error);
        }
        sorter->index = index;
        sorter->n_index_max = n_index_max;
    }
    while (sorter->buffer_len - sorter->used < len) {
        size_t buffer_len = sorter->buffer_len == 0 ? SORTER_MEMORY_MIN : sorter->buffer_len * 2;
        char *buffer = realloc(sorter->buffer, buffer_len);
        if (buffer == NULL) {
            return sorter_fail_memory(ret_error);
        }
        sorter->buffer = buffer;
        sorter->buffer_len = buffer_len;
    }
    return STATUS_OK;
}

enum status sorter_add(
    struct sorter *sorter, int64_t key, const void *data, size_t len, struct error *ret_error)
{
    assert(!sorter->is_merging);
    if (len > SORTER_RECORD_LEN_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "a record of more than %d bytes",
            SORTER_RECORD_LEN_MAX);
    }
    struct sorter_head head = {.key = key, .len = (uint32_t)len};
    size_t needed = sizeof(head) + len;
    enum status status = STATUS_OK;
    if (sorter->used + needed + sorter->n_index * sizeof(*sorter->index) > sorter->memory_max &&
        sorter->n_index > 0) {
        status = sorter_spill(sorter, ret_error);
    }
    if (status == STATUS_OK) {
        status = make_room(sorter, needed, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    sorter->index[sorter->n_index++] = (struct sorter_place){key, sorter->used};
    memcpy(sorter->buffer + sorter->used, &head, sizeof(head));
    if (len > 0) {
        memcpy(sorter->buffer + sorter->used + sizeof(head), data, len);
    }
    sorter->used += needed;
    sorter->n_records++;
    return STATUS_OK;
}
