/* What the report service's handlers share, and the handlers themselves: one file each.
 *
 *     struct service service = {.sources = {edc, ctms}, .spool_folder = "/tmp"};
 *     options.bindings = service_bindings(&options.n_bindings);              methods.h
 *
 * A handler unpacks its request, does its work under the context it is given, and answers. */
#ifndef WALKIE_SERVICE_H
#define WALKIE_SERVICE_H

#include <stdatomic.h>

#include "audit/audit.h"
#include "rpc/server.h"

struct results; /* results.h */

struct service {
    struct audit_sources sources;
    struct results *results;       /* of whole-study runs with a key; NULL: keys are refused */
    const char *spool_folder;      /* where finished reports lie, unlinked, until they are read */
    uint64_t render_page_delay_ns; /* fault injection; 0: none */
    double work_deaf_rate;         /* the same: the share of Work calls that do not listen */
    _Atomic uint64_t n_works;
};

rpc_handler_fn service_echo;
rpc_handler_fn service_work;
rpc_handler_fn service_sleep;
rpc_handler_fn service_list_centers;
rpc_handler_fn service_audit_report;
rpc_handler_fn service_study_audit_reports;
rpc_handler_fn service_process_patient;
rpc_handler_fn service_submit_responses;
rpc_handler_fn service_crf_validate;

/* What makes two calls one question: flight_key.c. */
rpc_flight_key_fn service_list_centers_key;
rpc_flight_key_fn service_audit_report_key;
rpc_flight_key_fn service_crf_validate_key;

/* The END of a call that the sources or the report failed, in their words; returns its status. A
 * corrupt source counts as one that is not there (UNAVAILABLE): the caller can do nothing else. */
enum status service_fail(
    struct rpc_server_call *call, enum status status, const struct error *error);

enum {
    WORK_MS_MAX = 60000,       /* the longest Work and Sleep that may be asked for */
    ECHO_REPLY_MAX = 64 << 10, /* bytes of the longest echo */
    LAB_SHARE_MS = 1000,       /* reports that are asked for in it share a look at the laboratory */
};

/* Where a call is cut off when its report would be longer. */
#define SPOOL_LEN_MAX (UINT64_C(1) << 30)
#define CENTERS_MEMORY_MAX ((size_t)64 << 20) /* bytes of the list of centres */

#endif
