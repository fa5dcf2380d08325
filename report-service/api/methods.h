/* The methods that this program serves: a table a service, a row a method, and in the row all that
 * the program has to know of it: its handler, what makes two calls one question, and whose it is.
 *
 *     static const struct service_method ROWS[] = {
 *         {.binding = {&CRF_VALIDATE, service_crf_validate, NULL},
 *             .role = ROLE_REQUESTER,
 *             .scope = SCOPE_SITE_OR_STUDY},
 *     };
 *     const struct service_table SERVICE_CRF = {
 *         ROWS, LENGTH_OF(ROWS), &walkie__crf__v1__crf_service__descriptor};
 *
 * A service's table stands in a file of its own (report_methods.c, …); methods.c lists the tables.
 * Deadlines, classes and flags are the caller's to know, too: they stand in
 * proto/walkie/…/methods.c. */
#ifndef WALKIE_SERVICE_METHODS_H
#define WALKIE_SERVICE_METHODS_H

#include "rpc/authority.h"
#include "rpc/interceptor.h"
#include "rpc/server.h"

/* What of a caller's scope a request needs, by fields that are called the same in all messages.
 * Asked of every request besides, whatever its row says: `is_unblinded` only an auditor may set,
 * `is_written` only who may write. */
enum service_scope {
    SCOPE_NONE,          /* nothing: it names no site, or the handler asks (authorize.h) */
    SCOPE_SITE,          /* the site `site_no`, of `study` where that is not empty */
    SCOPE_STUDY,         /* all sites of `study` */
    SCOPE_SITE_OR_STUDY, /* as SCOPE_SITE; without a site as SCOPE_STUDY */
};

/* A row. What is not said is not asked, but for the role: without one the method is the admin's. */
struct service_method {
    struct rpc_binding binding;
    enum role role; /* the least that may call it */
    enum service_scope scope;
    bool is_writing; /* the method writes: only who may (rpc/authority.h) */
};

struct service_table {
    const struct service_method *methods;
    size_t n_methods;
    const ProtobufCServiceDescriptor *service;
};

extern const struct service_table SERVICE_REPORT; /* report_methods.c */
extern const struct service_table SERVICE_EPRO;   /* epro_methods.c */
extern const struct service_table SERVICE_CRF;    /* crf_methods.c */

enum { SERVICE_METHODS_MAX = 64 }; /* of all services */

/* The bindings of all tables, for the server. Threads: any. */
const struct rpc_binding *service_bindings(size_t *ret_n_bindings);

/* The row of a method, and the message that its requests are; NULL: no table has it. */
const struct service_method *service_method_of(
    const struct rpc_method *method, const ProtobufCMessageDescriptor **ret_request);

#endif
