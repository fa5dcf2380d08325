/* The central laboratory of the demonstration study: what it has measured, as the file that
 * lab-stand-in serves (stand_in/lab_results.h). The EDC has the same, but for what is planted here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

enum {
    PLANTED_FIRST = 2,   /* the subjects of a site, by number, whose results are planted */
    PLANTED_LAST = 4,    /* at their screening, which everybody has */
    DATE_SHIFT_DAYS = 2, /* between the date in the EDC and the laboratory's */
    REPEAT_DAYS = 12,    /* after the visit: beyond what a report takes for the same sample */
};

/* A result as the laboratory has it. */
struct measured {
    const char *test;
    const char *unit;
    const char *flag;
    double value;
    int day;
    int number; /* of the sample */
};

/* Numbers only; the rest are words of ours that JSON takes as they are. */
static void write_result(
    struct demo *demo, const struct demo_subject *subject, const struct measured *measured)
{
    char day[CALENDAR_TEXT_MAX];
    calendar_text(measured->day, day);
    if (buffer_printf(&demo->lab,
            "{\"study\":\"WLK-301\",\"site_no\":\"%s\",\"result\":{\"subject_no\":\"%s\","
            "\"test\":\"%s\",\"collected_on\":\"%s\",\"value\":%.1f,\"unit\":\"%s\","
            "\"flag\":\"%s\",\"accession\":\"CL%s-%02d\"}}\n",
            subject->site->site_no, subject->subject_no, measured->test, day, measured->value,
            measured->unit, measured->flag, subject->subject_no,
            measured->number % 100) != STATUS_OK) {
        demo->has_lab_failed = true;
    }
}

/* A repeat that the site was sent and never entered. */
static void add_repeat(
    struct demo *demo, const struct demo_subject *subject, const struct measured *measured)
{
    struct measured repeat = *measured;
    repeat.day += REPEAT_DAYS;
    repeat.number += 50;
    if (repeat.day < demo->as_of) {
        write_result(demo, subject, &repeat);
        demo_plant(demo, subject->site, PROBLEM_LAB_NOT_ENTERED, 1);
    }
}

/* Whether it is one of the results that are planted: one test of the screening visit. */
static bool is_planted(const struct demo_subject *subject, enum demo_event event, size_t test)
{
    return event == EVENT_SCREENING && test == (size_t)subject->number &&
           subject->number >= PLANTED_FIRST && subject->number <= PLANTED_LAST;
}

void demo_add_lab_result(struct demo *demo, const struct demo_subject *subject,
    enum demo_event event, size_t test, double value, const char *flag)
{
    const struct demo_site *site = subject->site;
    struct measured measured = {.test = DEMO_TEST[test].name,
        .unit = DEMO_TEST[test].unit,
        .flag = flag,
        .value = value,
        .day = subject->visit_on[event],
        .number = (int)event};
    bool is_one = is_planted(subject, event, test);
    if (is_one && has_problem(site, PROBLEM_LAB_UNKNOWN)) {
        demo_plant(demo, site, PROBLEM_LAB_UNKNOWN, 1);
        return;
    }
    if (is_one && has_problem(site, PROBLEM_LAB_VALUE)) {
        measured.value += 1.1;
        demo_plant(demo, site, PROBLEM_LAB_VALUE, 1);
    }
    if (is_one && has_problem(site, PROBLEM_LAB_DATE)) {
        measured.day -= DATE_SHIFT_DAYS;
        demo_plant(demo, site, PROBLEM_LAB_DATE, 1);
    }
    if (is_one && has_problem(site, PROBLEM_LAB_FLAG)) {
        measured.flag = strcmp(flag, "H") == 0 ? "HH" : "H";
        demo_plant(demo, site, PROBLEM_LAB_FLAG, 1);
    }
    write_result(demo, subject, &measured);
    if (is_one && has_problem(site, PROBLEM_LAB_NOT_ENTERED)) {
        add_repeat(demo, subject, &measured);
    }
}

enum status demo_begin_lab(struct demo *demo)
{
    demo->lab = (struct buffer)BUFFER_EMPTY(DEMO_LAB_LEN_MAX);
    return buffer_printf(&demo->lab, "{\"snapshot_at\":\"%sT06:00:00Z\"}\n", DEMO_AS_OF);
}

enum status demo_write_lab(const struct demo *demo, struct error *ret_error)
{
    const char *path = demo->options->lab_path;
    if (path == NULL) {
        return STATUS_OK;
    }
    if (demo->has_lab_failed) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    bool has_failed = fwrite(demo->lab.data, 1, demo->lab.len, file) != demo->lab.len;
    if (fclose(file) != 0 || has_failed) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot write", path);
    }
    return STATUS_OK;
}
