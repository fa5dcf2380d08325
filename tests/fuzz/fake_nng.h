/* nng's byte streams without a network: the functions that common/rpc calls, defined here instead
 * of in nng's library. The fuzzer's thread is the I/O thread: what it feeds is received, and what
 * is sent is completed, when it says so.
 *
 *     struct fake_stream *stream = fake_stream_offer(sent, arg);  the next accept or dial gets it
 *     fake_stream_feed(stream, bytes, len);
 *     fake_stream_hang_up(stream);
 *     fake_stream_forget(stream);                           waits until the other side has freed it
 *
 * Not here: time (rpc's own timers run by the real clock), errors but the end of a stream. */
#ifndef WALKIE_TESTS_FAKE_NNG_H
#define WALKIE_TESTS_FAKE_NNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_stream;

/* Sees every byte that is sent, in order; on the fuzzer's thread. */
typedef void fake_sent_fn(void *arg, const uint8_t *bytes, size_t len);

struct fake_stream *fake_stream_offer(fake_sent_fn *sent, void *arg);

/* Wait until it has been accepted or dialled, and is being read. */
void fake_stream_await_reader(struct fake_stream *stream);

/* How many bytes a send without a callback has taken at once, between two runs of callbacks; others
 * wait for the next run. Once a stream; without it 0: the kernel never has room. */
void fake_stream_set_room(struct fake_stream *stream, size_t room_max);

/* Run the callbacks of what can be completed now. */
void fake_stream_run(struct fake_stream *stream);
void fake_stream_feed(struct fake_stream *stream, const uint8_t *bytes, size_t len);
void fake_stream_hang_up(struct fake_stream *stream);

/* Runs callbacks until the stream is freed, then frees what is left of it. */
void fake_stream_forget(struct fake_stream *stream);

#endif
