#include "support/rpc_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { URL_MAX = 128, LIST_MAX = 512, HEALTH_EVERY_MS = 10 };

void site_many_workers(struct rpc_server_options *options)
{
    options->n_workers = 64; /* STUBBORN calls hold them */
}

int site_serve(const char *url)
{
    static struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, url, site_many_workers);
    printf("%s\n", rpc_server_url(server));
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    test_service_open_gate(&service);
    rpc_server_stop(server);
    return 0;
}

static void note_link(void *arg, const struct rpc_link_info *info)
{
    struct link_views *views = arg;
    struct link_view *view = &views->links[views->n_links++];
    snprintf(view->state, sizeof(view->state), "%s", info->state);
    view->n_calls = info->n_calls;
    snprintf(view->address, sizeof(view->address), "%s", info->address);
    view->has_error = info->last_error[0] != '\0';
    views->n_ready += strcmp(info->state, "ready") == 0;
    views->n_calls += info->n_calls;
}

struct link_views site_look(struct rpc_channel *channel)
{
    struct link_views views = {.n_links = 0};
    rpc_channel_each_link(channel, note_link, &views);
    return views;
}

struct wanted_links {
    struct rpc_channel *channel;
    size_t n_ready;
};

static bool has_ready_links(void *arg)
{
    const struct wanted_links *wanted = arg;
    return site_look(wanted->channel).n_ready == wanted->n_ready;
}

bool site_wait_ready_links(struct rpc_channel *channel, size_t n_ready)
{
    struct wanted_links wanted = {channel, n_ready};
    return wait_until(has_ready_links, &wanted);
}

void site_start(struct site *site, size_t n_servers, bool has_process,
    void (*adjust_first)(struct rpc_server_options *options))
{
    memset(site, 0, sizeof(*site));
    char list[LIST_MAX] = "";
    size_t len = 0;
    site->has_process = has_process;
    if (has_process) {
        char url[URL_MAX];
        rpc_process_start(&site->process, "--server", "tcp://127.0.0.1:0");
        rpc_process_read_line(&site->process, url, sizeof(url));
        len = (size_t)snprintf(list, sizeof(list), "%s%s", url, n_servers > 0 ? "," : "");
    }
    for (size_t i = 0; i < n_servers; i++) {
        test_service_init(&site->services[i]);
        site->servers[i] = test_server_start(
            &site->services[i], "tcp://127.0.0.1:0", i == 0 ? adjust_first : site_many_workers);
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i > 0 ? "," : "",
            rpc_server_url(site->servers[i]));
    }
    site->n_servers = n_servers;
    struct rpc_channel_options options = {
        .backend = list, .name = "test-client", .health_every_ms = HEALTH_EVERY_MS};
    struct error error = ERROR_NONE;
    assert_int_equal(rpc_channel_new(&options, &site->channel, &error), STATUS_OK);
    assert_true(site_wait_ready_links(site->channel, n_servers + has_process));
}

void site_stop(struct site *site)
{
    for (size_t i = 0; i < site->n_servers; i++) {
        test_service_open_gate(&site->services[i]);
    }
    rpc_channel_free(site->channel);
    for (size_t i = 0; i < site->n_servers; i++) {
        rpc_server_stop(site->servers[i]);
    }
    if (site->has_process) {
        rpc_process_kill(&site->process);
    }
}

void site_start_calls(struct site *site, const struct ctx *ctx, const struct rpc_method *method,
    struct call_record *records, size_t n_calls)
{
    for (size_t i = 0; i < n_calls; i++) {
        assert_int_equal(record_start(&records[i], ctx, site->channel, method, 1), STATUS_OK);
    }
}

void site_finish_calls(struct call_record *records, size_t n_calls)
{
    for (size_t i = 0; i < n_calls; i++) {
        assert_int_equal(records[i].n_ends, 1);
        assert_int_equal(records[i].n_after_end, 0);
        record_finish(&records[i]);
    }
}

unsigned int site_n_with_status(struct call_record *records, size_t n_calls, enum status status)
{
    unsigned int n = 0;
    for (size_t i = 0; i < n_calls; i++) {
        n += record_wait_end(&records[i]) && records[i].end.status == status;
    }
    return n;
}
