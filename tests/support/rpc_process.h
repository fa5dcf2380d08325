/* Another process that runs this same program: a client or a server that can be killed.
 *
 *     rpc_process_start(&server, "--server", "tcp://127.0.0.1:0");     main() sees argv[1], argv[2]
 *     rpc_process_read_line(&server, url, sizeof(url));
 *     rpc_process_kill(&server);
 */
#ifndef WALKIE_TESTS_RPC_PROCESS_H
#define WALKIE_TESTS_RPC_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

struct rpc_process {
    pid_t pid;
    int to;   /* its stdin: closing it asks it to end */
    int from; /* its stdout */
};

/* Exits this program when that fails. */
void rpc_process_start(struct rpc_process *process, const char *role, const char *url);

/* The next line of its output, without the newline; empty when it ended. */
void rpc_process_read_line(struct rpc_process *process, char *line, size_t size);

void rpc_process_kill(struct rpc_process *process); /* SIGKILL */
void rpc_process_stop(struct rpc_process *process); /* wait for it to end by itself */

#endif
