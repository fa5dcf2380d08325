/* Reading the sorted runs back: each through a small window, the least record first. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "import/sorter_internal.h"

/* At least `len` bytes of the run in its window. */
static enum status fill(
    const struct sorter *sorter, struct sorter_run *run, size_t len, struct error *ret_error)
{
    if (run->filled - run->at >= len) {
        return STATUS_OK;
    }
    if (run->at > 0) {
        memmove(run->window, run->window + run->at, run->filled - run->at);
        run->filled -= run->at;
        run->at = 0;
    }
    while (run->filled < len) {
        off_t left = run->end - run->next;
        size_t size = run->window_len - run->filled;
        size = (off_t)size < left ? size : (size_t)left;
        ssize_t got = pread(sorter->file, run->window + run->filled, size, run->next);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            return sorter_fail_file("read", ret_error);
        }
        run->filled += (size_t)got;
        run->next += got;
    }
    return STATUS_OK;
}

/* Go to the run's next record: its head is read, its data is in the window. */
static enum status advance(
    const struct sorter *sorter, struct sorter_run *run, struct error *ret_error)
{
    run->has_record = false;
    if (run->next == run->end && run->at == run->filled) {
        return STATUS_OK;
    }
    enum status status = fill(sorter, run, sizeof(run->head), ret_error);
    if (status == STATUS_OK) {
        memcpy(&run->head, run->window + run->at, sizeof(run->head));
        status = fill(sorter, run, sizeof(run->head) + run->head.len, ret_error);
    }
    run->has_record = status == STATUS_OK;
    return status;
}

/* Earlier runs hold what was added earlier, so they go first among equals. */
static bool comes_before(const struct sorter *sorter, size_t one, size_t other)
{
    int64_t one_key = sorter->runs[one].head.key;
    int64_t other_key = sorter->runs[other].head.key;
    return one_key < other_key || (one_key == other_key && one < other);
}

static void sift_down(struct sorter *sorter, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < sorter->n_heap; child++) {
            least = comes_before(sorter, sorter->heap[child], sorter->heap[least]) ? child : least;
        }
        if (least == at) {
            return;
        }
        size_t run = sorter->heap[at];
        sorter->heap[at] = sorter->heap[least];
        sorter->heap[least] = run;
        at = least;
    }
}

static enum status begin_merge(struct sorter *sorter, struct error *ret_error)
{
    sorter->is_merging = true;
    enum status status = STATUS_OK;
    if (sorter->n_runs == 0) {
        sorter_sort_index(sorter);
        return STATUS_OK;
    }
    if (sorter->n_index > 0) {
        status = sorter_spill(sorter, ret_error);
    }
    free(sorter->buffer); /* the windows are all that a merge needs */
    sorter->buffer = NULL;
    sorter->buffer_len = 0;
    size_t windows_len = 0;
    for (size_t i = 0; i < sorter->n_runs; i++) {
        windows_len += sorter->runs[i].window_len;
    }
    assert(windows_len > 0); /* every run has a window */
    sorter->windows = malloc(windows_len);
    sorter->heap = calloc(sorter->n_runs, sizeof(*sorter->heap));
    if (sorter->heap == NULL || sorter->windows == NULL) {
        return sorter_fail_memory(ret_error);
    }
    windows_len = 0;
    for (size_t i = 0; status == STATUS_OK && i < sorter->n_runs; i++) {
        sorter->runs[i].window = sorter->windows + windows_len;
        windows_len += sorter->runs[i].window_len;
        status = advance(sorter, &sorter->runs[i], ret_error);
        sorter->heap[sorter->n_heap++] = i;
    }
    for (size_t i = sorter->n_heap / 2; status == STATUS_OK && i-- > 0;) {
        sift_down(sorter, i);
    }
    return status;
}

static enum status next_of_buffer(
    struct sorter *sorter, struct sorter_record *ret_record, bool *ret_has_record)
{
    *ret_has_record = sorter->served < sorter->n_index;
    if (*ret_has_record) {
        struct sorter_head head = sorter_head_at(sorter, sorter->served);
        size_t offset = sorter->index[sorter->served++].offset;
        *ret_record =
            (struct sorter_record){head.key, sorter->buffer + offset + sizeof(head), head.len};
    }
    return STATUS_OK;
}

/* The least run's record was given out by the call before: it is passed over now. */
static enum status next_of_runs(struct sorter *sorter, struct error *ret_error)
{
    struct sorter_run *run = &sorter->runs[sorter->heap[0]];
    run->at += sizeof(run->head) + run->head.len;
    enum status status = advance(sorter, run, ret_error);
    if (status == STATUS_OK && !run->has_record) {
        sorter->heap[0] = sorter->heap[--sorter->n_heap];
    }
    if (status == STATUS_OK && sorter->n_heap > 0) {
        sift_down(sorter, 0);
    }
    return status;
}

enum status sorter_next(struct sorter *sorter, struct sorter_record *ret_record,
    bool *ret_has_record, struct error *ret_error)
{
    enum status status = STATUS_OK;
    bool is_first = !sorter->is_merging;
    if (is_first) {
        status = begin_merge(sorter, ret_error);
    }
    if (status == STATUS_OK && sorter->n_runs == 0) {
        return next_of_buffer(sorter, ret_record, ret_has_record);
    }
    if (status == STATUS_OK && !is_first && sorter->n_heap > 0) {
        status = next_of_runs(sorter, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    *ret_has_record = sorter->n_heap > 0;
    if (*ret_has_record) {
        const struct sorter_run *run = &sorter->runs[sorter->heap[0]];
        *ret_record = (struct sorter_record){
            run->head.key, run->window + run->at + sizeof(run->head), run->head.len};
    }
    return STATUS_OK;
}
