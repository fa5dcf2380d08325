/* A program's steps: what check_emit.c writes and check_evaluate.c runs, on a stack of slots.
 *
 *     SYSBP between 80 and 200     LOAD 0   CONSTANT 0   CONSTANT 1   BETWEEN number
 *
 * Jumps go forwards, but for that of ROWS_NEXT, whose rounds are counted. */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_CODE_H
#define WALKIE_CRF_LANGUAGE_CHECK_CODE_H

#include "crf/language/check_tree.h"

enum {
    CHECK_STACK_MAX = 512,       /* slots */
    CHECK_CONSTANTS_MAX = 16384, /* codes of code lists, too */
    CHECK_WORK_BYTES = 256,      /* bytes of a text that are read for one step */
};

enum check_op {
    OP_CONSTANT, /* argument: constant */
    OP_LOAD,     /* argument: reference; choice: kind */
    OP_LOAD_ROW, /* the same of the row at hand */
    OP_IS,       /* argument: reference; choice: predicate; count: 1 of the row at hand */
    OP_COMPARE,  /* choice: comparator; count: kind */
    OP_BETWEEN,  /* choice: kind */
    OP_IN,       /* argument: first constant; count: how many; choice: kind */
    OP_MATCH,    /* argument: pattern */
    OP_NOT,
    OP_AND,
    OP_OR,
    OP_IMPLY,      /* the premise is negated already */
    OP_JUMP_FALSE, /* argument: step; the slot stays */
    OP_JUMP_TRUE,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_NEGATE,
    OP_CALL,       /* choice: function; argument: digits of round */
    OP_ROWS_BEGIN, /* argument: rows; choice: function */
    OP_ROWS_NEXT,  /* argument: rows; choice: function */
};

struct check_step {
    uint8_t op;
    uint8_t choice;
    int16_t blame; /* the reference that a result is about, -1: none */
    uint32_t argument;
    uint32_t count;
};

/* any(), all(), count(): what goes through the rows of some references. */
struct check_rows {
    const uint16_t *references;
    size_t n_references;
    size_t body; /* the first step of a round */
    size_t end;  /* the step after the last round */
    size_t cost; /* of a round */
};

struct check_code {
    const struct check_step *steps;
    size_t n_steps;
    const struct check_value *constants;
    const struct check_rows *rows;
    void *const *patterns;
};

/* A stack's slot. A condition that is not applicable, and a value that is not there, are NONE. */
enum slot_state { SLOT_FALSE, SLOT_TRUE, SLOT_NONE, SLOT_GIVEN = SLOT_TRUE };

struct check_slot {
    uint8_t state;
    uint8_t reason; /* of NONE */
    int16_t blame;
    uint32_t row;
    union {
        struct check_number number;
        struct {
            int32_t first;
            int32_t last;
        } date;
        struct {
            const char *data;
            size_t len;
        } text;
        bool truth;
    };
};

/* check_apply.c: operators. Results replace the first operand. */
void check_apply_compare(
    struct check_slot *left, const struct check_slot *right, const struct check_step *step);
void check_apply_between(struct check_slot *value, const struct check_slot *low,
    const struct check_slot *high, const struct check_step *step);
void check_apply_and(struct check_slot *left, const struct check_slot *right);
void check_apply_or(
    struct check_slot *left, const struct check_slot *right, const struct check_step *step);
void check_apply_imply(struct check_slot *left, const struct check_slot *right);
void check_apply_in(
    struct check_slot *value, const struct check_step *step, const struct check_value *constants);
void check_apply_arithmetic(
    struct check_slot *left, const struct check_slot *right, const struct check_step *step);
/* check_apply_call.c. `second` is `first` of a function of one argument. */
void check_apply_call(
    struct check_slot *first, const struct check_slot *second, const struct check_step *step);

/* check_match.c: regular expressions. */
struct check_matcher;
struct check_matcher *check_matcher_new(void);
void check_matcher_free(struct check_matcher *matcher); /* accepts NULL */

/* Compile one within the arena. */
MUST_USE bool check_pattern(
    struct check_compiler *compiler, const struct check_node *literal, void **ret_pattern);

enum check_match { MATCH_YES, MATCH_NO, MATCH_UNREADABLE, MATCH_TOO_COSTLY };

/* `n_before`: matches of this evaluation so far; the first ones may take longer. */
enum check_match check_match(struct check_matcher *matcher, const void *pattern, const char *text,
    size_t len, size_t n_before);

#endif
