#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

enum { DAYS_PER_EVENT = 40 };

#define HOUR_MS INT64_C(3600000)

/* The centre's report of one serious event to the sponsor, the ethics committee and the authority.
 */
static void add_sae_report(struct demo *demo, const struct demo_subject *subject, int seq,
    int64_t aware_at, bool is_related)
{
    struct demo_site *site = subject->site;
    bool is_late = has_problem(site, PROBLEM_SAE_LATE) && site->n_serious <= 2;
    int delay_h =
        is_late ? random_between(&demo->random, 50, 160) : random_between(&demo->random, 2, 22);
    int64_t sponsor_at = aware_at + delay_h * HOUR_MS;
    int64_t committee_at = sponsor_at + random_between(&demo->random, 24, 240) * HOUR_MS;
    int64_t authority_at = sponsor_at + random_between(&demo->random, 48, 168) * HOUR_MS;
    int64_t as_of_at = (int64_t)demo->as_of * CALENDAR_DAY_MS;
    dataset_add(demo->dataset, TABLE_SAE_REPORT,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_SAE_REPORT)),
            db_integer(site->ctms_id), db_text(subject->subject_no), dataset_stamp(seq),
            db_integer(aware_at), db_integer(sponsor_at),
            dataset_stamp(committee_at < as_of_at ? committee_at : 0),
            dataset_stamp(is_related && authority_at < as_of_at ? authority_at : 0),
            db_integer(is_related)},
        9);
    if (is_late) {
        demo_plant(demo, site, PROBLEM_SAE_LATE, 1);
    }
}

struct severity {
    const char *word;
    int grade;
};

static struct severity choose_severity(struct demo *demo, bool is_serious)
{
    static const struct severity MILD = {"mild", 1};
    static const struct severity MODERATE = {"moderate", 2};
    static const struct severity SEVERE = {"severe", 3};
    static const struct severity LIFE_THREATENING = {"life_threatening", 4};
    if (is_serious) {
        return random_chance(&demo->random, 0.12) ? LIFE_THREATENING : SEVERE;
    }
    if (random_chance(&demo->random, 0.68)) {
        return MILD;
    }
    return random_chance(&demo->random, 0.92) ? MODERATE : SEVERE;
}

static const struct demo_term *choose_term(struct demo *demo, bool is_serious)
{
    size_t n_mild = 0;
    while (n_mild < DEMO_TERM_COUNT && !DEMO_TERM[n_mild].can_be_serious) {
        n_mild++;
    }
    int low = is_serious ? (int)n_mild : 0;
    int high = is_serious ? (int)DEMO_TERM_COUNT - 1 : (int)n_mild - 1;
    return &DEMO_TERM[random_between(&demo->random, low, high)];
}

static void report_serious(struct demo *demo, const struct demo_subject *subject, int seq,
    int64_t aware_at, bool is_related)
{
    struct demo_site *site = subject->site;
    site->n_serious++;
    if (has_problem(site, PROBLEM_SAE_NOT_IN_CTMS) && site->n_serious == 3) {
        demo_plant(demo, site, PROBLEM_SAE_NOT_IN_CTMS, 1);
        return;
    }
    add_sae_report(demo, subject, seq, aware_at, is_related);
}

static void add_adverse_event(
    struct demo *demo, const struct demo_subject *subject, int seq, bool is_serious)
{
    struct demo_site *site = subject->site;
    const struct demo_term *term = choose_term(demo, is_serious);
    struct severity severity = choose_severity(demo, is_serious);
    int start = random_between(&demo->random, subject->day1, subject->last_seen);
    int end = start + 1 + random_count(&demo->random, is_serious ? 9.0 : 5.0);
    bool is_over = end <= subject->last_seen && random_chance(&demo->random, 0.9);
    bool is_related = random_chance(&demo->random, 0.15);
    int aware = start + random_between(&demo->random, 0, is_serious ? 2 : 10);
    aware = aware > demo->as_of - 1 ? demo->as_of - 1 : aware;
    int64_t aware_at = demo_work_stamp(demo, site, aware);
    int64_t entered_at = aware_at + random_between(&demo->random, 1, 90) * HOUR_MS;
    if (entered_at > demo->as_of * CALENDAR_DAY_MS) {
        entered_at = aware_at + HOUR_MS; /* what is entered later is not in the data */
    }
    site->counts.n_events++;
    site->counts.n_serious += is_serious;
    const char *text = term->term[site->profile->language];
    dataset_add(demo->dataset, TABLE_ADVERSE_EVENT,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_ADVERSE_EVENT)),
            db_integer(subject->id), db_integer(seq), db_text(text), db_text(term->pt),
            db_text(term->soc), db_text(severity.word), db_integer(severity.grade),
            db_integer(is_serious), db_text(is_related ? "related" : "not_related"),
            db_text(is_over ? "recovered" : "not_recovered"), dataset_day(demo->dataset, start),
            dataset_day(demo->dataset, is_over ? end : CALENDAR_NONE), db_integer(aware_at),
            db_integer(entered_at)},
        15);
    demo_add_adverse_event_form(demo, subject, seq, aware, text, is_serious);
    if (is_serious) {
        report_serious(demo, subject, seq, aware_at, is_related);
    }
}

void demo_add_safety(struct demo *demo, struct demo_subject *subject)
{
    const struct demo_site *site = subject->site;
    double expected = (double)(subject->last_seen - subject->day1 + 1) / DAYS_PER_EVENT;
    bool is_silent = has_problem(site, PROBLEM_AE_UNDER_REPORTING);
    int n_events = random_count(&demo->random, is_silent ? expected * 0.12 : expected);
    bool needs_serious = has_problem(site, PROBLEM_SAE_LATE) ||
                         has_problem(site, PROBLEM_SAE_NOT_IN_CTMS) ||
                         has_problem(site, PROBLEM_SAE_NOT_IN_EDC);
    int seq = 0;
    for (int i = 0; i < n_events; i++) {
        add_adverse_event(demo, subject, ++seq, random_chance(&demo->random, 0.035));
    }
    if (needs_serious && subject->number % 5 == 1) {
        add_adverse_event(demo, subject, ++seq, true);
    }
    if (has_problem(site, PROBLEM_SAE_NOT_IN_EDC) && subject->number == 2) {
        demo_plant(demo, site, PROBLEM_SAE_NOT_IN_EDC, 1);
        add_sae_report(
            demo, subject, 0, demo_work_stamp(demo, site, subject->last_seen - 3), false);
    }
}

static void add_lab(
    struct demo *demo, const struct demo_subject *subject, enum demo_event event, size_t index)
{
    const struct demo_test *test = &DEMO_TEST[index];
    double middle = (test->lo + test->hi) / 2.0;
    double value = random_normal(&demo->random, middle, (test->hi - test->lo) / 4.4);
    value = value < test->lo / 3.0 ? test->lo / 3.0 : value;
    double tenths = (double)(int64_t)(value * 10.0 + 0.5) / 10.0;
    const char *flag = tenths < test->lo ? "L" : tenths > test->hi ? "H" : "N";
    int grade = tenths > test->hi * 1.2 || tenths < test->lo * 0.8 ? 1 : 0;
    dataset_add(demo->dataset, TABLE_LAB_RESULT,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_LAB_RESULT)),
            db_integer(subject->id), db_integer(subject->event_id[event]), db_text(test->name),
            dataset_day(demo->dataset, subject->visit_on[event]), db_real(tenths),
            db_text(test->unit), db_real(test->lo), db_real(test->hi), db_text(flag),
            db_integer(grade)},
        11);
    demo_add_lab_result(demo, subject, event, index, tenths, flag);
}

static void add_sample(struct demo *demo, const struct demo_subject *subject, int day)
{
    char barcode[DEMO_NO_MAX];
    int64_t id = dataset_key(demo->dataset, TABLE_SAMPLE);
    int64_t collected_at = demo_work_stamp(demo, subject->site, day);
    int64_t processed_at = collected_at + random_between(&demo->random, 20, 110) * INT64_C(60000);
    snprintf(barcode, sizeof(barcode), "CL%08lld", (long long)id);
    int shipped = day + random_between(&demo->random, 0, 3);
    int received = shipped + random_between(&demo->random, 1, 4);
    dataset_add(demo->dataset, TABLE_SAMPLE,
        (struct db_value[]){db_integer(id), db_integer(subject->site->ctms_id),
            db_text(subject->subject_no), db_text(barcode), db_text("central_lab"),
            db_integer(collected_at), db_integer(processed_at), dataset_day(demo->dataset, shipped),
            dataset_day(demo->dataset, received > demo->as_of ? CALENDAR_NONE : received)},
        9);
}

/* How many days late the subject filled a questionnaire in; -1: never. */
static int epro_delay(struct demo *demo, struct demo_site *site)
{
    bool is_bad = has_problem(site, PROBLEM_EPRO);
    if (demo_quota(site, QUOTA_MISSED_EPRO, is_bad ? 9 : 1, is_bad ? 20 : 16)) {
        return -1;
    }
    return random_chance(&demo->random, 0.08) ? random_between(&demo->random, 3, 6) : 0;
}

enum { EPRO_ANSWERS_MAX = 9 };

static void add_answers(
    struct demo *demo, int64_t resp_id, const int answers[EPRO_ANSWERS_MAX], int n_answers)
{
    for (int i = 0; i < n_answers; i++) {
        char link_id[8];
        char value[8];
        snprintf(link_id, sizeof(link_id), "q%d", (i + 1) % 100);
        snprintf(value, sizeof(value), "%d", answers[i] % 100);
        dataset_add(demo->dataset, TABLE_EPRO_ANSWER,
            (struct db_value[]){db_integer(resp_id), db_text(link_id), db_text(value)}, 3);
    }
}

struct instrument {
    const char *name;
    int n_answers;
    int low;
    int high;
};

/* When, on what and how a questionnaire was sent. */
struct sending {
    const char *status;
    int64_t at; /* 0: not */
    char device[DEMO_NO_MAX + 8];
};

static struct sending ordinary_sending(
    struct demo *demo, const struct demo_subject *subject, int due)
{
    struct sending sending = {.status = "submitted"};
    int delay = epro_delay(demo, subject->site);
    int hour = random_between(&demo->random, 18, 21);
    int minute = random_between(&demo->random, 0, 59);
    snprintf(sending.device, sizeof(sending.device), "%s-%s",
        subject->number % 3 == 0 ? "and" : "ios", subject->subject_no);
    if (delay < 0) {
        sending.status = "missed";
    } else if (due + delay >= demo->as_of) {
        sending.status = "pending";
    } else {
        sending.status = delay > 2 ? "late" : "submitted";
        sending.at = demo_stamp(subject->site, due + delay, hour, minute);
    }
    return sending;
}

/* Planted: the first subjects' first questionnaires on the site's own tablet, one after the other
 * on one afternoon. */
static bool is_shared(const struct demo *demo, const struct demo_subject *subject,
    enum demo_event event, const char *instrument, int *ret_day)
{
    *ret_day = subject->site->activated + 320;
    return has_problem(subject->site, PROBLEM_EPRO_SHARED) && event == EVENT_DAY1 &&
           strcmp(instrument, "EQ-5D") == 0 && subject->number >= 2 && subject->number <= 6 &&
           subject->visit_on[event] < *ret_day && *ret_day < demo->as_of;
}

/* Planted: the first subject sent those of week 4 together with those of week 12. */
static bool is_filled_in_later(
    const struct demo *demo, const struct demo_subject *subject, enum demo_event event)
{
    int day = subject->visit_on[EVENT_WEEK12];
    bool is_one = event == EVENT_WEEK4 || event == EVENT_WEEK12;
    bool has_both = subject->event_id[EVENT_WEEK4] != 0 && subject->event_id[EVENT_WEEK12] != 0 &&
                    subject->visit_on[EVENT_WEEK4] != CALENDAR_NONE && day != CALENDAR_NONE;
    return has_problem(subject->site, PROBLEM_EPRO_LATER) && subject->number == 1 && is_one &&
           has_both && day < demo->as_of;
}

static struct sending planted_sending(struct demo *demo, const struct demo_subject *subject,
    enum demo_event event, const char *instrument, struct sending sending)
{
    struct demo_site *site = subject->site;
    int day;
    if (is_shared(demo, subject, event, instrument, &day)) {
        snprintf(sending.device, sizeof(sending.device), "tablet-%s", site->site_no);
        sending.status = "late";
        sending.at = demo_stamp(site, day, 14, subject->number);
        site->n_shared++;
    } else if (is_filled_in_later(demo, subject, event)) {
        int minute = (event == EVENT_WEEK4 ? 0 : 2) + (strcmp(instrument, "EQ-5D") == 0 ? 0 : 1);
        sending.status = event == EVENT_WEEK4 ? "late" : "submitted";
        sending.at = demo_stamp(site, subject->visit_on[EVENT_WEEK12], 19, 30 + minute);
        demo_plant(demo, site, PROBLEM_EPRO_LATER, 1);
    }
    return sending;
}

static void add_epro(struct demo *demo, const struct demo_subject *subject, enum demo_event event,
    const struct instrument *instrument)
{
    int64_t id = dataset_key(demo->dataset, TABLE_EPRO_RESPONSE);
    int due = subject->visit_on[event];
    struct sending sending = ordinary_sending(demo, subject, due);
    sending = planted_sending(demo, subject, event, instrument->name, sending);
    int answers[EPRO_ANSWERS_MAX];
    int sum = 0;
    for (int i = 0; i < instrument->n_answers; i++) {
        int answer = random_between(&demo->random, instrument->low, instrument->high);
        answers[i] = random_chance(&demo->random, 0.6) ? instrument->low : answer;
        sum += answers[i];
    }
    dataset_add(demo->dataset, TABLE_EPRO_RESPONSE,
        (struct db_value[]){db_integer(id), db_integer(subject->id), db_text(instrument->name),
            db_integer((int64_t)event + 1), dataset_day(demo->dataset, due),
            dataset_stamp(sending.at), db_text(sending.device),
            sending.at == 0 ? db_null() : db_real(sum), db_text(sending.status), db_null(),
            db_null(), db_null(), db_null(), db_null(), db_null()},
        15);
    if (sending.at != 0) {
        add_answers(demo, id, answers, instrument->n_answers);
    } else if (has_problem(subject->site, PROBLEM_EPRO)) {
        demo_plant(demo, subject->site, PROBLEM_EPRO, strcmp(sending.status, "missed") == 0);
    }
}

static void add_image(struct demo *demo, const struct demo_subject *subject)
{
    enum { RECENT_DAYS = 20, OUTSTANDING_DAYS = 30 };
    const struct demo_site *site = subject->site;
    int age = demo->as_of - subject->day1;
    bool is_failed = has_problem(site, PROBLEM_IMAGE_FAILED) && subject->number % 8 == 0;
    bool is_pending = has_problem(site, PROBLEM_IMAGE_PENDING) && subject->number % 8 == 4;
    const char *result = is_failed ? "fail" : is_pending || age < RECENT_DAYS ? "pending" : "pass";
    char uid[DEMO_VALUE_MAX];
    int64_t id = dataset_key(demo->dataset, TABLE_IMAGE_SERIES);
    int n_slices = random_between(&demo->random, 24, 64);
    snprintf(uid, sizeof(uid), "1.2.826.0.1.3680043.10.1337.%lld.%lld", (long long)subject->id,
        (long long)id);
    dataset_add(demo->dataset, TABLE_IMAGE_SERIES,
        (struct db_value[]){db_integer(id), db_integer(subject->id), db_text(uid), db_text("CT"),
            db_integer(n_slices), dataset_day(demo->dataset, subject->day1), db_null(),
            db_text(result)},
        8);
    demo_plant(demo, site, PROBLEM_IMAGE_FAILED, is_failed);
    demo_plant(
        demo, site, PROBLEM_IMAGE_PENDING, is_pending && !is_failed && age > OUTSTANDING_DAYS);
}

void demo_add_outcomes(struct demo *demo, const struct demo_subject *subject)
{
    static const struct instrument EQ_5D = {"EQ-5D", 5, 1, 5};
    static const struct instrument PHQ_9 = {"PHQ-9", 9, 0, 3};
    static const enum demo_event LAB_EVENTS[] = {EVENT_SCREENING, EVENT_WEEK12, EVENT_WEEK24};
    static const enum demo_event EPRO_EVENTS[] = {
        EVENT_DAY1, EVENT_WEEK4, EVENT_WEEK12, EVENT_WEEK24};
    for (size_t i = 0; i < LENGTH_OF(LAB_EVENTS); i++) {
        enum demo_event event = LAB_EVENTS[i];
        if (subject->event_id[event] != 0 && subject->visit_on[event] != CALENDAR_NONE) {
            for (size_t test = 0; test < DEMO_TEST_COUNT; test++) {
                add_lab(demo, subject, event, test);
            }
            add_sample(demo, subject, subject->visit_on[event]);
        }
    }
    for (size_t i = 0; i < LENGTH_OF(EPRO_EVENTS); i++) {
        enum demo_event event = EPRO_EVENTS[i];
        if (subject->event_id[event] != 0 && subject->visit_on[event] != CALENDAR_NONE) {
            add_epro(demo, subject, event, &EQ_5D);
            add_epro(demo, subject, event, &PHQ_9);
        }
    }
    if (subject->day1 != CALENDAR_NONE && subject->number % 4 == 0) {
        add_image(demo, subject);
    }
}
