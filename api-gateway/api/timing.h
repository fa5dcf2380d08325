/* Server-Timing: where the time of an answer went, in milliseconds, as browsers show it.
 *
 *     options.on_head = timing_on_head;           every answer: what is known when its head is made
 *     timing_respond_trailer(request);            at the end of a chunked one: the rest
 *
 * Names are stages of both services: queue, run, fetch-edc, db (all statements together), sections,
 * render, …; rpc is the call as the gateway sees it, total the time since the request was read.
 * They overlap: run contains build, build contains db. */
#ifndef WALKIE_GATEWAY_TIMING_H
#define WALKIE_GATEWAY_TIMING_H

#include "api/request.h"

enum { TIMINGS_MAX = 24 };

http_head_fn timing_on_head;

/* Before http_respond_end. Goes only where it arrives (http_takes_trailers). */
void timing_respond_trailer(struct request *request);

/* The time that the service's account tells of a call without spans; by on_reply. */
void timing_note_call(struct request *request);

/* "12.345" of 12345678 ns; returns the bytes. Without the C library's floating point, which costs
 * more than the rest of a cheap answer's head. */
enum { TIMING_MS_MAX = 24 };
size_t timing_print_ms(char text[TIMING_MS_MAX], uint64_t ns);

#endif
