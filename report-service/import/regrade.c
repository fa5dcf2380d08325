#include "import/regrade.h"

#include <stdio.h>
#include <string.h>

#include "audit/rules/rules.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "db/db.h"
#include "schema/schema.h"

static const char SITES_SQL[] =
    "SELECT i.site_id, s.protocol_no FROM site i JOIN study s ON s.study_id = i.study_id"
    " WHERE i.site_no = $1 ORDER BY i.site_id";

static const char IN_FORCE_SQL[] =
    "SELECT new_grade FROM finding_regrade WHERE site_id = $1 AND finding_key = $2"
    " ORDER BY regraded_at DESC, regrade_id DESC LIMIT 1";

static const char NEXT_KEY_SQL[] = "SELECT coalesce(max(regrade_id), 0) + 1 FROM finding_regrade";

static const char INSERT_SQL[] =
    "INSERT INTO finding_regrade (regrade_id, site_id, finding_key, old_grade, new_grade,"
    " regraded_by, regraded_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static enum status check_text(
    const char *name, const char *text, size_t len_max, struct error *ret_error)
{
    if (is_blank(text)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--%s is needed: a regrade %s", name,
            strcmp(name, "reason") == 0 ? "without a reason is refused" : "says all of it");
    }
    if (strlen(text) > len_max) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--%s: longer than the %zu bytes allowed", name, len_max);
    }
    return STATUS_OK;
}

static enum status check_rule(const char *code, struct error *ret_error)
{
    const char *codes[RULES_MAX];
    for (size_t i = 0; i < N_RULES; i++) {
        codes[i] = RULES[i].code;
        if (strcmp(code, RULES[i].code) == 0) {
            return STATUS_OK;
        }
    }
    const char *nearest = nearest_name(code, codes, N_RULES);
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--rule %.40s: no such rule%s%s%s", code,
        nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
        nearest == NULL ? "" : "?");
}

static enum status check(const struct regrade_options *options, struct error *ret_error)
{
    enum grade grade;
    const struct {
        const char *name;
        const char *text;
        size_t len_max;
    } TEXTS[] = {
        {"ctms", options->ctms_uri, REGRADE_REASON_MAX},
        {"site", options->site_no, REGRADE_NAME_MAX},
        {"rule", options->rule_code, REGRADE_NAME_MAX},
        {"grade", options->grade, REGRADE_NAME_MAX},
        {"by", options->by, REGRADE_NAME_MAX},
        {"reason", options->reason, REGRADE_REASON_MAX},
    };
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        enum status status = check_text(TEXTS[i].name, TEXTS[i].text, TEXTS[i].len_max, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (!grade_parse(options->grade, &grade)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--grade %.40s: critical, major, minor or recommendation is expected", options->grade);
    }
    return check_rule(options->rule_code, ret_error);
}

static enum status find_site(const struct ctx *ctx, struct db_session *session,
    const struct regrade_options *options, int64_t *ret_site_id, struct error *ret_error)
{
    struct db_value site_no = db_text(options->site_no);
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = false;
    size_t n_sites = 0;
    enum status status = db_query(ctx, session, SITES_SQL, &site_no, 1, &rows, ret_error);
    while (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, ret_error);
        if (status != STATUS_OK || !has_row) {
            break;
        }
        if (options->study == NULL || strcmp(options->study, db_column_text(rows, 1)) == 0) {
            *ret_site_id = db_column_integer(rows, 0);
            n_sites++;
        }
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (n_sites == 0) {
        return error_set(ret_error, STATUS_NOT_FOUND, "no site \"%.40s\" in %s%.100s",
            options->site_no, options->study == NULL ? "any study" : "study ",
            options->study == NULL ? "" : options->study);
    }
    return n_sites == 1 ? STATUS_OK
                        : error_set(ret_error, STATUS_FAILED_PRECONDITION,
                              "site \"%.40s\" is in %zu studies: say which with --study",
                              options->site_no, n_sites);
}

enum { GRADE_TEXT_MAX = 32 };

/* The first column of the only row as text; "" when there is no row. */
static enum status read_one(const struct ctx *ctx, struct db_session *session, const char *sql,
    const struct db_value *values, size_t n_values, char ret_text[GRADE_TEXT_MAX],
    int64_t *ret_integer, struct error *ret_error)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = false;
    enum status status = db_query(ctx, session, sql, values, n_values, &rows, ret_error);
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, ret_error);
    }
    if (status == STATUS_OK && has_row && ret_integer != NULL) {
        *ret_integer = db_column_integer(rows, 0);
    }
    if (status == STATUS_OK && has_row && ret_text != NULL) {
        snprintf(ret_text, GRADE_TEXT_MAX, "%s", db_column_text(rows, 0));
    }
    return status;
}

static enum status write_row(const struct ctx *ctx, struct db_session *session,
    const struct regrade_options *options, struct error *ret_error)
{
    int64_t site_id = 0;
    int64_t key = 0;
    char old_grade[GRADE_TEXT_MAX] = REGRADE_BY_RULE;
    enum status status = find_site(ctx, session, options, &site_id, ret_error);
    if (status == STATUS_OK) {
        struct db_value values[] = {db_integer(site_id), db_text(options->rule_code)};
        status = read_one(ctx, session, IN_FORCE_SQL, values, 2, old_grade, NULL, ret_error);
    }
    if (status == STATUS_OK && strcmp(old_grade, options->grade) == 0) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "%s at site %s is graded %s already", options->rule_code, options->site_no, old_grade);
    }
    if (status == STATUS_OK) {
        status = read_one(ctx, session, NEXT_KEY_SQL, NULL, 0, NULL, &key, ret_error);
    }
    if (status == STATUS_OK) {
        struct db_value values[] = {db_integer(key), db_integer(site_id),
            db_text(options->rule_code), db_text(old_grade), db_text(options->grade),
            db_text(options->by), db_integer(clock_epoch_us() / 1000), db_text(options->reason)};
        status = db_exec(ctx, session, INSERT_SQL, values, LENGTH_OF(values), ret_error);
    }
    return status == STATUS_OK ? schema_bump_data_version(ctx, session, ret_error) : status;
}

static enum status write_in(const struct ctx *ctx, struct db *db,
    const struct regrade_options *options, struct error *ret_error)
{
    struct db_session *session = NULL;
    enum status status = db_begin(ctx, db, DB_WRITE, &session, ret_error);
    if (status == STATUS_OK) {
        status = schema_check(ctx, session, SCHEMA_CTMS, ret_error);
    }
    if (status == STATUS_OK) {
        status = write_row(ctx, session, options, ret_error);
    }
    if (status == STATUS_OK) {
        status = db_commit(ctx, session, ret_error);
    }
    db_end(session);
    return status;
}

enum status regrade_write(
    const struct ctx *ctx, const struct regrade_options *options, struct error *ret_error)
{
    enum status status = check(options, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct db_options db_options = {
        .name = "ctms", .uri = options->ctms_uri, .mode = DB_OPEN_READ_WRITE};
    struct db *db = NULL;
    status = db_open(ctx, &db_options, &db, ret_error);
    if (status == STATUS_OK) {
        status = write_in(ctx, db, options, ret_error);
        db_close(db);
    }
    return status;
}
