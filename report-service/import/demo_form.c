#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/demo_internal.h"

enum {
    LATE_DAYS = 10,      /* from the visit to the entry: more is late */
    OLD_QUERY_DAYS = 30, /* from opening to closing: more is long */
    SDV_DAYS = 60,       /* from the entry to the verification: more is too many */
};

static int lag_days(struct demo *demo, struct demo_site *site)
{
    bool is_slow = demo_quota(site, QUOTA_LATE_PAGE, 1, 33);
    if (has_problem(site, PROBLEM_LATE_ENTRY) && random_chance(&demo->random, 0.55)) {
        return random_between(&demo->random, 12, 45);
    }
    int days = random_count(&demo->random, 2.5);
    return is_slow ? days + random_between(&demo->random, 11, 20) : days;
}

/* One of a comma-separated list. */
static void choose_code(struct demo *demo, const char *codelist, char value[DEMO_VALUE_MAX])
{
    int n_codes = 1;
    for (const char *at = codelist; *at != '\0'; at++) {
        n_codes += *at == ',' ? 1 : 0;
    }
    int chosen = random_between(&demo->random, 0, n_codes - 1);
    while (chosen > 0) {
        chosen -= *codelist++ == ',' ? 1 : 0;
    }
    snprintf(value, DEMO_VALUE_MAX, "%.*s", (int)strcspn(codelist, ","), codelist);
}

static void make_value(struct demo *demo, const struct demo_page *page,
    const struct demo_item_def *item, char value[DEMO_VALUE_MAX])
{
    const struct demo_subject *subject = page->subject;
    if (strcmp(item->oid, "ICVER") == 0) {
        snprintf(value, DEMO_VALUE_MAX, "%s",
            subject->consent_version == NULL ? "" : subject->consent_version);
    } else if (strcmp(item->oid, "ICDAT") == 0 && subject->consented == CALENDAR_NONE) {
        snprintf(value, DEMO_VALUE_MAX, "UNK");
    } else if (strcmp(item->oid, "ICDAT") == 0) {
        calendar_text(subject->consented, value);
    } else if (strcmp(item->oid, "DSDECOD") == 0) {
        snprintf(value, DEMO_VALUE_MAX, "%s", subject->status);
    } else if (strcmp(item->data_type, "date") == 0) {
        calendar_text(page->day, value);
    } else if (item->codelist != NULL) {
        choose_code(demo, item->codelist, value);
    } else if (strcmp(item->data_type, "float") == 0) {
        snprintf(value, DEMO_VALUE_MAX, "%.1f",
            random_normal(&demo->random, item->mean, item->deviation));
    } else {
        double mean = item->mean;
        /* The drug works: pressure falls towards the end. */
        if (strcmp(item->oid, "SYSBP") == 0 && subject->day1 != CALENDAR_NONE &&
            page->day > subject->day1) {
            mean -= 10.0;
        }
        snprintf(
            value, DEMO_VALUE_MAX, "%.0f", random_normal(&demo->random, mean, item->deviation));
    }
}

struct item_text {
    const char *text; /* NULL: make one up */
};

/* Make up all items and their histories. Returns when the last one was changed. */
static int64_t make_items(struct demo *demo, const struct demo_page *page,
    const struct item_text *texts, struct demo_item ret_items[FORM_ITEMS_MAX])
{
    const struct demo_form_def *form = &DEMO_FORM[page->form];
    int64_t last_change_at = page->entered_at;
    for (int i = 0; i < FORM_ITEMS_MAX && form->items[i].oid != NULL; i++) {
        struct demo_item *item = &ret_items[i];
        if (texts != NULL && texts[i].text != NULL) {
            snprintf(item->value, sizeof(item->value), "%s", texts[i].text);
        } else {
            make_value(demo, page, &form->items[i], item->value);
        }
        demo_settle_value(demo, page, ret_items, i, item->value);
        item->id = dataset_key(demo->dataset, TABLE_ITEM_DATA);
        bool is_changed = demo_quota(page->subject->site, QUOTA_CHANGED_ITEM, 1, 21);
        item->n_changes = !is_changed ? 0 : random_chance(&demo->random, 0.1) ? 2 : 1;
        page->subject->site->counts.n_items++;
        page->subject->site->counts.n_changed_items += is_changed;
        int64_t at = demo_add_changes(demo, page, item);
        last_change_at = at > last_change_at ? at : last_change_at;
    }
    return last_change_at;
}

static void add_items(
    struct demo *demo, const struct demo_page *page, const struct demo_item items[FORM_ITEMS_MAX])
{
    const struct demo_form_def *form = &DEMO_FORM[page->form];
    for (int i = 0; i < FORM_ITEMS_MAX && form->items[i].oid != NULL; i++) {
        dataset_add(demo->dataset, TABLE_ITEM_DATA,
            (struct db_value[]){db_integer(items[i].id), db_integer(page->form_id),
                db_integer(demo->item_def_id[page->form][i]), db_integer(1),
                db_text(items[i].value), db_integer(items[i].n_changes)},
            6);
    }
}

static void add_query(struct demo *demo, const struct demo_page *page)
{
    static const char *const ORIGINS[] = {"system", "system", "monitor", "data_management"};
    struct demo_site *site = page->subject->site;
    bool is_slow = has_problem(site, PROBLEM_OLD_QUERIES);
    int opened = (int)(page->entered_at / CALENDAR_DAY_MS) + random_between(&demo->random, 0, 12);
    int answered = opened + 1 + random_count(&demo->random, 5.0);
    int closed = answered + random_between(&demo->random, 0, 6);
    if (opened >= demo->as_of) {
        return;
    }
    const char *status = "closed";
    bool is_old = demo->as_of - opened > OLD_QUERY_DAYS;
    bool is_forgotten = random_chance(&demo->random, is_slow ? 0.45 : 0.02) && (is_slow || !is_old);
    if (answered > demo->as_of || is_forgotten) {
        status = "open";
        answered = closed = CALENDAR_NONE;
    } else if (closed > demo->as_of) {
        status = "answered";
        closed = CALENDAR_NONE;
    }
    site->counts.n_queries++;
    site->counts.n_old_queries += is_old && closed == CALENDAR_NONE;
    demo_plant(demo, site, PROBLEM_OLD_QUERIES, is_old && closed == CALENDAR_NONE);
    const char *origin = ORIGINS[random_between(&demo->random, 0, 3)];
    int64_t check_id = 0;
    for (size_t i = 0; strcmp(origin, "system") == 0 && i < DEMO_CHECK_COUNT; i++) {
        check_id = DEMO_CHECK[i].form == (int)page->form ? (int64_t)i + 1 : check_id;
    }
    int64_t opened_at = demo_work_stamp(demo, site, opened);
    int64_t answered_at = answered == CALENDAR_NONE ? 0 : demo_work_stamp(demo, site, answered);
    int64_t closed_at = closed == CALENDAR_NONE ? 0 : demo_work_stamp(demo, site, closed);
    answered_at = answered_at != 0 && answered_at < opened_at ? opened_at : answered_at;
    closed_at = closed_at != 0 && closed_at < answered_at ? answered_at : closed_at;
    int text = random_between(&demo->random, 0, QUERY_TEXTS - 1);
    dataset_add(demo->dataset, TABLE_QUERY,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_QUERY)),
            db_integer(page->form_id), db_null(), dataset_stamp(check_id), db_text(origin),
            db_text(status), db_integer(opened_at), dataset_stamp(answered_at),
            dataset_stamp(closed_at), db_text(DEMO_QUERY_TEXT[text][site->profile->language])},
        10);
}

static struct demo_review review_page(
    struct demo *demo, const struct demo_page *page, int64_t changed_at)
{
    const struct demo_subject *subject = page->subject;
    const struct demo_site *site = subject->site;
    struct demo_review review = {.status = "complete"};
    int changed = (int)(changed_at / CALENDAR_DAY_MS);
    bool is_critical = DEMO_FORM[page->form].critical != 0;
    double coverage = !is_critical ? 0.10 : has_problem(site, PROBLEM_LOW_SDV) ? 0.22 : 1.0;
    int entered = (int)(page->entered_at / CALENDAR_DAY_MS);
    int sdv = changed + random_between(&demo->random, 15, 45);
    sdv = sdv > entered + SDV_DAYS ? entered + SDV_DAYS : sdv;
    if (sdv <= demo->as_of && sdv >= changed && random_chance(&demo->random, coverage)) {
        review.sdv_status = 2;
        review.sdv_at = demo_work_stamp(demo, site, sdv);
        trail_add(demo->trail, &(struct trail_entry){review.sdv_at, site->monitor_user, "sdv",
                                   page->form_id, 0, NULL, NULL, NULL, false});
    } else {
        bool is_due = is_critical && demo->as_of - entered > SDV_DAYS;
        demo_plant(demo, site, PROBLEM_LOW_SDV, is_due);
    }
    int signed_on = changed + random_between(&demo->random, 20, 60);
    if (signed_on <= demo->as_of && random_chance(&demo->random, 0.95)) {
        review.signed_at = demo_work_stamp(demo, site, signed_on);
        trail_add(demo->trail, &(struct trail_entry){review.signed_at, site->pi_user, "sign",
                                   page->form_id, 0, NULL, NULL, NULL, false});
    }
    int locked_on = subject->last_seen + 75;
    bool is_over = strcmp(subject->status, "enrolled") != 0;
    if (is_over && review.signed_at != 0 && locked_on > signed_on && locked_on <= demo->as_of) {
        review.locked_at = demo_work_stamp(demo, site, locked_on);
        review.status = "locked";
        trail_add(demo->trail, &(struct trail_entry){review.locked_at, 1, "lock", page->form_id, 0,
                                   NULL, NULL, NULL, false});
    } else if (random_chance(&demo->random, 0.02)) {
        review.status = "incomplete";
    }
    return review;
}

static void add_form_row(struct demo *demo, const struct demo_page *page, enum demo_event event,
    int repeat_no, const struct demo_review *review, int64_t changed_at)
{
    const struct demo_subject *subject = page->subject;
    dataset_add(demo->dataset, TABLE_FORM,
        (struct db_value[]){db_integer(page->form_id), db_integer(subject->event_id[event]),
            db_integer((int64_t)page->form + 1), db_integer(repeat_no), db_text(review->status),
            dataset_stamp(page->entered_at), dataset_stamp(changed_at),
            db_integer(review->sdv_status), dataset_stamp(review->sdv_at),
            review->sdv_at == 0 ? db_null() : db_integer(subject->site->monitor_user),
            dataset_stamp(review->signed_at), dataset_stamp(review->locked_at)},
        12);
}

/* A page that nobody entered; the report minds it once entering it would be late, and one of no
 * visit at once. */
static void add_missing_page(
    struct demo *demo, const struct demo_page *page, enum demo_event event, int repeat_no)
{
    bool is_late = event == EVENT_COMMON || demo->as_of - page->day > LATE_DAYS;
    demo_plant(demo, page->subject->site, PROBLEM_MISSING_PAGES, is_late);
    add_form_row(demo, page, event, repeat_no, &(struct demo_review){.status = "missing"}, 0);
}

static void count_page(struct demo *demo, struct demo_site *site, enum demo_event event, int lag)
{
    if (event != EVENT_COMMON) {
        site->counts.n_dated_pages++;
        site->counts.n_late_pages += lag > LATE_DAYS;
        bool is_planted = lag > LATE_DAYS && has_problem(site, PROBLEM_LATE_ENTRY);
        demo_plant(demo, site, PROBLEM_LATE_ENTRY, is_planted);
    }
}

static void add_page(struct demo *demo, const struct demo_subject *subject, enum demo_event event,
    enum demo_form form, int repeat_no, int day, const struct item_text *texts)
{
    struct demo_site *site = subject->site;
    int lag = lag_days(demo, site);
    struct demo_page page = {subject, form, dataset_key(demo->dataset, TABLE_FORM), day, 0, event};
    bool has_gaps = has_problem(site, PROBLEM_MISSING_PAGES);
    bool is_lost = random_chance(&demo->random, has_gaps ? 0.06 : 0);
    bool is_overdue = event == EVENT_COMMON || demo->as_of - day > LATE_DAYS;
    if (day + lag > demo->as_of && is_overdue && !has_gaps) {
        lag = demo->as_of - day; /* a site in order has no gaps: entered on the last day */
    }
    if (day + lag > demo->as_of || is_lost) {
        add_missing_page(demo, &page, event, repeat_no);
        return;
    }
    count_page(demo, site, event, lag);
    page.entered_at = demo_work_stamp(demo, site, day + lag);
    struct demo_item items[FORM_ITEMS_MAX];
    int64_t changed_at = make_items(demo, &page, texts, items);
    struct demo_review review = review_page(demo, &page, changed_at);
    changed_at = demo_change_reviewed(demo, &page, &items[0], &review, changed_at);
    add_form_row(demo, &page, event, repeat_no, &review, changed_at);
    add_items(demo, &page, items);
    if (random_chance(&demo->random, has_problem(site, PROBLEM_OLD_QUERIES) ? 0.20 : 0.12)) {
        add_query(demo, &page);
    }
}

void demo_add_forms(struct demo *demo, const struct demo_subject *subject)
{
    for (int event = 0; event < EVENT_COUNT; event++) {
        if (subject->event_id[event] == 0 || subject->visit_on[event] == CALENDAR_NONE) {
            continue;
        }
        for (int form = 0; form < FORM_COUNT; form++) {
            if ((DEMO_FORM[form].events & (1U << event)) != 0) {
                add_page(demo, subject, (enum demo_event)event, (enum demo_form)form, 1,
                    subject->visit_on[event], NULL);
            }
        }
    }
    if (strcmp(subject->status, "completed") == 0 || subject->left != CALENDAR_NONE) {
        add_page(demo, subject, EVENT_COMMON, FORM_END_OF_STUDY, 1, subject->last_seen, NULL);
    }
}

void demo_add_adverse_event_form(struct demo *demo, const struct demo_subject *subject,
    int repeat_no, int day, const char *term, bool is_serious)
{
    const struct item_text texts[FORM_ITEMS_MAX] = {{term}, {is_serious ? "Y" : "N"}};
    add_page(demo, subject, EVENT_COMMON, FORM_ADVERSE_EVENT, repeat_no, day, texts);
}
