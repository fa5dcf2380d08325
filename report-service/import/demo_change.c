/* Changes of the made-up values, and what is wrong with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/demo_internal.h"

enum {
    DATA_MANAGER = 2,        /* app_user of demo.c */
    FOREIGN_CHANGES_MAX = 3, /* of a site */
    BULK_CHANGES = 14,       /* of a site, in one burst */
    BULK_DAYS_AGO = 120,     /* before as_of */
    BULK_LATE_DAYS = 40,     /* at least, after the visit */
    AFTER_LOCK_MAX = 3,      /* of a site */
    AFTER_SIGNATURE_MAX = 4, /* of a site */
    TAMPERED_MAX = 2,        /* of a site */
    SECOND_CHANGES_MIN = 20, /* what a report takes for unusual */
    SECOND_FROM_DAYS = 75,   /* after activation: the second coordinator has been delegated */
    MINUTE_MS = 60000,
};

static const char *const REASONS[] = {
    "transcription error", "query answered", "source document updated", "录入错误", "原始记录更正"};

/* What the item said before it was corrected. */
static void make_old_value(const char *value, int change, char old_value[DEMO_VALUE_MAX])
{
    char *end;
    double number = strtod(value, &end);
    if (end != value && *end == '\0') {
        snprintf(old_value, DEMO_VALUE_MAX, "%.0f", number + 3.0 * change);
    } else {
        snprintf(old_value, DEMO_VALUE_MAX, "%s", change % 2 == 1 ? "" : "?");
    }
}

static const char *choose_reason(struct demo *demo, const struct demo_site *site)
{
    bool is_chinese = site->profile->language == LANGUAGE_ZH;
    int reason =
        is_chinese ? random_between(&demo->random, 3, 4) : random_between(&demo->random, 0, 2);
    return REASONS[reason];
}

enum { SATURDAY_OFFSET = 5, WEEK = 7, FIRST_WEEKDAY = 3 }; /* 1970-01-01 was a Thursday */

static int weekday_of(int day)
{
    return (day + FIRST_WEEKDAY) % WEEK; /* 0: Monday */
}

/* The same day, or the Monday after it. */
static int working_day(int day)
{
    int weekday = weekday_of(day);
    return weekday < SATURDAY_OFFSET ? day : day + WEEK - weekday;
}

/* The day of a change: a working day, unless weekends are planted. */
static int choose_day(struct demo *demo, const struct demo_site *site, int from)
{
    int day = from + random_between(&demo->random, 1, 12);
    if (has_problem(site, PROBLEM_WEEKEND_EDITS) && random_chance(&demo->random, 0.4)) {
        int saturday = day + (SATURDAY_OFFSET - weekday_of(day) + WEEK) % WEEK;
        if (saturday <= demo->as_of) {
            return saturday;
        }
    }
    day = working_day(day);
    return day > demo->as_of ? demo->as_of : day; /* a Monday */
}

static int64_t night_stamp(struct demo *demo, const struct demo_site *site, int day)
{
    int hour = random_between(&demo->random, 1, 3);
    int minute = random_between(&demo->random, 0, 59);
    return demo_stamp(site, day, hour, minute);
}

/* Planted: the investigator enters the data of one subject himself, to whom it is not delegated. */
static int64_t entering_user(const struct demo_subject *subject)
{
    const struct demo_site *site = subject->site;
    bool is_planted = has_problem(site, PROBLEM_DATA_ENTRY) && subject->number == 2;
    return is_planted ? site->pi_user : site->coordinator_user;
}

/* Mostly who entered it. */
static int64_t choose_user(struct demo *demo, const struct demo_page *page, int64_t at)
{
    struct demo_site *site = page->subject->site;
    int day = (int)(at / CALENDAR_DAY_MS);
    site->n_changes++;
    if (has_problem(site, PROBLEM_USER_SHARE) && day > site->activated + SECOND_FROM_DAYS &&
        random_chance(&demo->random, 0.7)) {
        site->n_second_changes++;
        return site->second_coordinator;
    }
    if (has_problem(site, PROBLEM_FOREIGN_USER) && page->subject->number % 4 == 1 &&
        site->n_foreign_changes < FOREIGN_CHANGES_MAX) {
        site->n_foreign_changes++;
        return DATA_MANAGER;
    }
    return entering_user(page->subject);
}

static bool choose_tampered(struct demo *demo, struct demo_site *site)
{
    bool is_tampered = has_problem(site, PROBLEM_HASH_CHAIN) && site->n_tampered < TAMPERED_MAX;
    if (is_tampered) {
        site->n_tampered++;
        demo_plant(demo, site, PROBLEM_HASH_CHAIN, 1);
    }
    return is_tampered;
}

static void add_update(struct demo *demo, const struct demo_page *page, int64_t item_id, int64_t at,
    const char *before, const char *after, const char *reason)
{
    struct trail_entry entry = {at, choose_user(demo, page, at), "update", page->form_id, item_id,
        before, after, reason, choose_tampered(demo, page->subject->site)};
    trail_add(demo->trail, &entry);
}

/* When one change is made; night and weekend are planted where they come out. */
static int64_t choose_stamp(struct demo *demo, const struct demo_page *page, int64_t before_at)
{
    const struct demo_site *site = page->subject->site;
    int day = choose_day(demo, site, (int)(before_at / CALENDAR_DAY_MS));
    bool is_night = has_problem(site, PROBLEM_NIGHT_EDITS) && random_chance(&demo->random, 0.5);
    int64_t at = is_night ? night_stamp(demo, site, day) : demo_work_stamp(demo, site, day);
    if (at <= page->entered_at) {
        return page->entered_at + MINUTE_MS; /* entered and changed on the last day */
    }
    if (is_night) {
        demo_plant(demo, site, PROBLEM_NIGHT_EDITS, 1);
    }
    if (weekday_of(day) == SATURDAY_OFFSET) {
        demo_plant(demo, site, PROBLEM_WEEKEND_EDITS, 1);
    }
    return at;
}

/* A burst: values of old pages corrected within half an hour, four months ago. */
static int64_t choose_bulk(struct demo *demo, const struct demo_page *page, struct demo_item *item)
{
    struct demo_site *site = page->subject->site;
    int day = working_day(demo->as_of - BULK_DAYS_AGO);
    int64_t at = demo_stamp(site, day, 14, 2 * site->n_bulk_changes);
    if (!has_problem(site, PROBLEM_BULK_EDITS) || item->n_changes > 0 ||
        site->n_bulk_changes >= BULK_CHANGES || page->day > day - BULK_LATE_DAYS ||
        page->entered_at >= at || page->form != FORM_VITAL_SIGNS) {
        return 0;
    }
    site->n_bulk_changes++;
    site->counts.n_changed_items++;
    item->n_changes = 1;
    return at;
}

int64_t demo_add_changes(struct demo *demo, const struct demo_page *page, struct demo_item *item)
{
    const struct demo_site *site = page->subject->site;
    char before[DEMO_VALUE_MAX];
    char after[DEMO_VALUE_MAX];
    int64_t at = page->entered_at;
    int64_t bulk_at = choose_bulk(demo, page, item);
    snprintf(before, sizeof(before), "%s", item->value);
    if (item->n_changes > 0) {
        make_old_value(item->value, item->n_changes, before);
    }
    trail_add(demo->trail, &(struct trail_entry){at, entering_user(page->subject), "insert",
                               page->form_id, item->id, NULL, before, NULL, false});
    for (int change = item->n_changes - 1; change >= 0; change--) {
        at = bulk_at != 0 ? bulk_at : choose_stamp(demo, page, at);
        bool is_unexplained =
            has_problem(site, PROBLEM_NO_REASON) && random_chance(&demo->random, 0.35);
        snprintf(after, sizeof(after), "%s", item->value);
        if (change > 0) {
            make_old_value(item->value, change, after);
        }
        const char *reason = choose_reason(demo, site);
        add_update(demo, page, item->id, at, before, after, is_unexplained ? NULL : reason);
        if (is_unexplained) {
            demo_plant(demo, site, PROBLEM_NO_REASON, 1);
        }
        memcpy(before, after, sizeof(before));
    }
    return at;
}

/* One more change of the item, some working days after a stamp. */
static int64_t change_later(
    struct demo *demo, const struct demo_page *page, struct demo_item *item, int day)
{
    struct demo_site *site = page->subject->site;
    char after[DEMO_VALUE_MAX];
    int64_t at = demo_work_stamp(demo, site, day);
    site->counts.n_changed_items += item->n_changes == 0;
    make_old_value(item->value, 1, after);
    add_update(demo, page, item->id, at, item->value, after, choose_reason(demo, site));
    memcpy(item->value, after, sizeof(item->value));
    item->n_changes++;
    return at;
}

int64_t demo_change_reviewed(struct demo *demo, const struct demo_page *page,
    struct demo_item *item, struct demo_review *review, int64_t changed_at)
{
    struct demo_site *site = page->subject->site;
    bool is_locked = review->locked_at != 0;
    int64_t last_at = is_locked ? review->locked_at : review->signed_at;
    int day = working_day((int)(last_at / CALENDAR_DAY_MS) + 2);
    if (last_at == 0 || page->form != FORM_VITAL_SIGNS || day + WEEK > demo->as_of) {
        return changed_at;
    }
    if (is_locked && has_problem(site, PROBLEM_AFTER_LOCK) && site->n_after_lock < AFTER_LOCK_MAX) {
        site->n_after_lock++;
        demo_plant(demo, site, PROBLEM_AFTER_LOCK, 1);
        changed_at = change_later(demo, page, item, day);
        review->signed_at = demo_work_stamp(demo, site, day + 2); /* signed again: one fault only */
        trail_add(demo->trail, &(struct trail_entry){review->signed_at, site->pi_user, "sign",
                                   page->form_id, 0, NULL, NULL, NULL, false});
    } else if (!is_locked && has_problem(site, PROBLEM_AFTER_SIGNATURE) &&
               site->n_after_signature < AFTER_SIGNATURE_MAX) {
        site->n_after_signature++;
        demo_plant(demo, site, PROBLEM_AFTER_SIGNATURE, 1);
        changed_at = change_later(demo, page, item, day);
    }
    return changed_at;
}

void demo_plant_changes(struct demo *demo, const struct demo_site *site)
{
    if (site->n_second_changes >= SECOND_CHANGES_MIN &&
        site->n_second_changes * 10 > site->n_changes * 3) {
        demo_plant(demo, site, PROBLEM_USER_SHARE, 1);
    }
    if (site->n_foreign_changes > 0) {
        demo_plant(demo, site, PROBLEM_FOREIGN_USER, 1);
    }
    if (site->n_bulk_changes >= 10) {
        demo_plant(demo, site, PROBLEM_BULK_EDITS, 1);
    }
}
