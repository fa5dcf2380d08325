/* The scheduler's structures, for its files: scheduler.c (jobs in, jobs out),
 * scheduler_pause.c (jobs that leave and come back), scheduler_principal.c (whose turn it is),
 * scheduler_forecast.c (how long the wait will be). */
#ifndef WALKIE_RPC_SCHEDULER_INTERNAL_H
#define WALKIE_RPC_SCHEDULER_INTERNAL_H

#include "rpc/scheduler.h"

enum principal_place {
    PRINCIPAL_NOWHERE, /* in by_id only: it has running jobs, or is being changed */
    PRINCIPAL_ACTIVE,  /* it has queued jobs */
    PRINCIPAL_RESTING, /* it has none, and has used more than its share so far */
};

struct scheduler_principal {
    struct sum_tree_node by_id;
    struct sum_tree_node by_tag;    /* active or resting; key and value: its tag */
    struct sum_tree_node by_end;    /* active; key and value: its tag when its queue has run */
    struct sum_tree_node by_length; /* active; key: jobs queued */
    struct sum_tree queue;          /* by deadline; value: cost */
    uint64_t tag; /* virtual time at which its next job starts: the work it has had, in ns */
    unsigned int n_running;
    uint64_t n_away; /* jobs that are paused, or resumed and have no place yet */
    enum principal_place place;
    char name[SCHEDULER_PRINCIPAL_MAX];
};

struct scheduler_running {
    struct scheduler_principal *principal;
    struct method_cell *cell;
    bool is_probe;
    uint64_t started_ns;
    uint64_t held_before_ns; /* the job has had places for, before this one */
    uint64_t cost_ns;        /* as charged to the principal */
    uint64_t quantile_ns;
    uint64_t deadline_ns;
};

struct scheduler {
    struct scheduler_options options;
    struct sum_tree principals; /* all, by id */
    struct sum_tree tags;       /* the active ones by tag, … */
    struct sum_tree ends;       /* … by end, … */
    struct sum_tree lengths;    /* … and by length */
    struct sum_tree resting;    /* by tag */
    uint64_t virtual_ns;        /* the greatest tag of a job that was started */
    uint64_t tag_max;           /* that any principal has had */
    uint64_t n_queued;
    uint64_t queued_ns;
    struct scheduler_job *resumed; /* the one that goes on first */
    struct scheduler_job *resumed_last;
    uint64_t n_resumed;
    uint64_t resumed_ns; /* what they are still expected to take */
    uint64_t n_paused;
    unsigned int n_running;
    unsigned int n_probing;
    struct scheduler_counts counts; /* only the totals */
    struct scheduler_running *free_places[SCHEDULER_RUNNING_MAX];
    struct scheduler_running places[SCHEDULER_RUNNING_MAX]; /* max_running are used */
};

/* scheduler.c. Give the job a place, and charge its principal for what it is expected to take. */
struct scheduler_running *scheduler_occupy(struct scheduler *scheduler, struct scheduler_job *job,
    uint64_t cost_ns, uint64_t deadline_ns, uint64_t now_ns);
/* The place is free; its job has had it, and others before, for the time returned. */
uint64_t scheduler_vacate(
    struct scheduler *scheduler, struct scheduler_running *running, uint64_t now_ns);

/* scheduler_pause.c. The resumed job whose turn it is, with its place; NULL: there is none. */
struct scheduler_job *resumed_next(
    struct scheduler *scheduler, uint64_t now_ns, struct scheduler_running **ret_running);

/* scheduler_principal.c */
struct scheduler_principal *principal_find(const struct scheduler *scheduler, uint64_t id);
/* NULL: out of memory. */
struct scheduler_principal *principal_new(
    struct scheduler *scheduler, uint64_t id, struct bytes name);
/* After every change of its tag, its queue or what it runs: put it where it belongs now. Frees a
 * principal that nothing is left of. */
void principal_settle(struct scheduler *scheduler, struct scheduler_principal *principal);
void principal_push(struct scheduler *scheduler, struct scheduler_principal *principal,
    struct scheduler_job *job, uint64_t deadline_ns, uint64_t cost_ns);
void principal_remove(struct scheduler *scheduler, struct scheduler_job *job);
/* Virtual time has gone on: forget those that have rested long enough. */
void principals_forget(struct scheduler *scheduler);

/* scheduler_forecast.c. `principal` may be NULL: one that is not known. */
uint64_t forecast_wait_ns(const struct scheduler *scheduler, uint64_t now_ns,
    const struct scheduler_principal *principal, uint64_t deadline_ns);

#endif
