/* A service with a study of twelve sites (T-1) and a caller of StudyAuditReports, for the tests of
 * whole-study runs. Whoever links it wraps `audit_build` (-Wl,--wrap=audit_build): the test fails,
 * holds or counts the making of a site.
 *
 *     study_hold_at(2);
 *     caller_start(&caller, ctx_background(), site, "T-1", "");
 *     assert_true(study_wait_for_build(2));
 *     study_open_gate();
 *     assert_true(caller_wait(&caller, caller_is_over));
 *
 * Callbacks record, the test's thread waits (bounded) and asserts. */
#ifndef WALKIE_TESTS_STUDY_FIXTURE_H
#define WALKIE_TESTS_STUDY_FIXTURE_H

#include <cjson/cJSON.h>

#include "api/results.h"
#include "api/service.h"
#include "integration/audit_fixture.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

enum { STUDY_SITES = 12 };

struct study_place {
    struct audit_fixture *fixture;
    struct service service;
    struct rpc_server *server;
    struct rpc_channel *channel;
    char spool_folder[64];
    char results_folder[96];
};

/* cmocka's set-up and tear-down of a test; the state is the site. */
int study_set_up(void **state);
int study_tear_down(void **state);

/* Of the builds, counted from here: the one that waits for the gate or its context; the one that
 * fails; the one before which the data change. 0: none. */
void study_hold_at(unsigned int n);
void study_fail_at(unsigned int n, enum status failure);
void study_bump_at(unsigned int n);

/* Wait until so many sites have begun to be made. False: not within the bound. */
bool study_wait_for_build(unsigned int n);
unsigned int study_n_builds(void);
void study_open_gate(void);

/* No call is in flight; fits wait_until. */
bool study_is_idle(void *arg);

struct study_caller {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct rpc_client_call *call;
    bool holds_credit;
    Walkie__Report__V1__Format format;
    bool has_head;
    struct buffer zip;
    uint64_t held;
    bool is_over;
    struct rpc_end end;
};

/* Into a caller that is zeroed but for holds_credit and format. */
void caller_start(struct study_caller *caller, const struct ctx *ctx,
    const struct study_place *site, const char *study, const char *key);
bool caller_wait(struct study_caller *caller, bool (*is_so)(const struct study_caller *caller));
bool caller_is_over(const struct study_caller *caller);
bool caller_has_bytes(const struct study_caller *caller);
void caller_finish(struct study_caller *caller);

/* A whole call; the zip stays in the caller. */
enum status caller_run(struct study_caller *caller, const struct study_place *site,
    const char *study, const char *key);

/* The manifest of a zip that is whole; how many files there are beside it. */
cJSON *study_read_zip(const struct buffer *zip, unsigned int *ret_n_files);
int number_in(const cJSON *json, const char *name);

#endif
