/* A singly linked list of arena objects: what a source's rows become.
 *
 *     struct ae { struct list_node node; … };          the node comes first
 *     list_add(&facts->aes, &ae->node);
 *     LIST_EACH(struct ae, ae, &facts->aes) { … }
 *
 * Not here: removal, ownership (the arena has it). */
#ifndef WALKIE_AUDIT_SOURCES_LIST_H
#define WALKIE_AUDIT_SOURCES_LIST_H

#include <stddef.h>

struct list_node {
    struct list_node *next;
};

struct list {
    struct list_node *first;
    struct list_node *last;
    size_t count;
};

#define LIST_EACH(type, name, list)                                                                \
    for (type *name = (type *)(list)->first; name != NULL; name = (type *)name->node.next)

void list_add(struct list *list, struct list_node *node);

/* Below, at or above zero as `a` goes before, beside or after `b`. */
typedef int list_order_fn(const struct list_node *a, const struct list_node *b);

/* A stable merge sort: equal elements keep the order they came in. */
void list_sort(struct list *list, list_order_fn *order);

#endif
