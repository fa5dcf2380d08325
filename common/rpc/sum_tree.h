/* A tree ordered by a number, which also says how many of its nodes lie below a number and what
 * their values sum up to: each in O(log n).
 *
 *     sum_tree_insert(&queue, &job->node, deadline_ns, cost_ns);
 *     struct sum_tree_total ahead = sum_tree_up_to(&queue, deadline_ns);
 *     … ahead.count jobs, ahead.sum nanoseconds of work …
 *     sum_tree_remove(&queue, &job->node);
 *
 * A treap: its balance is drawn, not kept, so that no order of insertion makes it slow. Nodes with
 * the same key stay in the order of their insertion. Nodes are embedded in their users' structs;
 * nothing is allocated. Sums wrap around like any unsigned number.
 *
 * Threads: none of its own; one at a time. */
#ifndef WALKIE_RPC_SUM_TREE_H
#define WALKIE_RPC_SUM_TREE_H

#include <stdint.h>

struct sum_tree_node {
    struct sum_tree_node *left;
    struct sum_tree_node *right;
    uint64_t key;
    uint64_t number; /* of the insertion: the order among equal keys */
    uint64_t value;
    uint64_t sum;   /* of the values from here down */
    uint32_t count; /* of the nodes from here down */
    uint32_t priority;
};

struct sum_tree {
    struct sum_tree_node *root; /* NULL: empty */
    uint64_t n_inserted;
    uint64_t random;
};

struct sum_tree_total {
    uint64_t count;
    uint64_t sum;
};

/* All zero is an empty tree, too. */
#define SUM_TREE_EMPTY ((struct sum_tree){.root = NULL})

/* A node is in one tree at most; it is removed from the one it is in. */
void sum_tree_insert(
    struct sum_tree *tree, struct sum_tree_node *node, uint64_t key, uint64_t value);
void sum_tree_remove(struct sum_tree *tree, struct sum_tree_node *node);

/* Remove and insert again, with another key and value; as the only node it costs next to nothing.
 */
void sum_tree_move(struct sum_tree *tree, struct sum_tree_node *node, uint64_t key, uint64_t value);

/* The ends; NULL: the tree is empty. */
struct sum_tree_node *sum_tree_first(const struct sum_tree *tree);
struct sum_tree_node *sum_tree_last(const struct sum_tree *tree);

/* The oldest node with exactly this key, or NULL. */
struct sum_tree_node *sum_tree_find(const struct sum_tree *tree, uint64_t key);

/* Over the nodes with a key of at most `key`, and over all. */
struct sum_tree_total sum_tree_up_to(const struct sum_tree *tree, uint64_t key);
struct sum_tree_total sum_tree_all(const struct sum_tree *tree);

#endif
