#include "auth/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auth/access_chain.h"
#include "base/clock.h"
#include "obs/log_line.h"
#include "obs/metrics.h"
#include "rpc/condition.h"

enum { COMPLAIN_EVERY_S = 60, WRITTEN_LINE_MAX = LOG_LINE_MAX + 128 };

static struct metrics_family LOST = {.name = "walkie_access_log_lost_total",
    .help = "Lines of the access log that could not be written or found no room to wait.",
    .kind = METRICS_COUNTER};
static struct metrics_family LINES = {.name = "walkie_access_log_lines_total",
    .help = "Lines that are in the access log.",
    .kind = METRICS_COUNTER};

struct access_log {
    struct access_log_options options;
    pthread_t thread;
    _Atomic bool is_failing; /* the last line could not be written */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t is_work;
    struct buffer waiting; /* whole lines */
    bool is_stopping;
    bool must_reopen;

    /* The thread's alone. */
    int fd;
    bool is_line_broken;  /* the file ends within a line that did not fit */
    struct hmac_key *key; /* NULL: none */
    struct access_chain chain;
    struct buffer out;
    uint64_t complained_ns;
};

/* --- the file ------------------------------------------------------------------------------- */

/* Go on from the last line. One that was broken off is left as it is, on a line of its own. */
static void read_tail(struct access_log *log, int fd)
{
    char tail[2 * WRITTEN_LINE_MAX];
    struct stat file;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || file.st_size == 0) {
        return;
    }
    off_t from = file.st_size > (off_t)sizeof(tail) ? file.st_size - (off_t)sizeof(tail) : 0;
    ssize_t len = pread(fd, tail, sizeof(tail), from);
    if (len <= 0) {
        return;
    }
    log->is_line_broken = tail[len - 1] != '\n';
    size_t end = (size_t)len;
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && tail[start - 1] != '\n') {
            start--;
        }
        size_t body_len = 0;
        const struct bytes line = {(const uint8_t *)tail + start, end - start};
        if (access_chain_read(line, &body_len, log->chain.last)) {
            return;
        }
        end = start;
    }
}

static int open_file(const struct access_log *log)
{
    return open(log->options.path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
}

static void reopen(struct access_log *log)
{
    int fd = open_file(log);
    if (fd < 0) {
        LOG_ERROR("access_log.reopen_failed", NULL, log_str("path", log->options.path),
            log_str("error", strerror(errno)));
        return;
    }
    close(log->fd);
    log->fd = fd;
    log->is_line_broken = false;
    read_tail(log, fd);
}

static void complain(struct access_log *log, int problem)
{
    uint64_t now_ns = clock_now_ns();
    if (log->complained_ns != 0 && now_ns - log->complained_ns < CLOCK_SECONDS(COMPLAIN_EVERY_S)) {
        return;
    }
    log->complained_ns = now_ns;
    LOG_ERROR("access_log.failed", NULL, log_str("path", log->options.path),
        log_str("error", strerror(problem)), log_bool("required", log->options.is_required),
        log_u64("lost", metrics_value(metrics_child(&LOST, NULL, NULL, NULL))));
}

/* --- the thread ----------------------------------------------------------------------------- */

static bool write_line(struct access_log *log, struct bytes line)
{
    char link[SHA256_HEX_MAX];
    log->out.len = 0;
    bool is_good = !log->is_line_broken || buffer_append_text(&log->out, "\n") == STATUS_OK;
    if (!is_good || access_chain_link(&log->chain, line, link, &log->out) != STATUS_OK) {
        complain(log, ENOMEM);
        return false;
    }
    ssize_t n = 0;
    do {
        n = write(log->fd, log->out.data, log->out.len);
    } while (n < 0 && errno == EINTR);
    ssize_t len = (ssize_t)log->out.len;
    if (n < len - 1) {
        complain(log, n < 0 ? errno : ENOSPC);
        log->is_line_broken = log->is_line_broken || n > 0;
        return false;
    }
    log->is_line_broken = n < len; /* the newline alone is missing: the line is there */
    memcpy(log->chain.last, link, sizeof(link));
    metrics_add(metrics_child(&LINES, NULL, NULL, NULL), 1);
    return true;
}

/* Wait for a while, or for the end. Returns whether it is the end. */
static bool pause_or_stop(struct access_log *log)
{
    uint64_t until_ns = clock_now_ns() + CLOCK_MS(ACCESS_LOG_RETRY_MS);
    pthread_mutex_lock(&log->mutex);
    if (!log->is_stopping && !log->must_reopen) {
        (void)condition_wait_until(&log->is_work, &log->mutex, until_ns);
    }
    bool is_stopping = log->is_stopping;
    bool must_reopen = log->must_reopen;
    log->must_reopen = false;
    pthread_mutex_unlock(&log->mutex);
    if (must_reopen) {
        reopen(log);
    }
    return is_stopping;
}

static void write_or_lose(struct access_log *log, struct bytes line)
{
    bool is_written = write_line(log, line);
    atomic_store(&log->is_failing, !is_written);
    bool is_last_try = !log->options.is_required;
    while (!is_written && !is_last_try) {
        is_last_try = pause_or_stop(log); /* there may be room by now */
        is_written = write_line(log, line);
        atomic_store(&log->is_failing, !is_written);
    }
    if (!is_written) {
        metrics_add(metrics_child(&LOST, NULL, NULL, NULL), 1);
    }
}

static void write_lines(struct access_log *log, const struct buffer *lines)
{
    for (size_t at = 0; at < lines->len;) {
        const uint8_t *newline = memchr(lines->data + at, '\n', lines->len - at);
        size_t end = (size_t)(newline - lines->data) + 1; /* lines are whole */
        write_or_lose(log, (struct bytes){lines->data + at, end - at});
        at = end;
    }
}

/* Take what waits. False: it is over, and nothing does. */
static bool await_work(struct access_log *log, struct buffer *ret_lines, bool *ret_must_reopen)
{
    pthread_mutex_lock(&log->mutex);
    while (log->waiting.len == 0 && !log->is_stopping && !log->must_reopen) {
        pthread_cond_wait(&log->is_work, &log->mutex);
    }
    struct buffer spare = *ret_lines;
    *ret_lines = log->waiting;
    log->waiting = spare;
    log->waiting.len = 0;
    *ret_must_reopen = log->must_reopen;
    log->must_reopen = false;
    bool is_over = log->is_stopping && ret_lines->len == 0;
    pthread_mutex_unlock(&log->mutex);
    return !is_over;
}

static void *run(void *arg)
{
    struct access_log *log = arg;
    struct buffer lines = BUFFER_EMPTY(ACCESS_LOG_QUEUE_MAX);
    bool must_reopen = false;
    while (await_work(log, &lines, &must_reopen)) {
        write_lines(log, &lines);
        if (must_reopen) {
            reopen(log); /* what was put before goes where it was meant to */
        }
    }
    buffer_finish(&lines);
    return NULL;
}

/* --- everybody ------------------------------------------------------------------------------ */

static enum status open_failed(const char *path, struct error *ret_error)
{
    return error_set(ret_error, STATUS_UNAVAILABLE, "access log %s: cannot be opened: %s", path,
        strerror(errno));
}

/* What is needed before the file: the key, and the chain that it makes. */
static enum status begin_chain(struct access_log *log, struct error *ret_error)
{
    if (log->options.key_path != NULL) {
        enum status status = hmac_key_load(log->options.key_path, &log->key, ret_error);
        if (status != STATUS_OK) {
            error_prefix(ret_error, "--access-log-key");
            return status;
        }
    }
    return access_chain_init(&log->chain, log->key)
               ? STATUS_OK
               : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

static enum status begin(struct access_log *log, struct error *ret_error)
{
    enum status status = begin_chain(log, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    log->fd = open_file(log);
    if (log->fd < 0) {
        return open_failed(log->options.path, ret_error);
    }
    read_tail(log, log->fd);
    pthread_mutex_init(&log->mutex, NULL);
    condition_init(&log->is_work);
    if (pthread_create(&log->thread, NULL, run, log) != 0) {
        close(log->fd);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no thread can be started");
    }
    return STATUS_OK;
}

static void finish(struct access_log *log)
{
    access_chain_finish(&log->chain);
    hmac_key_free(log->key);
    free(log);
}

enum status access_log_new(
    const struct access_log_options *options, struct access_log **ret_log, struct error *ret_error)
{
    struct access_log *log = calloc(1, sizeof(*log));
    if (log == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    log->options = *options;
    log->waiting = (struct buffer)BUFFER_EMPTY(ACCESS_LOG_QUEUE_MAX);
    log->out = (struct buffer)BUFFER_EMPTY(WRITTEN_LINE_MAX);
    enum status status = begin(log, ret_error);
    if (status != STATUS_OK) {
        finish(log);
        return status;
    }
    /* They are on the page before anything goes wrong. */
    metrics_add(metrics_child(&LOST, NULL, NULL, NULL), 0);
    metrics_add(metrics_child(&LINES, NULL, NULL, NULL), 0);
    *ret_log = log;
    return STATUS_OK;
}

static void tell(struct access_log *log, bool *what)
{
    pthread_mutex_lock(&log->mutex);
    *what = true;
    pthread_cond_signal(&log->is_work);
    pthread_mutex_unlock(&log->mutex);
}

void access_log_free(struct access_log *log)
{
    if (log == NULL) {
        return;
    }
    tell(log, &log->is_stopping);
    pthread_join(log->thread, NULL);
    close(log->fd);
    pthread_cond_destroy(&log->is_work);
    pthread_mutex_destroy(&log->mutex);
    buffer_finish(&log->waiting);
    buffer_finish(&log->out);
    finish(log);
}

void access_log_reopen(struct access_log *log)
{
    tell(log, &log->must_reopen);
}

bool access_log_is_ready(const struct access_log *log)
{
    return !log->options.is_required ||
           !atomic_load_explicit(&log->is_failing, memory_order_relaxed);
}

static void put_time(struct log_line *line)
{
    int64_t now_us = clock_epoch_us();
    time_t now_s = (time_t)(now_us / 1000000);
    struct tm utc;
    char text[96];
    if (gmtime_r(&now_s, &utc) != NULL) {
        snprintf(text, sizeof(text), "{\"ts\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\"",
            utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
            (int)(now_us % 1000000));
        log_line_raw(line, text);
    }
}

void access_log_put(struct access_log *log, const struct log_field *fields, size_t n_fields)
{
    struct log_line line;
    line.len = 0;
    line.format = LOG_FORMAT_JSON;
    line.is_cut = false;
    put_time(&line);
    for (size_t i = 0; i < n_fields; i++) {
        log_line_field(&line, &fields[i]);
    }
    log_line_end(&line);
    pthread_mutex_lock(&log->mutex);
    bool was_empty = log->waiting.len == 0;
    enum status status = buffer_append(&log->waiting, line.text, line.len);
    if (was_empty) {
        pthread_cond_signal(&log->is_work);
    }
    pthread_mutex_unlock(&log->mutex);
    if (status != STATUS_OK) {
        metrics_add(metrics_child(&LOST, NULL, NULL, NULL), 1);
        if (log->options.is_required) {
            atomic_store(&log->is_failing, true);
        }
    }
}
