#include "support/prometheus.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX = 128, NAMES_SEEN_MAX = 512 };

struct reader {
    struct prometheus *page;
    char family[NAME_MAX]; /* the one of the last HELP */
    char kind[16];         /* of the last TYPE; "" until it comes */
    char seen[NAMES_SEEN_MAX][NAME_MAX];
    size_t n_seen;
    /* Of the histogram's series being read: */
    char group[PROMETHEUS_TEXT_MAX]; /* its labels but for le */
    bool is_group_open;
    bool has_infinity;
    bool has_sum;
    double last_bound;
    double last_count;
};

static bool take_name(const char **at, char *name, bool allow_colon)
{
    size_t len = 0;
    while (isalnum((unsigned char)(*at)[len]) || (*at)[len] == '_' ||
           (allow_colon && (*at)[len] == ':')) {
        len++;
    }
    if (len == 0 || len >= NAME_MAX || isdigit((unsigned char)**at)) {
        return false;
    }
    memcpy(name, *at, len);
    name[len] = '\0';
    *at += len;
    return true;
}

/* A quoted value with nothing but the three escapes. */
static bool take_value(const char **at)
{
    if (*(*at)++ != '"') {
        return false;
    }
    for (; **at != '"'; (*at)++) {
        if (**at == '\0' || (**at == '\\' && strchr("\\\"n", *++*at) == NULL)) {
            return false;
        }
    }
    (*at)++;
    return true;
}

static bool has_suffix(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    return len >= strlen(suffix) && strcmp(text + len - strlen(suffix), suffix) == 0;
}

static const char *read_help(struct reader *reader, const char *at)
{
    if (reader->is_group_open) {
        return "a histogram ends without _count";
    }
    if (!take_name(&at, reader->family, true) || *at != ' ') {
        return "HELP without a name";
    }
    for (size_t i = 0; i < reader->n_seen; i++) {
        if (strcmp(reader->seen[i], reader->family) == 0) {
            return "a family comes twice";
        }
    }
    if (reader->n_seen == NAMES_SEEN_MAX) {
        return "too many families";
    }
    strcpy(reader->seen[reader->n_seen++], reader->family);
    reader->page->n_families++;
    reader->kind[0] = '\0';
    for (at++; *at != '\0'; at++) {
        if (*at == '\\' && strchr("\\n", *++at) == NULL) {
            return "HELP with an unknown escape";
        }
    }
    return "";
}

static const char *read_type(struct reader *reader, const char *at)
{
    char name[NAME_MAX];
    if (!take_name(&at, name, true) || *at != ' ' || strcmp(name, reader->family) != 0) {
        return "TYPE does not follow its HELP";
    }
    at++;
    if (reader->kind[0] != '\0' ||
        (strcmp(at, "counter") != 0 && strcmp(at, "gauge") != 0 && strcmp(at, "histogram") != 0)) {
        return "TYPE is none of ours, or comes twice";
    }
    strcpy(reader->kind, at);
    if ((strcmp(at, "counter") == 0) != has_suffix(name, "_total")) {
        return "counters, and only they, end in _total";
    }
    return "";
}

/* Take the labels; those but `le` go to `group`, le's value to `ret_bound` (NAN: none). */
static bool take_labels(const char **at, char group[PROMETHEUS_TEXT_MAX], double *ret_bound)
{
    *ret_bound = NAN;
    group[0] = '\0';
    if (**at != '{') {
        return true;
    }
    do {
        (*at)++;
        const char *start = *at;
        char name[NAME_MAX];
        if (!take_name(at, name, false) || *(*at)++ != '=' || !take_value(at)) {
            return false;
        }
        if (strcmp(name, "le") == 0) {
            *ret_bound = strncmp(start, "le=\"+Inf\"", 9) == 0 ? INFINITY : strtod(start + 4, NULL);
            continue;
        }
        char label[NAME_MAX + 2];
        snprintf(label, sizeof(label), "%s=", name);
        if (strncmp(group, label, strlen(label)) == 0) {
            return false; /* the first label again */
        }
        size_t len = strlen(group);
        snprintf(group + len, PROMETHEUS_TEXT_MAX - len, "%.*s,", (int)(*at - start), start);
    } while (**at == ',');
    return *(*at)++ == '}';
}

static const char *read_bucket(struct reader *reader, const char *group, double bound, double value)
{
    if (!reader->is_group_open) {
        reader->is_group_open = true;
        reader->has_infinity = false;
        reader->has_sum = false;
        reader->last_bound = -INFINITY;
        reader->last_count = 0;
        strcpy(reader->group, group);
    }
    if (strcmp(reader->group, group) != 0 || isnan(bound) || bound <= reader->last_bound ||
        value < reader->last_count) {
        return "buckets do not rise, or those of two series are mixed";
    }
    reader->last_bound = bound;
    reader->last_count = value;
    reader->has_infinity = isinf(bound) != 0;
    return "";
}

static const char *read_of_histogram(
    struct reader *reader, const char *suffix, const char *group, double bound, double value)
{
    if (strcmp(suffix, "_bucket") == 0) {
        return read_bucket(reader, group, bound, value);
    }
    if (!reader->is_group_open || !reader->has_infinity || strcmp(reader->group, group) != 0) {
        return "_sum or _count without the buckets up to +Inf";
    }
    if (strcmp(suffix, "_sum") == 0 && !reader->has_sum) {
        reader->has_sum = true;
        return "";
    }
    if (strcmp(suffix, "_count") != 0 || !reader->has_sum || value != reader->last_count) {
        return "_count differs from the last bucket";
    }
    reader->is_group_open = false;
    return "";
}

static const char *keep_sample(
    struct reader *reader, const char *series, size_t series_len, double value)
{
    struct prometheus *page = reader->page;
    if (series_len >= PROMETHEUS_TEXT_MAX || page->n_samples == PROMETHEUS_SAMPLES_MAX) {
        return "a series or the page is too long for the test";
    }
    struct prometheus_sample *sample = &page->samples[page->n_samples];
    memcpy(sample->series, series, series_len);
    sample->series[series_len] = '\0';
    sample->value = value;
    if (prometheus_value(page, sample->series) != -1) {
        return "a series comes twice";
    }
    page->n_samples++;
    return "";
}

static const char *read_sample(struct reader *reader, const char *line)
{
    const char *at = line;
    char name[NAME_MAX];
    char group[PROMETHEUS_TEXT_MAX];
    double bound;
    if (!take_name(&at, name, true) || !take_labels(&at, group, &bound) || *at != ' ') {
        return "a sample's name or labels are malformed";
    }
    size_t series_len = (size_t)(at - line);
    char *end = NULL;
    double value = strtod(++at, &end);
    if (end == at || *end != '\0' || !isfinite(value)) {
        return "a sample's value is no number";
    }
    size_t family_len = strlen(reader->family);
    if (reader->kind[0] == '\0' || strncmp(name, reader->family, family_len) != 0) {
        return "a sample without its TYPE";
    }
    bool is_histogram = strcmp(reader->kind, "histogram") == 0;
    const char *suffix = name + family_len;
    const char *why = "";
    if (is_histogram) {
        why = read_of_histogram(reader, suffix, group, bound, value);
    } else if (*suffix != '\0' || !isnan(bound)) {
        why = "a sample of another family";
    } else if (strcmp(reader->kind, "counter") == 0 && value < 0) {
        why = "a counter below zero";
    }
    return *why == '\0' ? keep_sample(reader, line, series_len, value) : why;
}

static const char *read_line(struct reader *reader, const char *line)
{
    if (strncmp(line, "# HELP ", 7) == 0) {
        return read_help(reader, line + 7);
    }
    if (strncmp(line, "# TYPE ", 7) == 0) {
        return read_type(reader, line + 7);
    }
    return read_sample(reader, line);
}

const char *prometheus_read(const char *text, struct prometheus *ret_page)
{
    static char answer[1024];
    static struct reader reader;
    memset(&reader, 0, sizeof(reader));
    reader.page = ret_page;
    ret_page->n_families = 0;
    ret_page->n_samples = 0;
    for (const char *at = text; *at != '\0';) {
        const char *end = strchr(at, '\n');
        char line[512];
        if (end == NULL || (size_t)(end - at) >= sizeof(line)) {
            return "a line does not end, or is very long";
        }
        snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
        const char *why = read_line(&reader, line);
        if (*why != '\0') {
            snprintf(answer, sizeof(answer), "%s: %s", why, line);
            return answer;
        }
        at = end + 1;
    }
    return reader.is_group_open ? "the last histogram ends without _count" : "";
}

double prometheus_value(const struct prometheus *page, const char *series)
{
    for (size_t i = 0; i < page->n_samples; i++) {
        if (strcmp(page->samples[i].series, series) == 0) {
            return page->samples[i].value;
        }
    }
    return -1;
}
