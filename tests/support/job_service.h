/* A service of patients and forms that does nothing but answer, for tests of the gateway: what
 * becomes of a patient stands in its name.
 *
 *     fixture = rpc_fixture_new("tcp://127.0.0.1:0", job_service_serve);
 *
 * "slow" waits until it is told to stop, "unknown" is NOT_FOUND, "elsewhere" PERMISSION_DENIED,
 * "busy" RESOURCE_EXHAUSTED, "mute" has no answer; all others are processed. */
#ifndef WALKIE_TESTS_JOB_SERVICE_H
#define WALKIE_TESTS_JOB_SERVICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx/ctx.h"
#include "rpc/server.h"

enum { JOB_SERVICE_TEXT_LEN = 64 };

/* Of the last request; handlers write it on their threads. */
struct job_service_heard {
    pthread_mutex_t mutex;
    char patient[JOB_SERVICE_TEXT_LEN];
    char study[JOB_SERVICE_TEXT_LEN];
    char site_no[JOB_SERVICE_TEXT_LEN];
    uint32_t pace_ms;
    size_t body_len;
    bool is_body_whole; /* test_byte (rpc_fixture.h) from the first to the last */
    bool is_written;
    int format;
    enum ctx_cause cause; /* of a call that was told to stop */
};
extern struct job_service_heard job_service_heard;

/* Bind its methods. */
void job_service_serve(struct rpc_server_options *options);

#endif
