/* The methods that this program serves: a table a service, a row a method, and in the row all that
 * the program has to know of it: its handler, what makes two calls one question, and whose it is.
 *
 *     static const struct service_method ROWS[] = {
 *         {{&CRF_VALIDATE, service_crf_validate, NULL}, ROLE_REQUESTER, false, check_validate},
 *     };
 *     const struct service_table SERVICE_CRF = {ROWS, LENGTH_OF(ROWS)};
 *
 * A service's table stands in a file of its own (report_methods.c, …), with the checks of what is
 * in its requests; methods.c lists the tables. Deadlines, classes and flags are the caller's to
 * know, too: they stand in proto/walkie/…/methods.c. */
#ifndef WALKIE_SERVICE_METHODS_H
#define WALKIE_SERVICE_METHODS_H

#include "rpc/authority.h"
#include "rpc/interceptor.h"
#include "rpc/server.h"

/* Whether a caller of sufficient role may have what the request asks for: its sites, treatment
 * data. Runs on the I/O thread: it must be quick. What depends on what is in the database is the
 * handler's to ask (service_authority). *ret_why: words for the refusal, static. A request that
 * cannot be read is OK: the handler says what is wrong with it. */
typedef enum status service_check_fn(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why);

struct service_method {
    struct rpc_binding binding;
    enum role role;          /* the least that may call it */
    service_check_fn *check; /* NULL: the role is enough */
};

struct service_table {
    const struct service_method *methods;
    size_t n_methods;
};

extern const struct service_table SERVICE_REPORT; /* report_methods.c */
extern const struct service_table SERVICE_EPRO;   /* epro_methods.c */
extern const struct service_table SERVICE_CRF;    /* crf_methods.c */

enum { SERVICE_METHODS_MAX = 64 }; /* of all services */

/* The bindings of all tables, for the server. Threads: any. */
const struct rpc_binding *service_bindings(size_t *ret_n_bindings);

/* The row of a method; NULL: no table has it. */
const struct service_method *service_method_of(const struct rpc_method *method);

/* A check, and for checks: whether the caller's role may write (rpc/authority.h). */
service_check_fn service_check_writer;

/* For checks: why a site that is not within the caller's scope is refused, in words; static. */
const char *service_site_refusal(
    const struct authority *authority, const char *study, const char *site_no);

#endif
