/* A strict reader of Prometheus's text format 0.0.4, for tests of what we write.
 *
 *     struct prometheus page;
 *     assert_string_equal(prometheus_read(text, &page), "");
 *     assert_true(prometheus_value(&page, "walkie_x_total{what=\"sql\"}") == 2);
 *
 * Stricter than Prometheus: every family has HELP, then TYPE, then all its samples; counters end in
 * _total; no sample comes twice; buckets rise, end with +Inf and agree with _count. */
#ifndef WALKIE_TESTS_PROMETHEUS_H
#define WALKIE_TESTS_PROMETHEUS_H

#include <stddef.h>

enum { PROMETHEUS_SAMPLES_MAX = 20000, PROMETHEUS_TEXT_MAX = 256 };

struct prometheus_sample {
    char series[PROMETHEUS_TEXT_MAX]; /* "name" or "name{label=\"value\",…}", as it stands */
    double value;
};

struct prometheus {
    size_t n_families;
    size_t n_samples;
    struct prometheus_sample samples[PROMETHEUS_SAMPLES_MAX];
};

/* "" when the page is right; else what is wrong with which line (static storage). */
const char *prometheus_read(const char *text, struct prometheus *ret_page);

/* The value of a sample, -1 when there is none. */
double prometheus_value(const struct prometheus *page, const char *series);

#endif
