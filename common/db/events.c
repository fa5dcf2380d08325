#include <ctype.h>

#include "db/internal.h"
#include "obs/log.h"
#include "obs/span.h"

enum { STATEMENT_LABEL_MAX = 61 }; /* bytes of a statement in a log line, with the NUL */

/* The statement's first bytes on one line, cut between characters. */
static void make_label(const char *sql, char label[STATEMENT_LABEL_MAX])
{
    size_t len = 0;
    bool is_gap = false;
    for (; *sql != '\0'; sql++) {
        if (isspace((unsigned char)*sql)) {
            is_gap = len > 0;
            continue;
        }
        if (len + (is_gap ? 2 : 1) >= STATEMENT_LABEL_MAX) {
            break;
        }
        if (is_gap) {
            label[len++] = ' ';
            is_gap = false;
        }
        label[len++] = *sql;
    }
    if (((unsigned char)*sql & 0xC0) == 0x80) {
        while (len > 0 && ((unsigned char)label[len - 1] & 0xC0) == 0x80) {
            len--;
        }
        len -= len > 0 ? 1 : 0;
    }
    label[len] = '\0';
}

void db_log_cancel(
    const struct ctx *ctx, const struct db *db, const char *sql, uint64_t started_at_ns)
{
    char label[STATEMENT_LABEL_MAX];
    make_label(sql, label);
    uint64_t now_ns = clock_now_ns();
    uint64_t done_at_ns = ctx_done_at_ns(ctx);
    uint64_t latency_ns = done_at_ns != 0 && done_at_ns < now_ns ? now_ns - done_at_ns : 0;
    span_add(ctx, "sql", SPAN_CLIENT, started_at_ns, ctx_err(ctx),
        &(struct span_facts){.text_key = SPAN_STATEMENT, .text = label});
    LOG_INFO("db.cancel", ctx, log_str("database", db->name),
        log_ms("elapsed_ms", now_ns - started_at_ns), log_ms("stop_latency_ms", latency_ns),
        log_str("statement", label));
}

void db_log_query(const struct ctx *ctx, const struct db *db, const char *sql,
    uint64_t started_at_ns, uint64_t n_rows)
{
    if (!log_is_on(LOG_LEVEL_DEBUG) && !span_is_on(ctx)) {
        return;
    }
    char label[STATEMENT_LABEL_MAX];
    make_label(sql, label);
    if (ctx_err(ctx) == STATUS_OK) { /* else it has been told: db_log_cancel */
        span_add(ctx, "sql", SPAN_CLIENT, started_at_ns, STATUS_OK,
            &(struct span_facts){
                .text_key = SPAN_STATEMENT, .text = label, .numbers = {{SPAN_ROWS, n_rows}}});
    }
    LOG_DEBUG("db.query", ctx, log_str("database", db->name),
        log_ms("elapsed_ms", clock_now_ns() - started_at_ns), log_u64("rows", n_rows),
        log_str("statement", label));
}

void db_note_begin(const struct ctx *ctx, const struct db_session *session, uint64_t started_at_ns,
    enum status status)
{
    span_add(ctx, session->is_new ? "db.connect" : "db.begin", SPAN_CLIENT, started_at_ns, status,
        &(struct span_facts){.text_key = SPAN_DATABASE, .text = session->db->name});
}
