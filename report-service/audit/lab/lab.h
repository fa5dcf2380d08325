/* The central laboratory: what it has of one site's results, asked for over HTTP.
 *
 *     status = lab_new(&(struct lab_options){.url = "https://lab.example/api"}, &lab, &error);
 *     status = lab_fetch(ctx, lab, &question, arena, &answer);
 *     if (status == STATUS_OK && answer.outcome == LAB_ANSWERED) { answer.results … }
 *
 * This source is optional: a laboratory that is slow, gone or talks nonsense makes a report that
 * says so, not a report that fails. So what goes wrong is an outcome, in words of ours; nothing of
 * what the other side sent gets into a text. A fetch takes at most `timeout_ns` and at most a
 * LAB_TIME_SHARE-th of what is left of the caller's deadline, repeats included: the rest of the
 * report has to come too. The laboratory is told how long its answer is of use and whose trace it
 * belongs to (http/client.h), and nothing about who asked.
 *
 * The interface that the laboratory serves: lab/README.md. Not here: judgement (rules/), pairing
 * with the EDC's results (sources/lab_reconcile.c), a cache. */
#ifndef WALKIE_AUDIT_LAB_LAB_H
#define WALKIE_AUDIT_LAB_LAB_H

#include "audit/sources/facts_lab.h"
#include "base/arena.h"
#include "base/error.h"
#include "ctx/ctx.h"

enum {
    LAB_URL_MAX = 512,            /* bytes of the service's address, with the NUL */
    LAB_TARGET_MAX = 2048,        /* bytes of the address of one page, with the NUL */
    LAB_TIME_SHARE = 4,           /* the fetch has at most a quarter of the remaining time */
    LAB_REPEATS_MAX = 3,          /* requests of one fetch that are made a second time */
    LAB_PAUSE_MS = 50,            /* before the first repeat, doubled for each further one */
    LAB_PAGES_MAX = 200,          /* of one answer */
    LAB_RESULTS_MAX = 100000,     /* of one answer */
    LAB_PAGE_LEN_MAX = 1 << 20,   /* bytes */
    LAB_TIMEOUT_MS_DEFAULT = 3000 /* of a fetch */
};

struct lab; /* shared by threads */

struct lab_options {
    const char *url;        /* http:// or https://, host, perhaps a path; copied */
    uint64_t timeout_ns;    /* 0: LAB_TIMEOUT_MS_DEFAULT */
    const char *user_agent; /* borrowed until lab_free; NULL: none */
    const char *ca_file;    /* the same; NULL: the system's authorities */
};

/* Whether `url` can be a laboratory's address. Errors: INVALID_ARGUMENT, without the url (it may
 * hold a secret). */
MUST_USE enum status lab_check_url(const char *url, struct error *ret_error);

/* Connects to nobody yet. Errors: those of lab_check_url, RESOURCE_EXHAUSTED. */
MUST_USE enum status lab_new(
    const struct lab_options *options, struct lab **ret_lab, struct error *ret_error);
void lab_free(struct lab *lab); /* accepts NULL; no fetch may be under way */

uint64_t lab_timeout_ns(const struct lab *lab);

/* One site, as of one day. */
struct lab_question {
    const char *study;
    const char *site_no;
    const char *as_of; /* ISO date */
};

struct lab_answer {
    enum lab_outcome outcome;
    int status_code;     /* REFUSED: the HTTP status */
    struct list results; /* struct lab_value; ANSWERED: all of them, else none */
    int64_t snapshot_at; /* ANSWERED: as of when the laboratory has answered, epoch ms */
    unsigned int n_requests;
    unsigned int n_pages;
};

/* Ask, page by page, repeating what can be repeated. Results are allocated from `arena`.
 *
 * Threads: any. Blocks until the answer is whole, the time set aside is over or `ctx` is done.
 * Errors:  the context's, when it is done: only then *ret_answer is not an answer. */
MUST_USE enum status lab_fetch(const struct ctx *ctx, struct lab *lab,
    const struct lab_question *question, struct arena *arena, struct lab_answer *ret_answer);

#endif
