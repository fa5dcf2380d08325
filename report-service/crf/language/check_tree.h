/* An expression between its text and its program: what check_parse.c makes, check_resolve.c and
 * check_types.c fill in, check_print.c writes and check_emit.c reads. Everything is the arena's.
 *
 *     struct check_node *tree = check_parse(&compiler);
 *     if (tree != NULL && check_types(&compiler, tree) && check_emit(&compiler, tree, &program))
 *
 * NULL and false: compiler->error says why; the first error counts. */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_TREE_H
#define WALKIE_CRF_LANGUAGE_CHECK_TREE_H

#include <assert.h>

#include "base/bytes.h"
#include "crf/language/check.h"

struct check_compiler {
    const char *text;
    const struct check_schema *schema;
    size_t form;
    struct arena *arena;
    struct check_error error; /* status OK: none yet */
    unsigned int n_nodes;
    unsigned int depth;
};

enum check_node_kind {
    NODE_NUMBER,
    NODE_TEXT,
    NODE_DAYS, /* a text where a date was expected */
    NODE_TRUTH,
    NODE_REFERENCE,
    NODE_IF, /* two children */
    NODE_OR, /* two or more */
    NODE_AND,
    NODE_NOT,
    NODE_COMPARE,
    NODE_BETWEEN,
    NODE_IN, /* a value and its literals */
    NODE_IN_CODELIST,
    NODE_MATCHES, /* a value and the pattern */
    NODE_IS,
    NODE_ADD,
    NODE_SUBTRACT,
    NODE_MULTIPLY,
    NODE_DIVIDE,
    NODE_NEGATE,
    NODE_CALL,
};

enum check_comparator { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

enum check_predicate { IS_MISSING, IS_REQUIRED, IS_COMPLETE, IS_VALID, IS_COUNT };

enum check_function {
    CALL_DAYS,
    CALL_AGE,
    CALL_YEAR,
    CALL_LEN,
    CALL_ABS,
    CALL_ROUND,
    CALL_NUMBER,
    CALL_ANY,
    CALL_ALL,
    CALL_COUNT,
    CALL_FUNCTIONS,
};

enum check_scope { SCOPE_ITEM, SCOPE_SUBJECT, SCOPE_VISIT, SCOPE_FORM, SCOPE_STUDY, SCOPES };

/* A reference as it is written. */
struct check_path {
    enum check_visit visit;
    enum check_scope scope;
    const char *event; /* of CHECK_NAMED_VISIT */
    const char *form;  /* NULL: the check's own */
    const char *item;  /* or the property */
    size_t form_offset;
    size_t item_offset;
};

struct check_node {
    enum check_node_kind kind;
    size_t offset;            /* of its first byte, of an operator's sign */
    struct check_node *first; /* child */
    struct check_node *next;  /* sibling */
    unsigned int choice;      /* check_comparator, check_predicate, check_function */
    bool is_negated;          /* "not in", "is not missing" */
    bool truth;
    struct check_number number;
    struct bytes literal; /* of a text; NUL-terminated */
    struct check_path path;
    /* check_types.c */
    enum check_kind type;
    struct check_reference reference;
    int days[2]; /* the first and the last one that it can be */
};

/* The operand of this number, which must be there: operators have theirs. */
static inline struct check_node *check_operand(const struct check_node *node, unsigned int number)
{
    struct check_node *operand = node->first;
    for (; number > 0 && operand != NULL; number--) {
        operand = operand->next;
    }
    assert(operand != NULL);
    return operand;
}

extern const char *const CHECK_COMPARATORS[];             /* "=", … */
extern const char *const CHECK_PREDICATES[IS_COUNT];      /* "missing", … */
extern const char *const CHECK_FUNCTIONS[CALL_FUNCTIONS]; /* "days", … */
extern const char *const CHECK_SCOPES[SCOPES];            /* "", "subject", … */

/* check_parse.c. NULL: no expression. */
struct check_node *check_parse(struct check_compiler *compiler);

/* check_print.c: the tree as text that parses to the same tree. NULL: memory. */
char *check_print(const struct check_node *tree, struct arena *arena);

/* check_types.c: kinds, and references through check_resolve.c. */
MUST_USE bool check_types(struct check_compiler *compiler, struct check_node *tree);
MUST_USE bool check_coerce(
    struct check_compiler *compiler, struct check_node *node, enum check_kind kind);
MUST_USE bool check_resolve(struct check_compiler *compiler, struct check_node *node);

/* check_calls.c: the arguments of a function, whose own types are known. */
MUST_USE bool check_call_types(struct check_compiler *compiler, struct check_node *call);

/* check_emit.c */
MUST_USE bool check_emit(struct check_compiler *compiler, const struct check_node *tree,
    struct check_program *ret_program);

/* check_compile.c: what check_compile does before the program is made. NULL: the error says why. */
struct check_node *check_read(struct check_compiler *compiler);

/* check_error.c. The first error is kept. Macros, so that analyzers see that false comes back. */
void check_error_keep(struct check_compiler *compiler, enum status status, size_t offset,
    const char *format, ...) PRINTF_LIKE(4, 5);
void check_error_memory(struct check_compiler *compiler);
#define check_fail(...)                                                                            \
    __extension__({                                                                                \
        check_error_keep(__VA_ARGS__);                                                             \
        false;                                                                                     \
    })
#define check_fail_memory(compiler)                                                                \
    __extension__({                                                                                \
        check_error_memory(compiler);                                                              \
        false;                                                                                     \
    })

unsigned int check_column(const char *text, size_t offset); /* in characters of its line, from 1 */

/* "; did you mean X?" in the arena, "" when no name is near. Names that differ in case are near. */
const char *check_suggest(
    struct check_compiler *compiler, const char *word, const char *const *names, size_t n_names);

#endif
