/* What check_emit.c and check_emit_claim.c share: a tree becomes steps, children first.
 * `ret_blame`: the reference that the slot will be about; untouched where there is none. False: the
 * compiler's error says why.
 *
 *     return emit_node(emitter, node->first, &blame) && ...
 */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_EMITTER_H
#define WALKIE_CRF_LANGUAGE_CHECK_EMITTER_H

#include "crf/language/check_code.h"

struct emitter {
    struct check_compiler *compiler;
    struct check_step *steps;
    size_t n_steps;
    struct check_value *constants;
    size_t n_constants;
    struct check_reference references[CHECK_REFERENCES_MAX];
    size_t n_references;
    struct check_rows *rows;
    size_t n_rows;
    void *patterns[CHECK_PATTERNS_MAX];
    size_t n_patterns;
    size_t stack;
    bool is_in_rows;
};

MUST_USE bool emit_node(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame);

/* One step more; there is room for all that a tree can need. */
struct check_step *emit_step(
    struct emitter *emitter, enum check_op op, unsigned int choice, size_t argument, int16_t blame);

/* One slot more. */
MUST_USE bool emit_push(struct emitter *emitter, const struct check_node *node);

/* The number of the node's reference, -1: too many. */
int16_t emit_reference_number(struct emitter *emitter, const struct check_node *node);

struct check_value emit_value(const struct check_node *literal);

/* All children, then one step that makes one slot of theirs. */
MUST_USE bool emit_operator(struct emitter *emitter, const struct check_node *node,
    enum check_op op, unsigned int choice, int16_t *ret_blame);

/* check_emit_claim.c */
const char *emit_codelist_of(const struct check_compiler *compiler, const struct check_node *node);
MUST_USE bool emit_in(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame);
MUST_USE bool emit_matches(
    struct emitter *emitter, const struct check_node *node, int16_t *ret_blame);
MUST_USE bool emit_is(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame);
MUST_USE bool emit_call(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame);

#endif
