/* A channel to several servers, for tests of what happens when one of them dies, drains, refuses or
 * is not well.
 *
 *     site_start(&site, 2, true, site_many_workers);      two here, and one in a process of its own
 *     site_start_calls(&site, ctx, &TEST_ECHO, records, N_CALLS);
 *     rpc_process_kill(&site.process), site.has_process = false;
 *     site_stop(&site);
 *
 * The program's main hands over to site_serve when it is called with --server. */
#ifndef WALKIE_TESTS_RPC_SITE_H
#define WALKIE_TESTS_RPC_SITE_H

#include "support/rpc_fixture.h"
#include "support/rpc_process.h"

enum { SITE_SERVERS_MAX = 3 };

struct site {
    struct test_service services[SITE_SERVERS_MAX];
    struct rpc_server *servers[SITE_SERVERS_MAX];
    size_t n_servers;
    struct rpc_process process; /* one more server, if has_process */
    bool has_process;
    struct rpc_channel *channel;
};

/* Servers for calls that hold their workers. */
void site_many_workers(struct rpc_server_options *options);

/* In the channel's list the process comes first, if there is one. `adjust_first` is for server 0,
 * the others have many workers. Returns when all are ready. */
void site_start(struct site *site, size_t n_servers, bool has_process,
    void (*adjust_first)(struct rpc_server_options *options));
void site_stop(struct site *site);

/* The other process: serve until stdin ends, or killed; the address goes to stdout. */
int site_serve(const char *url);

/* A channel's links, as /debug/backends has them. */
struct link_view {
    char state[16];
    char address[RPC_URL_MAX];
    unsigned int n_calls;
    bool has_error;
};
struct link_views {
    struct link_view links[RPC_LINKS_MAX];
    size_t n_links;
    size_t n_ready;
    unsigned int n_calls;
};
struct link_views site_look(struct rpc_channel *channel);
/* False: not within the bound. */
bool site_wait_ready_links(struct rpc_channel *channel, size_t n_ready);

void site_start_calls(struct site *site, const struct ctx *ctx, const struct rpc_method *method,
    struct call_record *records, size_t n_calls);
/* Wait for the ends of all; how many had this status. */
unsigned int site_n_with_status(struct call_record *records, size_t n_calls, enum status status);
/* Each has ended once, with nothing after it. */
void site_finish_calls(struct call_record *records, size_t n_calls);

#endif
