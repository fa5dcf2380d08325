#include "rpc/sum_tree.h"

#include <stdbool.h>
#include <stddef.h>

static uint32_t draw(struct sum_tree *tree)
{
    /* splitmix64: a counter that is stirred. */
    tree->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = tree->random;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(mixed >> 32);
}

static void add_up(struct sum_tree_node *node)
{
    node->count = 1;
    node->sum = node->value;
    if (node->left != NULL) {
        node->count += node->left->count;
        node->sum += node->left->sum;
    }
    if (node->right != NULL) {
        node->count += node->right->count;
        node->sum += node->right->sum;
    }
}

static bool is_before(const struct sum_tree_node *node, uint64_t key, uint64_t number)
{
    return node->key != key ? node->key < key : node->number < number;
}

/* Nodes before (key, number) go to the left, the others to the right. As deep as the tree is:
 * O(log n), with overwhelming probability less than a hundred for a million nodes. */
static void split(struct sum_tree_node *node, uint64_t key, uint64_t number,
    struct sum_tree_node **ret_left, struct sum_tree_node **ret_right)
{
    if (node == NULL) {
        *ret_left = NULL;
        *ret_right = NULL;
    } else if (is_before(node, key, number)) {
        split(node->right, key, number, &node->right, ret_right);
        add_up(node);
        *ret_left = node;
    } else {
        split(node->left, key, number, ret_left, &node->left);
        add_up(node);
        *ret_right = node;
    }
}

/* Everything on the left comes before everything on the right. */
static struct sum_tree_node *join(struct sum_tree_node *left, struct sum_tree_node *right)
{
    if (left == NULL || right == NULL) {
        return left == NULL ? right : left;
    }
    if (left->priority > right->priority) {
        left->right = join(left->right, right);
        add_up(left);
        return left;
    }
    right->left = join(left, right->left);
    add_up(right);
    return right;
}

void sum_tree_insert(
    struct sum_tree *tree, struct sum_tree_node *node, uint64_t key, uint64_t value)
{
    node->key = key;
    node->number = tree->n_inserted++;
    node->value = value;
    node->priority = draw(tree);
    struct sum_tree_node **at = &tree->root;
    while (*at != NULL && (*at)->priority >= node->priority) {
        (*at)->count++;
        (*at)->sum += value;
        at = is_before(*at, key, node->number) ? &(*at)->right : &(*at)->left;
    }
    split(*at, key, node->number, &node->left, &node->right);
    add_up(node);
    *at = node;
}

void sum_tree_remove(struct sum_tree *tree, struct sum_tree_node *node)
{
    struct sum_tree_node **at = &tree->root;
    while (*at != node) {
        (*at)->count--;
        (*at)->sum -= node->value;
        at = is_before(*at, node->key, node->number) ? &(*at)->right : &(*at)->left;
    }
    *at = join(node->left, node->right);
    node->left = NULL;
    node->right = NULL;
}

void sum_tree_move(struct sum_tree *tree, struct sum_tree_node *node, uint64_t key, uint64_t value)
{
    if (tree->root == node && node->count == 1) {
        node->key = key;
        node->value = value;
        node->sum = value;
        return;
    }
    sum_tree_remove(tree, node);
    sum_tree_insert(tree, node, key, value);
}

struct sum_tree_node *sum_tree_first(const struct sum_tree *tree)
{
    struct sum_tree_node *node = tree->root;
    while (node != NULL && node->left != NULL) {
        node = node->left;
    }
    return node;
}

struct sum_tree_node *sum_tree_last(const struct sum_tree *tree)
{
    struct sum_tree_node *node = tree->root;
    while (node != NULL && node->right != NULL) {
        node = node->right;
    }
    return node;
}

struct sum_tree_node *sum_tree_find(const struct sum_tree *tree, uint64_t key)
{
    struct sum_tree_node *found = NULL;
    struct sum_tree_node *node = tree->root;
    while (node != NULL) {
        if (node->key >= key) {
            found = node;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    return found != NULL && found->key == key ? found : NULL;
}

struct sum_tree_total sum_tree_up_to(const struct sum_tree *tree, uint64_t key)
{
    struct sum_tree_total total = {0, 0};
    const struct sum_tree_node *node = tree->root;
    while (node != NULL) {
        if (node->key > key) {
            node = node->left;
            continue;
        }
        total.count += 1 + (node->left == NULL ? 0 : node->left->count);
        total.sum += node->value + (node->left == NULL ? 0 : node->left->sum);
        node = node->right;
    }
    return total;
}

struct sum_tree_total sum_tree_all(const struct sum_tree *tree)
{
    const struct sum_tree_node *root = tree->root;
    return root == NULL ? (struct sum_tree_total){0, 0}
                        : (struct sum_tree_total){root->count, root->sum};
}
