/* What is known of an operation: a row of the store, and what clients are told.
 *
 *     struct operation_record record;
 *     status = operation_record_init(&record, owner, path);      a new id, running
 *
 * The four states are four different things: it runs; its result is there; it failed, also because
 * its time was over; somebody cancelled it. Not here: where records are kept (store.h), how they
 * look as JSON (api/operation_json.h). */
#ifndef WALKIE_GATEWAY_OPERATIONS_RECORD_H
#define WALKIE_GATEWAY_OPERATIONS_RECORD_H

#include "base/error.h"
#include "obs/trace.h"
#include "operations/progress.h"

enum {
    OPERATION_ID_LEN = 32, /* hex digits: 128 random bits */
    OPERATION_ID_MAX = OPERATION_ID_LEN + 1,
    OPERATION_OWNER_MAX = 160, /* bytes of a principal, with the NUL */
    OPERATION_PATH_MAX = 1024, /* of path and query; longer ones are cut */
    OPERATION_PROBLEM_MAX = 2048,
    OPERATION_OUTCOME_MAX = 16,
    OPERATION_TYPE_MAX = 128,
    OPERATION_FILENAME_MAX = 256,
    OPERATION_SHA256_MAX = 65,
};

enum operation_state {
    OPERATION_RUNNING,
    OPERATION_DONE,
    OPERATION_FAILED,
    OPERATION_CANCELLED,
};

struct operation_record {
    char id[OPERATION_ID_MAX];
    char owner[OPERATION_OWNER_MAX];
    char gateway[OPERATION_ID_MAX]; /* which process runs it, or ran it */
    enum operation_state state;
    bool is_cancelling;  /* somebody wants it cancelled; it runs still */
    bool is_removed;     /* its result is not kept any more */
    int64_t created_ms;  /* since 1970 UTC, like the others */
    int64_t finished_ms; /* 0: it runs */
    int64_t expires_ms;  /* 0: it runs */
    int64_t deadline_ms; /* 0: none */
    char path[OPERATION_PATH_MAX];
    char trace_id[TRACE_ID_TEXT_MAX];
    struct progress progress;
    char outcome[OPERATION_OUTCOME_MAX]; /* what became of the work; "": not known, or not asked */
    char problem[OPERATION_PROBLEM_MAX]; /* JSON; "": none */
    uint64_t bytes;                      /* of the result, when it is done, like the next ones */
    char sha256[OPERATION_SHA256_MAX];
    char content_type[OPERATION_TYPE_MAX];
    char filename[OPERATION_FILENAME_MAX];
    char filename_utf8[OPERATION_FILENAME_MAX];
};

/* A new one, running since now. Errors: INVALID_ARGUMENT (the owner's name is too long),
 * UNAVAILABLE (no random numbers). */
MUST_USE enum status operation_record_init(
    struct operation_record *ret_record, const char *owner, const char *path);

/* A new random id: of an operation, or of a gateway. False: no random numbers. */
MUST_USE bool operation_new_id(char ret_id[OPERATION_ID_MAX]);

/* Whether it has the form of an id: what clients send is compared with nothing else. */
bool operation_is_id(const char *text);

/* "running", "done", "failed", "cancelled". */
const char *operation_state_word(enum operation_state state);
/* Other words are OPERATION_FAILED: the store is foreign ground. */
enum operation_state operation_state_of(const char *word);

/* Copy UTF-8 into a field of `size` bytes; cut between characters where it is too long. */
void operation_copy_text(char *text, size_t size, const char *from);

int64_t operation_now_ms(void); /* since 1970 UTC */

#endif
