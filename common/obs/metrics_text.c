/* The page: Prometheus's text format, version 0.0.4. */
#include <inttypes.h>
#include <stdio.h>

#include "obs/metrics_internal.h"

enum { BOUND_TEXT_MAX = 16 };

/* Text with what the format escapes: in HELP the backslash and the newline, in values the quote
 * too. */
static enum status write_escaped(struct buffer *page, const char *text, bool has_quotes)
{
    enum status status = STATUS_OK;
    for (const char *at = text; status == STATUS_OK && *at != '\0'; at++) {
        if (*at == '\n') {
            status = buffer_append(page, "\\n", 2);
        } else if (*at == '\\' || (has_quotes && *at == '"')) {
            const char escaped[] = {'\\', *at};
            status = buffer_append(page, escaped, sizeof(escaped));
        } else {
            status = buffer_append(page, at, 1);
        }
    }
    return status;
}

static enum status write_head(struct buffer *page, const struct metrics_family *family)
{
    static const char *const WORDS[] = {[METRICS_COUNTER] = "counter",
        [METRICS_GAUGE] = "gauge",
        [METRICS_HISTOGRAM] = "histogram"};
    enum status status = buffer_printf(page, "# HELP %s ", family->name);
    if (status == STATUS_OK) {
        status = write_escaped(page, family->help, false);
    }
    if (status == STATUS_OK) {
        status = buffer_printf(page, "\n# TYPE %s %s\n", family->name, WORDS[family->kind]);
    }
    return status;
}

/* name, suffix and labels: `walkie_x_bucket{method="Echo",le="0.001"}`. `le` may be NULL. */
static enum status write_name(
    struct buffer *page, const struct metrics_child *child, const char *suffix, const char *le)
{
    const struct metrics_family *family = child->family;
    enum status status = buffer_printf(page, "%s%s", family->name, suffix);
    const char *separator = "{";
    for (size_t i = 0; i < METRICS_LABELS_MAX && family->labels[i] != NULL; i++) {
        if (status == STATUS_OK) {
            status = buffer_printf(page, "%s%s=\"", separator, family->labels[i]);
        }
        if (status == STATUS_OK) {
            status = write_escaped(page, child->values[i], true);
        }
        if (status == STATUS_OK) {
            status = buffer_append(page, "\"", 1);
        }
        separator = ",";
    }
    if (status == STATUS_OK && le != NULL) {
        status = buffer_printf(page, "%sle=\"%s\"", separator, le);
        separator = ",";
    }
    bool has_labels = *separator == ',';
    return status == STATUS_OK ? buffer_append_text(page, has_labels ? "} " : " ") : status;
}

static enum status write_seconds(struct buffer *page, uint64_t ns)
{
    return buffer_printf(
        page, "%" PRIu64 ".%09" PRIu64 "\n", ns / CLOCK_SECONDS(1), ns % CLOCK_SECONDS(1));
}

static enum status write_simple(struct buffer *page, const struct metrics_child *child)
{
    enum status status = write_name(page, child, "", NULL);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t value = metrics_sum(child, 0);
    if (child->family->unit == METRICS_SECONDS) {
        return write_seconds(page, value);
    }
    return child->family->kind == METRICS_GAUGE
               ? buffer_printf(page, "%" PRId64 "\n", (int64_t)value)
               : buffer_printf(page, "%" PRIu64 "\n", value);
}

static enum status write_count(struct buffer *page, const struct metrics_child *child,
    const char *suffix, const char *le, uint64_t n)
{
    enum status status = write_name(page, child, suffix, le);
    return status == STATUS_OK ? buffer_printf(page, "%" PRIu64 "\n", n) : status;
}

static enum status write_histogram(struct buffer *page, const struct metrics_child *child)
{
    enum status status = STATUS_OK;
    uint64_t n = 0;
    for (unsigned int i = 0; status == STATUS_OK && i < METRICS_BOUNDS; i++) {
        n += metrics_sum(child, i);
        char bound[BOUND_TEXT_MAX];
        snprintf(bound, sizeof(bound), "%g", (double)METRICS_BOUNDS_NS[i] / 1e9);
        status = write_count(page, child, "_bucket", bound, n);
    }
    /* The count is the last bucket's, whatever was added meanwhile: the two must agree. */
    n += metrics_sum(child, METRICS_BOUNDS);
    if (status == STATUS_OK) {
        status = write_count(page, child, "_bucket", "+Inf", n);
    }
    if (status == STATUS_OK) {
        status = write_name(page, child, "_sum", NULL);
    }
    if (status == STATUS_OK) {
        status = write_seconds(page, metrics_sum(child, METRICS_SUM));
    }
    return status == STATUS_OK ? write_count(page, child, "_count", NULL, n) : status;
}

static enum status write_family(void *arg, const struct metrics_family *family)
{
    struct buffer *page = arg;
    enum status status = write_head(page, family);
    for (const struct metrics_child *child = family->first; status == STATUS_OK && child != NULL;
         child = child->next) {
        status = family->kind == METRICS_HISTOGRAM ? write_histogram(page, child)
                                                   : write_simple(page, child);
    }
    return status;
}

enum status metrics_page_write(void *arg, struct buffer *page)
{
    (void)arg;
    metrics_process_refresh();
    metrics_run_hooks();
    return metrics_each_family(write_family, page);
}
