/* The indicators of all sites of a study that lies in two databases, against an independent
 * computation: kri_check EDC CTMS STUDY DAY... Used by tests/e2e/indicators_test.sh on real data.
 */
#include <stdio.h>

#include "audit/sources/study_cache.h"
#include "support/kri_compare.h"

static struct db *open_database(const char *name, const char *uri)
{
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    const struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    return db;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: kri_check EDC CTMS STUDY DAY...\n");
        return 2;
    }
    struct audit_sources sources = {.edc = open_database("edc", argv[1]),
        .ctms = open_database("ctms", argv[2]),
        .study_cache = study_cache_new(0, 0)};
    struct oracle_rows *rows = NULL;
    if (sources.edc != NULL && sources.ctms != NULL) {
        rows = oracle_rows_new(sources.edc, sources.ctms, argv[3]);
    }
    struct kri_tally tally = {0};
    bool is_right = rows != NULL;
    for (int i = 4; i < argc && rows != NULL; i++) {
        is_right = kri_compare(&sources, argv[3], rows, argv[i], &tally) && is_right;
    }
    printf("%zu values, %zu scored, %zu flagged, %zu wrong\n", tally.n_values, tally.n_scored,
        tally.n_flagged, tally.n_wrong);
    oracle_rows_free(rows);
    study_cache_free(sources.study_cache);
    db_close(sources.edc);
    db_close(sources.ctms);
    return is_right ? 0 : 1;
}
