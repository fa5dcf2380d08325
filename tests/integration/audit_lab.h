/* A laboratory for the reports of tests: the stand-in, and a client that asks it.
 *
 *     struct audit_lab *lab = audit_lab_start(NULL);           has what audit_fixture's EDC has
 *     fixture->sources.lab = lab->client;
 *     lab_server_set_fault(lab->server, LAB_FAULT_HANG, 1, 0);
 *     audit_lab_stop(lab);                                     after the fixture
 *
 * Failures fail the test. */
#ifndef WALKIE_TESTS_AUDIT_LAB_H
#define WALKIE_TESTS_AUDIT_LAB_H

#include "audit/lab/lab.h"
#include "stand_in/lab_server.h"

enum { AUDIT_LAB_RESULTS = 50 }; /* of each site of the fixture */

struct audit_lab {
    char path[64]; /* of a file of our own; "": it is the caller's */
    struct lab_server *server;
    struct lab *client;
};

/* `path`: the results it has; NULL: those of audit_fixture's study, five a subject, the first one
 * of each flagged H. */
struct audit_lab *audit_lab_start(const char *path);
void audit_lab_stop(struct audit_lab *lab); /* accepts NULL */

/* Another client of the same laboratory, with this much time; the caller frees it. */
struct lab *audit_lab_client(const struct audit_lab *lab, uint64_t timeout_ns);

#endif
