/* What sorter.c (adding, runs) and sorter_merge.c (reading them back) share. */
#ifndef WALKIE_IMPORT_SORTER_INTERNAL_H
#define WALKIE_IMPORT_SORTER_INTERNAL_H

#include <sys/types.h>

#include "import/sorter.h"

enum {
    SORTER_WINDOW_LEN = 64 * 1024, /* of a run that is read */
};

struct sorter_head {
    int64_t key;
    uint32_t len;
};

/* Where a record is in the buffer. */
struct sorter_place {
    int64_t key;
    size_t offset;
};

/* A sorted piece of the file while it is read. */
struct sorter_run {
    off_t next; /* of the file, not yet in the window */
    off_t end;
    size_t at; /* of the window */
    size_t filled;
    size_t window_len;       /* room for the longest record */
    char *window;            /* while merging */
    struct sorter_head head; /* the record that comes next */
    bool has_record;
};

struct sorter {
    char *buffer;
    size_t buffer_len;
    size_t memory_max;
    size_t used;
    struct sorter_place *index; /* of the buffer's records */
    size_t n_index;
    size_t n_index_max;
    uint64_t n_records;
    int file; /* -1: nothing was written */
    off_t file_len;
    struct sorter_run *runs;
    size_t n_runs;
    char *windows; /* of all runs */
    size_t served; /* of the index, while merging */
    size_t *heap;  /* runs that still have records, the least one first */
    size_t n_heap;
    bool is_merging;
};

/* sorter.c, for the merge. */
struct sorter_head sorter_head_at(const struct sorter *sorter, size_t place);
void sorter_sort_index(struct sorter *sorter);
MUST_USE enum status sorter_spill(struct sorter *sorter, struct error *ret_error);
enum status sorter_fail_memory(struct error *ret_error);
enum status sorter_fail_file(const char *what, struct error *ret_error);

#endif
