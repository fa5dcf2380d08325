/* A list whose members hold their places themselves: nothing is allocated, and each can be taken
 * out wherever it stands.
 *
 *     http_link_begin(&session->streams);
 *     http_link_append(&session->streams, &stream->link);
 *     struct h2_stream *first = CONTAINER_OF(session->streams.next, struct h2_stream, link);
 *     http_link_remove(&stream->link);
 *
 * The list is a ring with its head in it, so it is empty when the head's next is the head. Not
 * here: locks. */
#ifndef WALKIE_HTTP_LINK_H
#define WALKIE_HTTP_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct http_link {
    struct http_link *next; /* NULL: in no list */
    struct http_link *previous;
};

static inline void http_link_begin(struct http_link *list)
{
    list->next = list;
    list->previous = list;
}

static inline bool http_link_is_in_list(const struct http_link *link)
{
    return link->next != NULL;
}

/* At the end of the list. `link` is in none. */
static inline void http_link_append(struct http_link *list, struct http_link *link)
{
    link->next = list;
    link->previous = list->previous;
    list->previous->next = link;
    list->previous = link;
}

/* Harmless when it is in none. */
static inline void http_link_remove(struct http_link *link)
{
    if (link->next != NULL) {
        link->next->previous = link->previous;
        link->previous->next = link->next;
        link->next = NULL;
    }
}

#endif
