/* The page: Prometheus's text format, version 0.0.4, and OpenMetrics 1.0. They differ in the head
 * of a family (a counter's name there is without _total), units, exemplars and the end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "obs/metrics_internal.h"

enum { BOUND_TEXT_MAX = 16 };

static const char TOTAL[] = "_total";

struct writer {
    struct buffer *page;
    bool is_open; /* OpenMetrics */
    enum status status;
};

#define WRITE(writer, ...)                                                                         \
    do {                                                                                           \
        if ((writer)->status == STATUS_OK) {                                                       \
            (writer)->status = buffer_printf((writer)->page, __VA_ARGS__);                         \
        }                                                                                          \
    } while (0)

/* Text with what the formats escape: the backslash and the newline, and the quote, in HELP of
 * Prometheus's format alone not. */
static void write_escaped(struct writer *writer, const char *text, bool has_quotes)
{
    const char *special = has_quotes ? "\n\\\"" : "\n\\";
    while (writer->status == STATUS_OK && *text != '\0') {
        size_t len = strcspn(text, special);
        if (len > 0) {
            writer->status = buffer_append(writer->page, text, len);
            text += len;
            continue;
        }
        const char escaped[] = {'\\', *text == '\n' ? 'n' : *text};
        writer->status = buffer_append(writer->page, escaped, sizeof(escaped));
        text++;
    }
}

/* The name in the family's head: in OpenMetrics a counter's samples have _total, the family not. */
static size_t head_len(const struct writer *writer, const struct metrics_family *family)
{
    size_t len = strlen(family->name);
    size_t total_len = sizeof(TOTAL) - 1;
    bool is_cut = writer->is_open && family->kind == METRICS_COUNTER && len > total_len &&
                  strcmp(family->name + len - total_len, TOTAL) == 0;
    return is_cut ? len - total_len : len;
}

static const char *unit_of(const struct metrics_family *family)
{
    switch (family->unit) {
    case METRICS_ONE:
        return family->kind == METRICS_HISTOGRAM ? "seconds" : NULL;
    case METRICS_SECONDS:
        return "seconds";
    case METRICS_BYTES:
        return "bytes";
    }
    return NULL;
}

static void write_head(struct writer *writer, const struct metrics_family *family)
{
    static const char *const WORDS[] = {[METRICS_COUNTER] = "counter",
        [METRICS_GAUGE] = "gauge",
        [METRICS_HISTOGRAM] = "histogram"};
    int len = (int)head_len(writer, family);
    const char *unit = unit_of(family);
    WRITE(writer, "# HELP %.*s ", len, family->name);
    write_escaped(writer, family->help, writer->is_open);
    WRITE(writer, "\n# TYPE %.*s %s\n", len, family->name, WORDS[family->kind]);
    if (writer->is_open && unit != NULL) {
        WRITE(writer, "# UNIT %.*s %s\n", len, family->name, unit);
    }
}

static void write_text(struct writer *writer, const char *text)
{
    if (writer->status == STATUS_OK) {
        writer->status = buffer_append_text(writer->page, text);
    }
}

/* name, suffix and labels: `walkie_x_bucket{method="Echo",le="0.001"}`. `le` may be NULL. */
static void write_name(
    struct writer *writer, const struct metrics_child *child, const char *suffix, const char *le)
{
    const struct metrics_family *family = child->family;
    write_text(writer, family->name);
    write_text(writer, suffix);
    const char *separator = "{";
    for (size_t i = 0; i < METRICS_LABELS_MAX && family->labels[i] != NULL; i++) {
        write_text(writer, separator);
        write_text(writer, family->labels[i]);
        write_text(writer, "=\"");
        write_escaped(writer, child->values[i], true);
        write_text(writer, "\"");
        separator = ",";
    }
    if (le != NULL) {
        WRITE(writer, "%sle=\"%s\"", separator, le);
        separator = ",";
    }
    write_text(writer, *separator == ',' ? "} " : " ");
}

static void write_seconds(struct writer *writer, uint64_t ns)
{
    WRITE(writer, "%" PRIu64 ".%09" PRIu64, ns / CLOCK_SECONDS(1), ns % CLOCK_SECONDS(1));
}

static void write_simple(struct writer *writer, const struct metrics_child *child)
{
    write_name(writer, child, "", NULL);
    uint64_t value = metrics_sum(child, 0);
    if (child->family->unit == METRICS_SECONDS) {
        write_seconds(writer, value);
    } else if (child->family->kind == METRICS_GAUGE) {
        WRITE(writer, "%" PRId64, (int64_t)value);
    } else {
        WRITE(writer, "%" PRIu64, value);
    }
    WRITE(writer, "\n");
}

static void write_exemplar(
    struct writer *writer, const struct metrics_child *child, unsigned int bucket)
{
    struct metrics_exemplar_view view;
    if (!writer->is_open || child->exemplars == NULL ||
        !metrics_exemplar_read(&child->exemplars[bucket], &view)) {
        return;
    }
    WRITE(writer, " # {trace_id=\"");
    for (size_t i = 0; i < METRICS_TRACE_ID_LEN; i++) {
        WRITE(writer, "%02x", view.trace_id[i]);
    }
    WRITE(writer, "\"} ");
    write_seconds(writer, view.value_ns);
    WRITE(writer, " %" PRIu64 ".%06" PRIu64, view.at_us / 1000000, view.at_us % 1000000);
}

static void write_bucket(struct writer *writer, const struct metrics_child *child,
    unsigned int bucket, const char *le, uint64_t n)
{
    write_name(writer, child, "_bucket", le);
    WRITE(writer, "%" PRIu64, n);
    write_exemplar(writer, child, bucket);
    WRITE(writer, "\n");
}

static void write_histogram(struct writer *writer, const struct metrics_child *child)
{
    uint64_t n = 0;
    for (unsigned int i = 0; writer->status == STATUS_OK && i < METRICS_BOUNDS; i++) {
        n += metrics_sum(child, i);
        char bound[BOUND_TEXT_MAX];
        snprintf(bound, sizeof(bound), "%g", (double)METRICS_BOUNDS_NS[i] / 1e9);
        write_bucket(writer, child, i, bound, n);
    }
    /* The count is the last bucket's, whatever was added meanwhile: the two must agree. */
    n += metrics_sum(child, METRICS_BOUNDS);
    write_bucket(writer, child, METRICS_BOUNDS, "+Inf", n);
    write_name(writer, child, "_sum", NULL);
    write_seconds(writer, metrics_sum(child, METRICS_SUM));
    WRITE(writer, "\n");
    write_name(writer, child, "_count", NULL);
    WRITE(writer, "%" PRIu64 "\n", n);
}

static enum status write_family(void *arg, const struct metrics_family *family)
{
    struct writer *writer = arg;
    write_head(writer, family);
    for (const struct metrics_child *child = family->first;
         writer->status == STATUS_OK && child != NULL; child = child->next) {
        if (family->kind == METRICS_HISTOGRAM) {
            write_histogram(writer, child);
        } else {
            write_simple(writer, child);
        }
    }
    return writer->status;
}

static enum status write_page(struct buffer *page, bool is_open)
{
    struct writer writer = {page, is_open, STATUS_OK};
    metrics_process_refresh();
    metrics_run_hooks();
    enum status status = metrics_each_family(write_family, &writer);
    return status == STATUS_OK && is_open ? buffer_append_text(page, "# EOF\n") : status;
}

enum status metrics_page_write(void *arg, struct buffer *page)
{
    (void)arg;
    return write_page(page, false);
}

enum status metrics_page_write_open(void *arg, struct buffer *page)
{
    (void)arg;
    return write_page(page, true);
}
