/* Local time against the C library's own, which is asked with TZ here: one thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/sources/time_zone.h"
#include "audit/sources/time_zone_rule.h"

enum { MEMORY_MAX = 16 << 20 };

static int set_up(void **state)
{
    *state = arena_new(MEMORY_MAX);
    return *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return unsetenv("TZ");
}

static void assert_as_the_library(
    const struct time_zone *zone, const char *name, const struct tm *theirs, int64_t at_s)
{
    struct local_time ours = time_zone_local(zone, at_s * 1000);
    bool is_equal = ours.hour == theirs->tm_hour && ours.minute == theirs->tm_min &&
                    (int)ours.weekday == (theirs->tm_wday + 6) % 7;
    if (!is_equal) {
        fail_msg("%s at %lld: %d:%02d, the library says %d:%02d", name, (long long)at_s, ours.hour,
            ours.minute, theirs->tm_hour, theirs->tm_min);
    }
}

/* From 1950 to 2090, every 37 hours and some minutes: past every transition, and into the rule. */
static void local_time_is_what_the_c_library_says(void **state)
{
    static const char *const NAMES[] = {"Asia/Shanghai", "Asia/Tokyo", "America/New_York",
        "America/Chicago", "Europe/Berlin", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kolkata",
        "America/Sao_Paulo", "Europe/Dublin", "Africa/Casablanca", "America/St_Johns",
        "Pacific/Apia", "Asia/Kathmandu", "America/Nuuk", "UTC"};
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        const struct time_zone *zone = time_zone_load(*state, NAMES[i]);
        if (zone == NULL) {
            fail_msg("%s: not found", NAMES[i]);
        }
        assert_int_equal(setenv("TZ", NAMES[i], 1), 0);
        tzset();
        for (int64_t at_s = -631152000; at_s < INT64_C(3786912000); at_s += 135061) {
            time_t at = (time_t)at_s;
            struct tm theirs;
            assert_non_null(localtime_r(&at, &theirs));
            assert_as_the_library(zone, NAMES[i], &theirs, at_s);
        }
    }
}

/* 2024-03-10 in New York: 01:59:59 EST is followed by 03:00:00 EDT; 2024-11-03 has 01:30 twice. */
static void summer_time_begins_and_ends_on_the_second(void **state)
{
    const struct time_zone *zone = time_zone_load(*state, "America/New_York");
    assert_non_null(zone);
    assert_int_equal(time_zone_offset_s(zone, 1710053999), -5 * 3600);
    assert_int_equal(time_zone_offset_s(zone, 1710054000), -4 * 3600);
    assert_int_equal(time_zone_local(zone, INT64_C(1710053999999)).hour, 1);
    assert_int_equal(time_zone_local(zone, INT64_C(1710054000000)).hour, 3);
    assert_int_equal(time_zone_local(zone, INT64_C(1730611800000)).hour, 1);
    assert_int_equal(time_zone_local(zone, INT64_C(1730615400000)).hour, 1);
    assert_int_equal(time_zone_local(zone, INT64_C(1730615400000)).minute, 30);
}

/* A Saturday in Auckland is still a Friday in UTC. */
static void the_weekday_is_the_site_s(void **state)
{
    const struct time_zone *zone = time_zone_load(*state, "Pacific/Auckland");
    assert_non_null(zone);
    struct local_time local = time_zone_local(zone, INT64_C(1717761600000)); /* Fri 12:00 UTC */
    assert_int_equal(local.weekday, SATURDAY);
    assert_int_equal(local.hour, 0);
    assert_int_equal(time_zone_local(zone, -1).weekday, THURSDAY);
}

static void what_is_no_zone_is_none(void **state)
{
    static const char *const NAMES[] = {"", "Mars/Olympus", "../etc/passwd", "/etc/localtime",
        "Asia/../Asia/Tokyo", "Asia", "Asia//Tokyo", "tzdata.zi", "Asia/Tokyo/", "a b"};
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        if (time_zone_load(*state, NAMES[i]) != NULL) {
            fail_msg("\"%s\" is a zone", NAMES[i]);
        }
    }
    assert_null(time_zone_load(*state, NULL));
}

/* Every beginning of a real file, and every byte of it turned: refused or read, never beyond. */
static void a_broken_file_is_refused_or_read_within_its_bounds(void **state)
{
    static uint8_t data[TIME_ZONE_FILE_MAX];
    FILE *file = fopen(TIME_ZONE_FOLDER "/Europe/Berlin", "rb");
    assert_non_null(file);
    size_t len = fread(data, 1, sizeof(data), file);
    fclose(file);
    assert_non_null(time_zone_parse(*state, data, len));
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut + 1); /* a sanitizer sees the byte after */
        assert_non_null(exact);
        memcpy(exact, data, cut);
        assert_null(time_zone_parse(*state, exact, cut));
        free(exact);
    }
    for (size_t i = 0; i < len; i++) {
        struct arena *arena = arena_new(MEMORY_MAX);
        data[i] ^= 0xff;
        const struct time_zone *zone = time_zone_parse(arena, data, len);
        if (zone != NULL) {
            (void)time_zone_local(zone, INT64_C(1710054000000));
            (void)time_zone_local(zone, INT64_C(4000000000000));
        }
        data[i] ^= 0xff;
        arena_free(arena);
    }
}

static void a_rule_is_read_whole_or_not_at_all(void **state)
{
    (void)state;
    struct time_zone_rule rule;
    assert_true(time_zone_rule_parse("CET-1CEST,M3.5.0,M10.5.0/3", &rule));
    assert_int_equal(rule.offset_s, 3600);
    assert_int_equal(rule.summer_offset_s, 7200);
    assert_true(time_zone_rule_parse("<+0330>-3:30", &rule));
    assert_int_equal(rule.offset_s, 12600);
    assert_true(time_zone_rule_parse("XXX3YYY2,J60,300/-1:30:15", &rule));
    assert_int_equal(rule.to_standard.at_s, -5415);
    static const char *const WRONG[] = {"", "CET", "-1", "CET-1CEST", "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M3.5,M10.5.0",
        "<+03-3", "CET-200", "CET-1CEST,J0,J5", "CET-1CEST,M3.5.0,366"};
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        if (time_zone_rule_parse(WRONG[i], &rule)) {
            fail_msg("\"%s\" is a rule", WRONG[i]);
        }
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(local_time_is_what_the_c_library_says),
        WITH_ARENA(summer_time_begins_and_ends_on_the_second),
        WITH_ARENA(the_weekday_is_the_site_s),
        WITH_ARENA(what_is_no_zone_is_none),
        WITH_ARENA(a_broken_file_is_refused_or_read_within_its_bounds),
        WITH_ARENA(a_rule_is_read_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
