/* The laboratory as a source of the report: its side, the EDC's side, and the two laid side by
 * side. What goes wrong with the laboratory is in facts->lab.outcome, for the sections to tell. */
#ifndef WALKIE_AUDIT_SOURCES_LAB_SOURCE_H
#define WALKIE_AUDIT_SOURCES_LAB_SOURCE_H

#include "audit/sources/facts.h"
#include "audit/sources/fetch.h"

struct lab;

struct lab_source {
    struct lab *lab;
    struct audit_facts *facts; /* written: lab; read: what has been chosen before the task */
};

/* A context task (struct lab_source): ask the laboratory for the chosen site and day. Errors: the
 * context's only. */
enum status fetch_lab(const struct ctx *ctx, void *lab_source);

/* The results that the site has entered; a step of fetch_edc. Reads nothing unless the laboratory
 * is asked. */
MUST_USE enum status fetch_edc_labs(const struct ctx *ctx, struct fetch *fetch);

/* Pair the two sides: the same subject and test, then in this order of preference the same day and
 * value, the same day, at most LAB_DATE_WINDOW_DAYS apart. Sorts both lists. Errors: the context's,
 * RESOURCE_EXHAUSTED. Threads: one, after the fetches. */
MUST_USE enum status lab_reconcile(const struct ctx *ctx, struct audit_facts *facts);

#endif
