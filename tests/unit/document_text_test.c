/* Lines: what may be parted, what may not, and that nothing is wider than it may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/palette.h"
#include "audit/document/text_internal.h"
#include "audit/document/text_script.h"

static int open_text(void **state)
{
    const struct font_set *fonts;
    struct error error = ERROR_NONE;
    if (font_set_open(&fonts, &error) != STATUS_OK) {
        print_message("%s\n", error.text);
        return -1;
    }
    *state = text_new(fonts);
    return *state == NULL ? -1 : 0;
}

static int close_text(void **state)
{
    text_free(*state);
    return 0;
}

/* The lines as one string with '|' between them, for comparing. */
static const char *lines_of(struct text *text, const char *string, double width)
{
    static char joined[8192];
    text_reset(text);
    struct paragraph paragraph = text_layout(text, &STYLE_BODY, string, width);
    size_t len = 0;
    for (uint32_t i = 0; i < paragraph.n_lines; i++) {
        const struct line *line = &text->lines[paragraph.first_line + i];
        if (i > 0) {
            joined[len++] = '|';
        }
        for (uint32_t k = line->first; k < line->end; k++) {
            memcpy(joined + len, text->items[k].run->key.text, text->items[k].run->key.len);
            len += text->items[k].run->key.len;
        }
    }
    joined[len] = '\0';
    return joined;
}

static double width_of(struct text *text, const char *string)
{
    return text_measure(text, &STYLE_BODY, string).line_width;
}

static void words_go_to_the_next_line_whole(void **state)
{
    struct text *text = *state;
    double width = width_of(text, "the quick brown");
    assert_string_equal(lines_of(text, "the quick brown fox", width), "the quick brown|fox");
    assert_string_equal(lines_of(text, "the quick brown fox", width - 1), "the quick|brown fox");
}

static void chinese_breaks_anywhere_but_before_a_full_stop(void **state)
{
    struct text *text = *state;
    assert_string_equal(
        lines_of(text, "知情同意。书", width_of(text, "知情同意")), "知情同|意。书");
    assert_string_equal(
        lines_of(text, "知情同意（书）", width_of(text, "知情同意（")), "知情同意|（书）");
}

static void an_ascii_comma_stays_with_the_ideograph_before_it(void **state)
{
    struct text *text = *state;
    assert_string_equal(lines_of(text, "知情同意,书", width_of(text, "知情同意")), "知情同|意,书");
}

static void a_number_stays_with_its_percent_sign_and_a_date_whole(void **state)
{
    struct text *text = *state;
    assert_string_equal(
        lines_of(text, "about 25.0 %", width_of(text, "about 25.0")), "about|25.0 %");
    assert_string_equal(
        lines_of(text, "on 2019-10-26", width_of(text, "on 2019-10")), "on|2019-10-26");
}

static void a_word_wider_than_the_line_is_broken_and_not_lost(void **state)
{
    struct text *text = *state;
    const char *hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    char joined[256] = "";
    const char *lines = lines_of(text, hash, 60);
    assert_non_null(strchr(lines, '|'));
    size_t len = 0;
    for (; *lines != '\0'; lines++) {
        if (*lines != '|') {
            joined[len++] = *lines;
        }
    }
    assert_string_equal(joined, hash);
}

static void no_line_is_wider_than_the_column(void **state)
{
    struct text *text = *state;
    static const char NOTE[] =
        "The visit of 2019-10-26 was entered 43 days late. 研究者说明：因人员变动，"
        "数据录入延迟四十三天 (VS.SYSBP_SUPINE/left) Łukasz Brzęczyszczykiewicz";
    for (double width = 24; width < 400; width += 3.7) {
        text_reset(text);
        struct paragraph paragraph = text_layout(text, &STYLE_BODY, NOTE, width);
        assert_true(paragraph.n_lines > 0);
        assert_true(paragraph.width <= width + 0.1);
    }
}

static void newlines_break_and_damage_shows(void **state)
{
    struct text *text = *state;
    assert_string_equal(lines_of(text, "one\ntwo\r\nthree", 1000), "one|two|three");
    assert_string_equal(
        lines_of(text, "a\xC3(b\xF0\x9F", 1000), "a\xEF\xBF\xBD(b\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_string_equal(lines_of(text, "tab\there", 1000), "tab here");
    assert_string_equal(lines_of(text, "", 1000), "");
}

static void each_script_finds_a_face_that_has_it(void **state)
{
    struct text *text = *state;
    static const uint32_t CHARACTERS[] = {'A', 0x7814, 0x0416, 0x03B1, 0x05D0, 0x0627, 0x1EC5};
    for (size_t i = 0; i < LENGTH_OF(CHARACTERS); i++) {
        uint16_t face = font_set_find(text->set, CHARACTERS[i]);
        assert_true(font_set_has(text->set, face, CHARACTERS[i]));
    }
    assert_int_equal(font_set_find(text->set, 'A'), 0);
    assert_int_equal(font_set_find(text->set, 0x7814), 0);
}

static void clusters_cover_every_byte(void **state)
{
    struct text *text = *state;
    text_reset(text);
    struct paragraph paragraph =
        text_layout(text, &STYLE_BODY, "office Việt المريض אברהם e\xCC\x81 研究", 10000);
    assert_int_equal(paragraph.n_lines, 1);
    for (size_t i = 0; i < text->n_items; i++) {
        const struct run *run = text->items[i].run;
        unsigned int n_bytes = 0;
        unsigned int n_glyphs = 0;
        for (int k = 0; k < run->n_clusters; k++) {
            n_bytes += run->clusters[k].n_bytes;
            n_glyphs += run->clusters[k].n_glyphs;
        }
        assert_int_equal(n_bytes, run->key.len);
        assert_int_equal(n_glyphs, run->n_glyphs);
    }
}

static void a_text_above_the_limit_ends_in_an_ellipsis(void **state)
{
    struct text *text = *state;
    size_t len = PARAGRAPH_LEN_MAX + 10;
    char *huge = malloc(len + 1);
    assert_non_null(huge);
    memset(huge, 'a', len);
    huge[len] = '\0';
    text_reset(text);
    struct paragraph paragraph = text_layout(text, &STYLE_BODY, huge, 500);
    free(huge);
    assert_true(paragraph.n_lines > 1000);
    assert_memory_equal(text->items[text->n_items - 1].run->key.text, "…", strlen("…"));
    assert_int_equal(text_status(text), STATUS_OK);
}

static void the_memory_of_words_is_bounded(void **state)
{
    struct text *text = *state;
    char word[16];
    for (unsigned int i = 0; i < 60000; i++) {
        text_reset(text);
        snprintf(word, sizeof(word), "w%u", i);
        assert_int_equal(text_layout(text, &STYLE_BODY, word, 100).n_lines, 1);
    }
    assert_true(shaper_used(text->shaper) <= RUN_CACHE_BYTES_MAX + 64 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_to_the_next_line_whole),
        cmocka_unit_test(chinese_breaks_anywhere_but_before_a_full_stop),
        cmocka_unit_test(an_ascii_comma_stays_with_the_ideograph_before_it),
        cmocka_unit_test(a_number_stays_with_its_percent_sign_and_a_date_whole),
        cmocka_unit_test(a_word_wider_than_the_line_is_broken_and_not_lost),
        cmocka_unit_test(no_line_is_wider_than_the_column),
        cmocka_unit_test(newlines_break_and_damage_shows),
        cmocka_unit_test(each_script_finds_a_face_that_has_it),
        cmocka_unit_test(clusters_cover_every_byte),
        cmocka_unit_test(a_text_above_the_limit_ends_in_an_ellipsis),
        cmocka_unit_test(the_memory_of_words_is_bounded),
    };
    return cmocka_run_group_tests(tests, open_text, close_text);
}
