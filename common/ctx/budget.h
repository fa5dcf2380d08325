/* The budget of a deadline: a long job splits the time it has left over its phases, and sees early
 * when that will not be enough.
 *
 *     static const struct ctx_phase PHASES[] = {{"load", 3}, {"check", 6}, {"write", 1}};
 *     ctx_budget_begin(&budget, PHASES, LENGTH_OF(PHASES));
 *     ctx_budget_enter(ctx, &budget, CHECK);              what is left, by shares: load's rest, too
 *     for (…; done < total; done++) {
 *         status = ctx_budget_check(ctx, &budget, done, total, "forms checked", &error);
 *
 * A phase gets its share of what is left when it begins, the shares of those that are over left
 * out: so time that one has not used flows to the later ones, and what one has overdrawn is missing
 * to all of them. A budget is a plan and a forecast: it stops nobody for having used more than its
 * share, only for what cannot be done in the time that is left.
 *
 * The forecast takes the rest of a phase to be as slow as what is done of it, and adds what the
 * later ones are known to need (ctx_budget_expect). It must not refuse what would have been done in
 * time, so it says nothing without a deadline, nor on little evidence:
 *   - less than CTX_BUDGET_EVIDENCE_MIN units and CTX_BUDGET_EVIDENCE_MS of work;
 *   - less than one part in CTX_BUDGET_EVIDENCE_PART both of the units and of the time left: a cold
 *     cache or a burst at the beginning says little about a long job, and a job with much time left
 *     can be judged later.
 * What is no work is no evidence of slowness: a wait between ctx_budget_leave and the next enter,
 * and all that comes before the last check that found nothing done (a statement's first row, a
 * lock): so check with 0 done where the loop begins. What is left: work whose later units are much
 * lighter than the first sixteenth may be refused although it would have been done.
 *
 * Plain arithmetic over the clock: no memory, no lock, one thread at a time. Not here: the log line
 * of each phase (obs/job_budget.h). */
#ifndef WALKIE_CTX_BUDGET_H
#define WALKIE_CTX_BUDGET_H

#include <stddef.h>

#include "base/error.h"
#include "ctx/ctx.h"

enum {
    CTX_BUDGET_PHASES_MAX = 8,
    CTX_BUDGET_EVIDENCE_MIN = 16,  /* units of a phase that must be done before it is judged, … */
    CTX_BUDGET_EVIDENCE_MS = 20,   /* … and the time that they must have taken */
    CTX_BUDGET_EVIDENCE_PART = 16, /* one part in so many of the units or of the time left, too */
    CTX_BUDGET_DOUBT_PART = 8, /* need that is less than one part in so many too much is let pass */
};

struct ctx_phase {
    const char *name;   /* a literal */
    unsigned int share; /* of the whole, in any unit; at least 1 */
};

struct ctx_budget {
    const struct ctx_phase *phases; /* borrowed */
    size_t n_phases;
    size_t phase;         /* that was entered last */
    bool is_in_phase;     /* false: not begun, or between two */
    uint64_t entered_ns;  /* when */
    uint64_t allotted_ns; /* what it got then; CLOCK_NEVER: there is no deadline */
    uint64_t used_ns;     /* by it, in earlier stays */
    uint64_t idle_ns;     /* of what it used: before its first unit was begun */
    uint64_t expected_ns[CTX_BUDGET_PHASES_MAX]; /* known needs; 0: unknown */
};

/* Begin with no phase entered. `phases` are 1 … CTX_BUDGET_PHASES_MAX and stay where they are. */
void ctx_budget_begin(struct ctx_budget *budget, const struct ctx_phase phases[], size_t n_phases);

/* Begin a phase, or go on with the one that was left; ends the one before. Phases come in order;
 * some may be left out. Allots (allotted_ns). */
void ctx_budget_enter(const struct ctx *ctx, struct ctx_budget *budget, size_t phase);

/* What comes now until the next enter is no work of the phase: a wait on purpose. */
void ctx_budget_leave(struct ctx_budget *budget);

/* A phase is known to need so long (from what an earlier one has counted, say). 0: not known. */
void ctx_budget_expect(struct ctx_budget *budget, size_t phase, uint64_t needed_ns);

/* What it used so far; 0 before it was entered. */
uint64_t ctx_budget_used_ns(const struct ctx_budget *budget);

/* How much longer than now the job needs, as far as is known: CLOCK_NEVER: too little is. */
uint64_t ctx_budget_needed_ns(const struct ctx_budget *budget, uint64_t done, uint64_t total);

/* Whether the job can be done in its time, with `done` of `total` units of this phase behind it.
 * `what` says what is counted, after "N of M ": "forms checked". With 0 done it notes where work
 * begins.
 * Errors: the context's; RESOURCE_EXHAUSTED: "would need about 900 ms more, 300 ms left; 20 of 800
 * forms checked". */
MUST_USE enum status ctx_budget_check(const struct ctx *ctx, struct ctx_budget *budget,
    uint64_t done, uint64_t total, const char *what, struct error *ret_error);

#endif
