#include "http/body_room.h"

#include <stdatomic.h>
#include <stdlib.h>

struct http_body_room {
    _Atomic uint64_t n_holders;
    _Atomic uint64_t len;
    uint64_t len_max;
};

struct http_body_room *http_body_room_new(uint64_t len_max)
{
    struct http_body_room *room = calloc(1, sizeof(*room));
    if (room != NULL) {
        atomic_init(&room->n_holders, 1);
        room->len_max = len_max;
    }
    return room;
}

struct http_body_room *http_body_room_ref(struct http_body_room *room)
{
    (void)atomic_fetch_add_explicit(&room->n_holders, 1, memory_order_relaxed);
    return room;
}

void http_body_room_unref(struct http_body_room *room)
{
    if (room != NULL && atomic_fetch_sub(&room->n_holders, 1) == 1) {
        free(room);
    }
}

bool http_body_room_take(struct http_body_room *room, uint64_t len)
{
    uint64_t before = atomic_fetch_add_explicit(&room->len, len, memory_order_relaxed);
    if (len > room->len_max || before > room->len_max - len) {
        http_body_room_give(room, len);
        return false;
    }
    return true;
}

void http_body_room_give(struct http_body_room *room, uint64_t len)
{
    (void)atomic_fetch_sub_explicit(&room->len, len, memory_order_relaxed);
}
