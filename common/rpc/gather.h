/* Calls that leave together: a thread that starts many of them in a row has them sent once.
 *
 *     rpc_gather_begin();
 *     for (...) { status = rpc_call_start(ctx, channel, &REPORT_ECHO, ...); }
 *     rpc_gather_end();                                      here they leave
 *
 * In between, what calls of this thread send stays queued on their connections, unless another
 * thread sends on the same connection, or more than RPC_CORK_MAX bytes wait there: then it leaves
 * at once. Cancels never wait. So between the two nothing may block.
 *
 * Each send of its own costs two system calls and a change of threads within nng.
 *
 * Not here: waiting for more to come. */
#ifndef WALKIE_RPC_GATHER_H
#define WALKIE_RPC_GATHER_H

enum { RPC_GATHER_MAX = 8 }; /* connections a thread gathers on; others send at once */

/* For the calling thread. Not nested. */
void rpc_gather_begin(void);
void rpc_gather_end(void);

#endif
