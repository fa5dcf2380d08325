/* A whole-study run: all that its parts share. Private to api/study_*.c.
 *
 * The run's one thread makes a site, sends it, makes the next: whoever reads slowly slows only his
 * own run, and memory holds one report however many sites there are. */
#ifndef WALKIE_SERVICE_STUDY_BATCH_H
#define WALKIE_SERVICE_STUDY_BATCH_H

#include "api/render.h"
#include "api/results.h"
#include "audit/export/zip_writer.h"
#include "base/arena.h"

#define STUDY_MANIFEST_SCHEMA "walkie.study-audit-reports/1"

enum {
    STUDY_SITES_MAX = 10000,        /* more: RESOURCE_EXHAUSTED */
    STUDY_MEMORY_MAX = 64 << 20,    /* bytes: the list of sites and what the manifest says */
    STUDY_ENTRY_MAX = ZIP_NAME_MAX, /* bytes of a report's name in the zip */
    STUDY_KEEP_FAILURES_MAX = 3,    /* then nothing more of the run is kept */
};

typedef Walkie__Report__V1__StudyAuditReportsRequest study_request;

/* One site, before and after. */
struct study_site {
    struct study_site *next;
    const char *site_no;
    size_t number;        /* from 1, in the order of the list */
    struct result result; /* when it is done and has not failed */
    bool is_reused;
    enum status status;          /* not OK: why there is no report */
    const char *words;           /* the same in words */
    char entry[STUDY_ENTRY_MAX]; /* its name in the zip */
};

struct study_batch {
    const struct ctx *ctx; /* the call's */
    struct rpc_server_call *call;
    const struct service *service;
    const study_request *request;
    enum language language;
    struct arena *arena;
    struct study_site *first;
    size_t n_sites;
    const char *as_of; /* of all reports; NULL: the first one made says */
    struct audit_versions versions;
    struct results_run *run; /* NULL: nothing is kept */
    unsigned int n_keep_failures;
    struct zip_writer *zip; /* NULL: the head has not been sent */
    size_t n_made;
    size_t n_reused;
    size_t n_failed;
    bool is_data_changed; /* a report was made of other data than the first ones */
    struct error error;
};

/* study_site.c: make the site's report, or take the one that was kept; *ret_fd, the caller's to
 * close, stands anywhere, and *ret_start is where the report begins in it. A failure that is the
 * site's own is put down in `site`, and OK comes back with *ret_fd -1; what another try may mend,
 * and what is the request's fault, comes back as it is. */
MUST_USE enum status study_site_make(
    struct study_batch *batch, struct study_site *site, int *ret_fd, uint64_t *ret_start);

/* study_manifest.c: the zip's last entry. */
MUST_USE enum status study_write_manifest(struct study_batch *batch);

#endif
