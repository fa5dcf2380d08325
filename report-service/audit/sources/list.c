#include "audit/sources/list.h"

void list_add(struct list *list, struct list_node *node)
{
    node->next = NULL;
    if (list->last == NULL) {
        list->first = node;
    } else {
        list->last->next = node;
    }
    list->last = node;
    list->count++;
}

static struct list_node *merge(struct list_node *a, struct list_node *b, list_order_fn *order)
{
    struct list_node head = {0};
    struct list_node *tail = &head;
    while (a != NULL && b != NULL) {
        struct list_node **smaller = order(b, a) < 0 ? &b : &a;
        tail->next = *smaller;
        tail = *smaller;
        *smaller = (*smaller)->next;
    }
    tail->next = a != NULL ? a : b;
    return head.next;
}

/* Sort the first `count` nodes; `*ret_rest` is what follows them. */
static struct list_node *sort_run(
    struct list_node *first, size_t count, list_order_fn *order, struct list_node **ret_rest)
{
    if (count <= 1) {
        *ret_rest = count == 0 ? first : first->next;
        if (count == 1) {
            first->next = NULL;
        }
        return count == 0 ? NULL : first;
    }
    struct list_node *middle;
    struct list_node *left = sort_run(first, count / 2, order, &middle);
    struct list_node *right = sort_run(middle, count - count / 2, order, ret_rest);
    return merge(left, right, order);
}

void list_sort(struct list *list, list_order_fn *order)
{
    struct list_node *rest;
    list->first = sort_run(list->first, list->count, order, &rest);
    list->last = list->first;
    while (list->last != NULL && list->last->next != NULL) {
        list->last = list->last->next;
    }
}
