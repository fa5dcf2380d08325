/* The handlers of the routes: one file each. They run on the HTTP loop's thread: they answer at
 * once or start a call whose events answer. */
#ifndef WALKIE_GATEWAY_HANDLERS_H
#define WALKIE_GATEWAY_HANDLERS_H

#include "api/request.h"

route_handler_fn handle_echo;                /* echo.c */
route_handler_fn handle_work;                /* faults.c */
route_handler_fn handle_sleep;               /* faults.c */
route_handler_fn handle_centers;             /* centers.c */
route_handler_fn handle_audit_report;        /* audit_report.c */
route_handler_fn handle_operation;           /* operations.c */
route_handler_fn handle_operation_list;      /* operations.c */
route_handler_fn handle_operation_result;    /* operation_result.c */
route_handler_fn handle_study_reports;       /* study_reports.c */
route_handler_fn handle_crf_site;            /* crf_validations.c */
route_handler_fn handle_crf_study;           /* crf_validations.c */
route_handler_fn handle_epro_responses;      /* epro_responses.c */
route_handler_fn handle_process;             /* process.c */
route_handler_fn handle_audit_report_schema; /* schemas.c */
route_handler_fn handle_crf_validation_schema;
route_handler_fn handle_calls;       /* calls.c */
route_handler_fn handle_overload;    /* overload.c */
route_handler_fn handle_permissions; /* permissions.c */
route_handler_fn handle_console;     /* console.c */
route_handler_fn handle_openapi;     /* openapi.c */
route_handler_fn handle_healthz;     /* health.c */
route_handler_fn handle_readyz;      /* health.c */
route_handler_fn handle_trace;       /* traces.c */
route_handler_fn handle_traces;      /* traces.c */

/* How the heads of those that answer with a file are read. */
route_head_fn audit_report_read_head;
route_head_fn study_reports_read_head;
route_head_fn crf_read_head;

/* The parameters of each, ended by a row of NULLs. */
extern const struct parameter ECHO_PARAMETERS[];
extern const struct parameter FAULT_PARAMETERS[];
extern const struct parameter AUDIT_REPORT_PARAMETERS[];
extern const struct parameter OPERATION_LIST_PARAMETERS[];
extern const struct parameter STUDY_REPORTS_PARAMETERS[];
extern const struct parameter TRACES_PARAMETERS[];
extern const struct parameter CRF_SITE_PARAMETERS[];
extern const struct parameter CRF_STUDY_PARAMETERS[];
extern const struct parameter EPRO_RESPONSES_PARAMETERS[];
extern const struct parameter PROCESS_PARAMETERS[];

extern const struct route_body EPRO_RESPONSES_BODY;

/* 422 where that says more than the status's own code; 0: the status's own. */
int study_reports_http_code(enum status status);

/* The answers of an interface that is older than this gateway: process.c. */
void process_on_failure(struct request *request, const struct problem *problem);

struct question;
/* Put the question about the request's path into words, and ask it; the answer's `arg` is the
 * request, to be given back with request_unref. Errors: NOT_FOUND; UNAVAILABLE. */
MUST_USE enum status operation_question_id(
    const struct request *request, struct question *question, struct error *ret_error);
MUST_USE enum status operation_ask(
    struct request *request, struct question *question, struct error *ret_error);

/* "120" within [0, max]. Errors: INVALID_ARGUMENT names the parameter. */
MUST_USE enum status number_parse(
    const char *name, const char *text, uint32_t max, uint32_t *ret_value, struct error *ret_error);

#endif
