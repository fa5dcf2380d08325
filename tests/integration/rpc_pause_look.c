#include "rpc_pause_look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void look_at(void *arg, const struct rpc_call_info *info)
{
    struct pause_look *look = arg;
    look->n_queued += !info->is_running && !info->is_paused;
    if (info->is_paused) {
        look->n_paused++;
        look->n_paused_running += info->is_running;
        look->done = info->done;
        look->thread_id = info->thread_id;
        snprintf(look->stage, sizeof(look->stage), "%s", info->stage == NULL ? "" : info->stage);
    }
}

struct pause_look pause_look(struct rpc_server *server)
{
    struct pause_look look = {.n_paused = 0};
    rpc_server_each_call(server, look_at, &look);
    return look;
}

/* By hand: the monotonic clock may be the fake one. */
static void wait_for(struct rpc_server *server,
    bool (*is_so)(const struct pause_look *look, unsigned int wanted), unsigned int wanted)
{
    enum { STEP_US = 200, N_STEPS = TEST_WAIT_SECONDS * 1000000 / STEP_US };
    const struct timespec step = {.tv_nsec = CLOCK_US(STEP_US)};
    for (unsigned int i = 0; i < (unsigned int)N_STEPS; i++) {
        struct pause_look look = pause_look(server);
        if (is_so(&look, wanted)) {
            return;
        }
        nanosleep(&step, NULL);
    }
    fail_msg("calls do not pause as they should");
}

static bool has_paused(const struct pause_look *look, unsigned int wanted)
{
    return look->n_paused == wanted;
}

static bool is_in_second(const struct pause_look *look, unsigned int wanted)
{
    return look->n_paused == 1 && look->done == wanted;
}

static bool has_queued(const struct pause_look *look, unsigned int wanted)
{
    return look->n_queued == wanted;
}

static const char *stage_wanted;

static bool has_stage(const struct pause_look *look, unsigned int wanted)
{
    return look->n_paused == wanted && strcmp(look->stage, stage_wanted) == 0;
}

void pause_wait(struct rpc_server *server, unsigned int n_paused)
{
    wait_for(server, has_paused, n_paused);
}

void pause_wait_second(struct rpc_server *server)
{
    wait_for(server, is_in_second, 1);
}

void pause_wait_stage(struct rpc_server *server, const char *stage)
{
    stage_wanted = stage;
    wait_for(server, has_stage, 1);
}

void pause_wait_queued(struct rpc_server *server, unsigned int n_queued)
{
    wait_for(server, has_queued, n_queued);
}
