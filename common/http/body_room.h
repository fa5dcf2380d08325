/* Room for the bodies of all requests that a server holds, however many connections send them:
 * before anybody knows who asks, a body is only memory that a client takes.
 *
 *     struct http_body_room *room = http_body_room_new(HTTP_BODIES_MAX_DEFAULT);
 *     if (!http_body_room_take(room, len)) { … 503 … }
 *     http_body_room_give(room, len);
 *
 * Counted, since requests may outlive their server. Threads: any. Not here: what one body may have
 * (http_limits). */
#ifndef WALKIE_HTTP_BODY_ROOM_H
#define WALKIE_HTTP_BODY_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct http_body_room;

/* For `len_max` bytes. NULL: out of memory. */
MUST_USE struct http_body_room *http_body_room_new(uint64_t len_max);
struct http_body_room *http_body_room_ref(struct http_body_room *room);
void http_body_room_unref(struct http_body_room *room); /* accepts NULL */

/* False: there is not so much room; nothing was taken. */
MUST_USE bool http_body_room_take(struct http_body_room *room, uint64_t len);
void http_body_room_give(struct http_body_room *room, uint64_t len);

#endif
