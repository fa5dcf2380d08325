/* What a service does with its process: signals as events of main, readiness for systemd, memory.
 *
 *     process_block_signals();                     first thing in main, before any thread
 *     process_notify("READY=1");
 *     while (process_wait_signal(PROCESS_FOREVER) == PROCESS_RELOAD) { log_reopen(NULL); }
 *
 * systemd's notify protocol is one datagram, spoken here without its library. */
#ifndef WALKIE_BASE_PROCESS_H
#define WALKIE_BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

enum { /* exit codes, as interface.md has them */
    EXIT_OK = 0,
    EXIT_USAGE = 2,
    EXIT_UNAVAILABLE = 69,
    EXIT_INTERNAL = 70,
};

enum process_event {
    PROCESS_STOP,    /* SIGTERM or SIGINT */
    PROCESS_RELOAD,  /* SIGHUP */
    PROCESS_TIMEOUT, /* the wait's time is over */
};

#define PROCESS_FOREVER UINT64_MAX

/* Block SIGTERM, SIGINT and SIGHUP for all threads to come, and process_survive_writes. */
void process_block_signals(void);

/* Have a write that is not possible fail instead of ending the process: to a pipe that nobody reads
 * (SIGPIPE), of a file beyond the limit on file sizes (SIGXFSZ). For tools: services block. */
void process_survive_writes(void);

/* Have every large block go back to the system when it is freed. Left to itself glibc raises the
 * size from which blocks are mapped with each one that is freed, so that the buffers of one burst
 * stay in its heaps, in pieces, and a service's memory creeps up. First thing in main. */
void process_give_back_memory(void);

/* Wait for the next signal. Pings systemd's watchdog while waiting when it is asked for. */
enum process_event process_wait_signal(uint64_t timeout_ns);

/* Have as many files and sockets open as the system allows: what a process may ask for at once (the
 * soft limit) is often 1,024. */
void process_raise_file_limit(void);

/* Open what is closed of standard input, output and error, so that every use of it fails: no socket
 * or file that is opened later gets its number, and with it what was meant for a terminal. First
 * thing in main. */
void process_occupy_standard_streams(void);

/* Tell systemd ("READY=1", "STOPPING=1"); nothing when it is not there. */
void process_notify(const char *state);

/* CPUs that this process may use (its affinity when it is asked); at least 1. */
unsigned int process_cpu_count(void);

/* Whether an address to listen on can be reached from this machine only: "127.…:port",
 * "[::1]:port", "localhost:port", the same with "tcp://" or "tls+tcp://" in front, and every
 * "ipc://". */
bool process_is_local_address(const char *address);

#endif
