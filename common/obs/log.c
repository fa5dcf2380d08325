#include "obs/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctx/peer.h"
#include "obs/log_line.h"
#include "obs/log_words.h"
#include "obs/trace.h"

/* Set by log_init before threads start; only the descriptor changes later (log_reopen). */
static struct log_options log_settings = {
    .service = "-", .format = LOG_FORMAT_TEXT, .level = LOG_LEVEL_INFO};
static _Atomic int log_fd = STDERR_FILENO;

/* Held only to finish a line of which write(2) took a part (a full pipe): nobody may come between.
 */
static pthread_mutex_t partial_lock = PTHREAD_MUTEX_INITIALIZER;

static int open_log(const char *path, struct error *ret_error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0) {
        error_set(
            ret_error, STATUS_UNAVAILABLE, "log file %s: cannot open: %s", path, strerror(errno));
    }
    return fd;
}

enum status log_init(const struct log_options *options, struct error *ret_error)
{
    int fd = STDERR_FILENO;
    if (options->path != NULL) {
        fd = open_log(options->path, ret_error);
        if (fd < 0) {
            return STATUS_UNAVAILABLE;
        }
    }
    log_settings = *options;
    atomic_store(&log_fd, fd);
    return STATUS_OK;
}

enum status log_reopen(struct error *ret_error)
{
    if (log_settings.path == NULL) {
        return STATUS_OK;
    }
    int fd = open_log(log_settings.path, ret_error);
    if (fd < 0) {
        return STATUS_UNAVAILABLE;
    }
    /* dup2 keeps the number that other threads may be writing to at this moment. */
    enum status status = STATUS_OK;
    if (dup2(fd, atomic_load(&log_fd)) < 0) {
        status = error_set(ret_error, STATUS_UNAVAILABLE, "log file %s: cannot switch to it: %s",
            log_settings.path, strerror(errno));
    }
    close(fd);
    return status;
}

bool log_is_on(enum log_level level)
{
    return level >= log_settings.level;
}

struct log_field log_str(const char *name, const char *value)
{
    return (struct log_field){name, value == NULL ? LOG_ABSENT : LOG_STR, {.str = value}};
}

struct log_field log_i64(const char *name, int64_t value)
{
    return (struct log_field){name, LOG_I64, {.i64 = value}};
}

struct log_field log_u64(const char *name, uint64_t value)
{
    return (struct log_field){name, LOG_U64, {.u64 = value}};
}

struct log_field log_u64_if(const char *name, bool is_given, uint64_t value)
{
    return (struct log_field){name, is_given ? LOG_U64 : LOG_ABSENT, {.u64 = value}};
}

struct log_field log_f64(const char *name, double value)
{
    return (struct log_field){name, LOG_F64, {.f64 = value}};
}

struct log_field log_bool(const char *name, bool value)
{
    return (struct log_field){name, LOG_BOOL, {.boolean = value}};
}

struct log_field log_ms(const char *name, uint64_t duration_ns)
{
    enum log_kind kind = duration_ns == CLOCK_NEVER ? LOG_ABSENT : LOG_MS;
    return (struct log_field){name, kind, {.u64 = duration_ns}};
}

static void line_begin(struct log_line *line, enum log_level level, const char *event,
    const struct log_field *fields, size_t n_fields)
{
    static const char *const LEVEL_NAMES[] = {"debug", "info", "warn", "error"};
    /* Microseconds, so that lines of two processes of one machine can be put in order. */
    int64_t now_us = clock_epoch_us();
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char stamp[32];
    size_t len = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(stamp + len, sizeof(stamp) - len, ".%06dZ", (int)(now_us % 1000000));

    char head[256];
    if (line->format == LOG_FORMAT_JSON) {
        snprintf(head, sizeof(head),
            "{\"ts\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"event\":\"%s\"", stamp,
            LEVEL_NAMES[level], log_settings.service, event);
        log_line_raw(line, head);
        return;
    }
    enum log_language language = log_settings.language;
    const char *words = log_event_words(event, language);
    snprintf(head, sizeof(head), "%s %s %-14s %-15s ", stamp, log_level_word(level, language),
        log_settings.service, event);
    log_line_raw(line, head);
    log_line_words(line, words, fields, n_fields);
    log_line_raw(line, *words == '\0' ? "" : ":");
}

/* The fields that come first, in this order, in every line that has them. Those of a group come
 * from the caller, all of them, or from the context. */
enum first_field {
    FIRST_CALL_ID,
    FIRST_METHOD,
    FIRST_REMAINING,
    FIRST_ELAPSED,
    FIRST_DEADLINE_ORIGIN,
    FIRST_DEADLINE_HOP,
    FIRST_DEADLINE_BY,
    FIRST_CAUSE,
    FIRST_CAUSE_HOP,
    FIRST_CAUSE_BY,
    FIRST_STAGE,
    N_FIRST_FIELDS,
};

static const char *const FIRST_FIELDS[N_FIRST_FIELDS] = {"call_id", "method", "remaining_ms",
    "elapsed_ms", "deadline_origin", "deadline_hop", "deadline_by", "cause", "cause_hop",
    "cause_by", "stage"};

static bool is_first_field(const char *name)
{
    for (size_t i = 0; i < LENGTH_OF(FIRST_FIELDS); i++) {
        if (strcmp(FIRST_FIELDS[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static const struct log_field *find_field(
    const struct log_field *fields, size_t n_fields, const char *name)
{
    for (size_t i = 0; i < n_fields; i++) {
        if (fields[i].kind != LOG_ABSENT && strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

/* Whether the caller has a say in it, also by leaving it out. */
static bool gives(const struct log_field *fields, size_t n_fields, enum first_field which)
{
    for (size_t i = 0; i < n_fields; i++) {
        if (strcmp(fields[i].name, FIRST_FIELDS[which]) == 0) {
            return true;
        }
    }
    return false;
}

static void line_ids(struct log_line *line, const struct trace *trace)
{
    char trace_text[TRACE_ID_TEXT_MAX];
    char span_text[SPAN_ID_TEXT_MAX];
    trace_id_text(trace, trace_text);
    span_id_text(trace->span_id, span_text);
    struct log_field field = log_str("trace_id", trace_text);
    log_line_field(line, &field);
    field = log_str("span_id", span_text);
    log_line_field(line, &field);
}

static void know(struct log_field *known, enum first_field which, struct log_field field)
{
    known[which] = field;
    known[which].name = FIRST_FIELDS[which];
}

static void know_source(
    struct log_field *known, enum first_field hop, enum first_field by, struct ctx_source source)
{
    know(known, hop, log_u64("", source.hop));
    know(known, by, log_str("", ctx_peer_name(source.peer)));
}

/* What the context tells by itself. Nothing is asked that could end it: a line must not. */
static void know_context(
    struct log_field *known, const struct ctx *ctx, bool gives_deadline, bool gives_cause)
{
    if (ctx_deadline_ns(ctx) != CLOCK_NEVER) {
        know(known, FIRST_REMAINING, log_ms("", ctx_remaining_ns(ctx)));
        if (!gives_deadline) {
            const char *origin = ctx_origin_word(ctx_deadline_origin(ctx));
            know(known, FIRST_DEADLINE_ORIGIN, log_str("", origin));
            know_source(known, FIRST_DEADLINE_HOP, FIRST_DEADLINE_BY, ctx_deadline_source(ctx));
        }
    }
    if (!gives_cause && ctx_done(ctx)) {
        know(known, FIRST_CAUSE, log_str("", ctx_cause_word(ctx_cause(ctx))));
        know_source(known, FIRST_CAUSE_HOP, FIRST_CAUSE_BY, ctx_cause_source(ctx));
    }
}

static void line_fields(
    struct log_line *line, const struct ctx *ctx, const struct log_field *fields, size_t n_fields)
{
    struct log_field known[N_FIRST_FIELDS];
    for (size_t i = 0; i < N_FIRST_FIELDS; i++) {
        known[i] = log_str(FIRST_FIELDS[i], NULL);
    }
    const struct trace *trace = ctx == NULL ? NULL : trace_of(ctx);
    if (trace != NULL) {
        line_ids(line, trace);
        know(known, FIRST_CALL_ID, log_u64_if("", trace->call_id != 0, trace->call_id));
        know(known, FIRST_METHOD, log_str("", trace->method));
    }
    if (ctx != NULL) {
        know_context(known, ctx, gives(fields, n_fields, FIRST_DEADLINE_ORIGIN),
            gives(fields, n_fields, FIRST_CAUSE));
    }
    for (size_t i = 0; i < N_FIRST_FIELDS; i++) {
        const struct log_field *given = find_field(fields, n_fields, FIRST_FIELDS[i]);
        log_line_field(line, given != NULL ? given : &known[i]);
    }
    for (size_t i = 0; i < n_fields; i++) {
        if (!is_first_field(fields[i].name)) {
            log_line_field(line, &fields[i]);
        }
    }
}

/* One write(2) a line: the kernel keeps lines of O_APPEND files and of pipes (up to PIPE_BUF, which
 * is LOG_LINE_MAX) whole. Other descriptors may take a part; the rest follows under a lock. */
static void line_write(const struct log_line *line)
{
    int fd = atomic_load_explicit(&log_fd, memory_order_relaxed);
    ssize_t written = write(fd, line->text, line->len);
    if (written < 0 || (size_t)written == line->len) {
        return;
    }
    pthread_mutex_lock(&partial_lock);
    for (size_t at = (size_t)written; at < line->len; at += (size_t)written) {
        written = write(fd, line->text + at, line->len - at);
        if (written < 0) {
            break;
        }
    }
    pthread_mutex_unlock(&partial_lock);
}

void log_event(enum log_level level, const char *event, const struct ctx *ctx,
    const struct log_field *fields, size_t n_fields)
{
    if (!log_is_on(level)) {
        return;
    }
    int saved_errno = errno;
    struct log_line line;
    line.len = 0;
    line.is_cut = false;
    line.format = log_settings.format;
    line_begin(&line, level, event, fields, n_fields);
    line_fields(&line, ctx, fields, n_fields);
    log_line_end(&line);
    line_write(&line);
    errno = saved_errno;
}
