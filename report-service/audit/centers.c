/* GET /v1/centers: the sites of both sources, merged. */
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "ctx/checkpoint.h"
#include "ctx/group.h"

enum {
    CENTER_MEMORY_MAX = 64 * 1024 * 1024, /* bytes of one source's list */
    FROM_CTMS = -1,                       /* n_screened of a row that cannot know them */
};

static const char EDC_SQL[] = "SELECT st.protocol_no, si.site_no, si.name, si.country,"
                              " (SELECT count(*) FROM subject s WHERE s.site_id = si.site_id),"
                              " (SELECT count(*) FROM subject s WHERE s.site_id = si.site_id"
                              " AND s.status NOT IN ('screening', 'screen_failed'))"
                              " FROM site si JOIN study st ON st.study_id = si.study_id"
                              " ORDER BY si.study_id, si.site_id";

/* The findings count is only as good as the table: the source may say that it has none. */
static const char CTMS_SQL[] =
    "SELECT st.protocol_no, si.site_no, si.institution, si.country,"
    " (SELECT count(*) FROM finding f WHERE f.site_id = si.site_id AND f.closed_on IS NULL),"
    " (SELECT count(*) FROM provided p WHERE p.table_name = 'finding' AND p.is_provided = 0)"
    " FROM site si JOIN study st ON st.study_id = si.study_id"
    " ORDER BY si.study_id, si.site_id";

/* One source's list in the making. */
struct listing {
    struct db *db;
    const char *sql;
    const char *stage;
    bool is_ctms;
    struct arena *arena;
    struct audit_center *first;
    size_t count;
    struct error error;
};

static enum status add_center(struct listing *listing, const struct db_rows *rows)
{
    struct audit_center *center = arena_alloc(listing->arena, sizeof(*center));
    if (center == NULL) {
        return error_set(&listing->error, STATUS_RESOURCE_EXHAUSTED, "centers: out of memory");
    }
    center->study = arena_copy_text(listing->arena, db_column_text(rows, 0));
    center->site_no = arena_copy_text(listing->arena, db_column_text(rows, 1));
    center->name = arena_copy_text(listing->arena, db_column_text(rows, 2));
    center->country = arena_copy_text(listing->arena, db_column_text(rows, 3));
    if (center->study == NULL || center->site_no == NULL) {
        return error_set(&listing->error, STATUS_RESOURCE_EXHAUSTED, "centers: out of memory");
    }
    if (listing->is_ctms) {
        center->n_screened = FROM_CTMS;
        center->is_findings_provided = db_column_integer(rows, 5) == 0;
        center->n_open_findings = center->is_findings_provided ? db_column_integer(rows, 4) : 0;
    } else {
        center->n_screened = db_column_integer(rows, 4);
        center->n_enrolled = db_column_integer(rows, 5);
    }
    center->next = listing->first;
    listing->first = center;
    listing->count++;
    return STATUS_OK;
}

static enum status read_rows(
    const struct ctx *ctx, struct listing *listing, struct db_session *session)
{
    struct db_rows *rows;
    enum status status = db_query(ctx, session, listing->sql, NULL, 0, &rows, &listing->error);
    if (status != STATUS_OK) {
        return status;
    }
    bool has_row = true;
    while (status == STATUS_OK && has_row) {
        status = ctx_checkpoint(ctx, listing->stage, listing->count, 0);
        if (status == STATUS_OK) {
            status = db_next(ctx, rows, &has_row, &listing->error);
        }
        if (status == STATUS_OK && has_row) {
            status = add_center(listing, rows);
        }
    }
    db_rows_free(rows);
    return status;
}

static enum status list_source(const struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    struct db_session *session;
    enum status status = db_begin(ctx, listing->db, DB_READ, &session, &listing->error);
    if (status != STATUS_OK) {
        return status;
    }
    status = read_rows(ctx, listing, session);
    db_end(session);
    return status;
}

/* Numbers in the order of their values, before all other texts. */
static int compare_site_no(const char *a, const char *b)
{
    char *a_end;
    char *b_end;
    unsigned long long a_value = strtoull(a, &a_end, 10);
    unsigned long long b_value = strtoull(b, &b_end, 10);
    bool is_a_number = *a != '\0' && *a_end == '\0';
    bool is_b_number = *b != '\0' && *b_end == '\0';
    if (is_a_number != is_b_number) {
        return is_a_number ? -1 : 1;
    }
    if (is_a_number && a_value != b_value) {
        return a_value < b_value ? -1 : 1;
    }
    return strcmp(a, b);
}

static int compare_site(const struct audit_center *a, const struct audit_center *b)
{
    int order = strcmp(a->study, b->study);
    return order != 0 ? order : compare_site_no(a->site_no, b->site_no);
}

/* The same site in both sources: the CTMS comes first, it has no subjects (-1). */
static int compare_centers(const void *a, const void *b)
{
    const struct audit_center *left = *(struct audit_center *const *)a;
    const struct audit_center *right = *(struct audit_center *const *)b;
    int order = compare_site(left, right);
    return order != 0 ? order : (left->n_screened < right->n_screened ? -1 : 1);
}

/* Two neighbours of the same study and number are one site, seen by two sources. */
static void merge_into(
    struct arena *arena, struct audit_center *center, const struct audit_center *other)
{
    if (center->name == NULL) {
        center->name = arena_copy_text(arena, other->name);
    }
    if (center->country == NULL) {
        center->country = arena_copy_text(arena, other->country);
    }
    if (center->n_screened == FROM_CTMS) {
        center->n_screened = other->n_screened;
        center->n_enrolled = other->n_enrolled;
    }
    center->n_open_findings += other->n_open_findings;
    center->is_findings_provided = center->is_findings_provided || other->is_findings_provided;
}

static struct audit_center *copy_center(struct arena *arena, const struct audit_center *center)
{
    struct audit_center *copy = arena_alloc(arena, sizeof(*copy));
    if (copy == NULL) {
        return NULL;
    }
    *copy = *center;
    copy->next = NULL;
    copy->study = arena_copy_text(arena, center->study);
    copy->site_no = arena_copy_text(arena, center->site_no);
    copy->name = arena_copy_text(arena, center->name);
    copy->country = arena_copy_text(arena, center->country);
    return copy;
}

static enum status merge(struct listing listings[2], struct arena *arena,
    struct audit_center **ret_first, struct error *ret_error)
{
    size_t count = listings[0].count + listings[1].count;
    struct audit_center **centers =
        arena_alloc_array(listings[0].arena, count + 1, sizeof(struct audit_center *));
    if (centers == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "centers: out of memory");
    }
    size_t index = 0;
    for (int i = 0; i < 2; i++) {
        for (struct audit_center *center = listings[i].first; center != NULL;
             center = center->next) {
            centers[index++] = center;
        }
    }
    qsort(centers, count, sizeof(struct audit_center *), compare_centers);
    struct audit_center *first = NULL;
    struct audit_center **link = &first;
    struct audit_center *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (last != NULL && compare_site(last, centers[i]) == 0) {
            merge_into(arena, last, centers[i]);
            continue;
        }
        *link = copy_center(arena, centers[i]);
        if (*link == NULL) {
            return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "centers: out of memory");
        }
        last = *link;
        link = &(*link)->next;
    }
    for (struct audit_center *center = first; center != NULL; center = center->next) {
        center->n_screened = center->n_screened == FROM_CTMS ? 0 : center->n_screened;
    }
    *ret_first = first;
    return arena_has_failed(arena)
               ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "centers: out of memory")
               : STATUS_OK;
}

static enum status list_both(
    const struct ctx *ctx, struct listing listings[2], struct error *ret_error)
{
    struct ctx_group *group = ctx_group_new(ctx);
    if (group == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "centers: out of memory");
    }
    ctx_group_run(group, list_source, &listings[0]);
    ctx_group_run(group, list_source, &listings[1]);
    enum status status = ctx_group_wait(group);
    for (int i = 0; i < 2 && status != STATUS_OK; i++) {
        if (listings[i].error.status == status) {
            return error_set(ret_error, status, "%s", listings[i].error.text);
        }
    }
    return status == STATUS_OK ? status
                               : error_set(ret_error, status, "centers: %s", status_text(status));
}

enum status audit_list_centers(const struct ctx *ctx, const struct audit_sources *sources,
    struct arena *arena, struct audit_center **ret_first, struct error *ret_error)
{
    CLEANUP(arena_free_at) struct arena *edc_arena = arena_new(CENTER_MEMORY_MAX);
    CLEANUP(arena_free_at) struct arena *ctms_arena = arena_new(CENTER_MEMORY_MAX);
    if (edc_arena == NULL || ctms_arena == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "centers: out of memory");
    }
    struct listing listings[2] = {
        {.db = sources->edc, .sql = EDC_SQL, .stage = "fetch:edc", .arena = edc_arena},
        {.db = sources->ctms,
            .sql = CTMS_SQL,
            .stage = "fetch:ctms",
            .is_ctms = true,
            .arena = ctms_arena},
    };
    enum status status = list_both(ctx, listings, ret_error);
    return status == STATUS_OK ? merge(listings, arena, ret_first, ret_error) : status;
}
