/* The tree against a plain array that does the same slowly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "rpc/sum_tree.h"

enum { N_NODES = 500, N_STEPS = 20000, KEYS = 100 };

struct model {
    struct sum_tree tree;
    struct sum_tree_node nodes[N_NODES];
    struct sum_tree_node *order[N_NODES]; /* those in the tree, as it should have them */
    size_t n;
    uint64_t random;
};

static uint64_t draw(struct model *model)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return model->random;
}

static void order_insert(struct model *model, struct sum_tree_node *node, uint64_t key)
{
    size_t at = model->n;
    while (at > 0 && model->order[at - 1]->key > key) {
        model->order[at] = model->order[at - 1];
        at--;
    }
    model->order[at] = node;
    model->n++;
}

static void order_remove(struct model *model, size_t at)
{
    model->n--;
    memmove(&model->order[at], &model->order[at + 1], (model->n - at) * sizeof(model->order[0]));
}

static void insert(struct model *model, struct sum_tree_node *node, uint64_t key, uint64_t value)
{
    order_insert(model, node, key);
    sum_tree_insert(&model->tree, node, key, value);
}

static void remove_at(struct model *model, size_t at)
{
    sum_tree_remove(&model->tree, model->order[at]);
    order_remove(model, at);
}

/* To another key, or to the end of those with the one it has. */
static void move_at(struct model *model, size_t at)
{
    struct sum_tree_node *node = model->order[at];
    uint64_t key = draw(model) % 4 == 0 ? node->key : draw(model) % KEYS;
    order_remove(model, at);
    order_insert(model, node, key);
    sum_tree_move(&model->tree, node, key, draw(model) % 1000);
}

static struct sum_tree_total slow_up_to(const struct model *model, uint64_t key)
{
    struct sum_tree_total total = {0, 0};
    for (size_t i = 0; i < model->n && model->order[i]->key <= key; i++) {
        total.count++;
        total.sum += model->order[i]->value;
    }
    return total;
}

static size_t check_order(const struct sum_tree_node *node, const struct model *model, size_t at)
{
    if (node == NULL) {
        return at;
    }
    at = check_order(node->left, model, at);
    assert_ptr_equal(node, model->order[at]);
    return check_order(node->right, model, at + 1);
}

static void check(struct model *model)
{
    assert_int_equal(check_order(model->tree.root, model, 0), model->n);
    assert_ptr_equal(sum_tree_first(&model->tree), model->n == 0 ? NULL : model->order[0]);
    assert_ptr_equal(
        sum_tree_last(&model->tree), model->n == 0 ? NULL : model->order[model->n - 1]);
    uint64_t key = draw(model) % (KEYS + 2);
    struct sum_tree_total slow = slow_up_to(model, key);
    struct sum_tree_total fast = sum_tree_up_to(&model->tree, key);
    assert_int_equal(fast.count, slow.count);
    assert_int_equal(fast.sum, slow.sum);
    slow = slow_up_to(model, UINT64_MAX);
    assert_int_equal(sum_tree_all(&model->tree).count, slow.count);
    assert_int_equal(sum_tree_all(&model->tree).sum, slow.sum);
    const struct sum_tree_node *oldest = NULL;
    for (size_t i = model->n; i > 0; i--) {
        oldest = model->order[i - 1]->key == key ? model->order[i - 1] : oldest;
    }
    assert_ptr_equal(sum_tree_find(&model->tree, key), oldest);
}

static void it_does_what_a_sorted_array_does(void **state)
{
    (void)state;
    static struct model model = {.random = 88172645463325252U};
    size_t n_free = N_NODES;
    struct sum_tree_node *free_nodes[N_NODES];
    for (size_t i = 0; i < N_NODES; i++) {
        free_nodes[i] = &model.nodes[i];
    }
    for (size_t step = 0; step < N_STEPS; step++) {
        bool inserts = n_free > 0 && (model.n == 0 || draw(&model) % 100 < 52);
        if (inserts) {
            insert(&model, free_nodes[--n_free], draw(&model) % KEYS, draw(&model) % 1000);
        } else {
            size_t at = draw(&model) % model.n;
            free_nodes[n_free++] = model.order[at];
            remove_at(&model, at);
        }
        if (model.n > 0) {
            move_at(&model, draw(&model) % model.n);
        }
        if (step % 16 == 0) {
            check(&model);
        }
    }
}

static unsigned int depth_of(const struct sum_tree_node *node)
{
    if (node == NULL) {
        return 0;
    }
    unsigned int left = depth_of(node->left);
    unsigned int right = depth_of(node->right);
    return 1 + (left > right ? left : right);
}

static void rising_keys_do_not_make_it_a_list(void **state)
{
    (void)state;
    enum { N_MANY = 10000 };
    static struct sum_tree_node nodes[N_MANY];
    struct sum_tree tree = {.root = NULL};
    for (size_t i = 0; i < N_MANY; i++) {
        sum_tree_insert(&tree, &nodes[i], i, 1);
    }
    assert_in_range(depth_of(tree.root), 14, 60);
    for (size_t i = 0; i < N_MANY; i++) {
        assert_ptr_equal(sum_tree_first(&tree), &nodes[i]);
        sum_tree_remove(&tree, &nodes[i]);
    }
    assert_null(tree.root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_a_sorted_array_does),
        cmocka_unit_test(rising_keys_do_not_make_it_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
