/* Scripts that take care: composed letters, right to left, dictionaries, what no font has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/document/palette.h"
#include "audit/document/text_internal.h"
#include "audit/document/text_missing.h"
#include "audit/document/text_prepare.h"
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

static void assert_prepared(const char *string, const char *expected)
{
    struct prepared prepared;
    assert_true(text_prepare(string, strlen(string), &prepared));
    assert_int_equal(prepared.len, strlen(expected));
    assert_memory_equal(prepared.string, expected, prepared.len);
    text_prepare_finish(&prepared);
}

static void letters_and_their_marks_are_composed(void **state)
{
    (void)state;
    assert_prepared("Rene\u0301e", "Renée");
    assert_prepared("Nguye\u0302\u0303n", "Nguyễn");
    /* The marks in the other order, and on a letter that has one of them in itself. */
    assert_prepared("Vie\u0323\u0302t", "Việt");
    assert_prepared("Vie\u0302\u0323t", "Việt");
    assert_prepared("Vi\u00EA\u0323t", "Việt");
    assert_prepared("M\u0304\u0301", "M\u0304\u0301");
}

static void ideographs_are_left_as_they_came(void **state)
{
    (void)state;
    /* U+F9D1 would become U+516D: another name. */
    assert_prepared("\uF9D1\U000E0100 e\u0301", "\uF9D1\U000E0100 é");
}

static void plain_text_is_not_copied(void **state)
{
    (void)state;
    static const char PLAIN[] = "Łukasz 研究者，第 12 周 Việt";
    struct prepared prepared;
    assert_true(text_prepare(PLAIN, strlen(PLAIN), &prepared));
    assert_null(prepared.own);
    assert_null(prepared.notes);
    text_prepare_finish(&prepared);
}

static void damage_stays_damage_beside_marks(void **state)
{
    (void)state;
    assert_prepared("e\u0301\xC3(", "é\xEF\xBF\xBD(");
    assert_prepared("\u0301\xF0\x9F", "\u0301\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void each_line_of_a_text_has_its_own_direction(void **state)
{
    struct text *text = *state;
    text_reset(text);
    struct paragraph paragraph =
        text_layout(text, &STYLE_BODY, "אברהם (12)\nsigned אברהם\n101 محمد", 400);
    assert_int_equal(paragraph.n_lines, 3);
    assert_true(text_line_is_rtl(text, &paragraph, 0));
    assert_false(text_line_is_rtl(text, &paragraph, 1));
    assert_true(text_line_is_rtl(text, &paragraph, 2));
}

static void a_latin_name_in_a_hebrew_line_runs_left_to_right(void **state)
{
    struct text *text = *state;
    text_reset(text);
    struct paragraph paragraph = text_layout(text, &STYLE_BODY, "כהן Walkie", 400);
    const struct line *line = &text->lines[paragraph.first_line];
    assert_int_equal(line->end - line->first, 3);
    assert_int_equal(text->items[line->first].level, 1);
    assert_true(text->items[line->first].run->key.is_rtl);
    assert_int_equal(text->items[line->end - 1].level, 2);
    assert_false(text->items[line->end - 1].run->key.is_rtl);
}

static void thai_is_broken_between_words(void **state)
{
    struct text *text = *state;
    static const char WORDS[] = "ผู้วิจัยได้รายงาน"; /* person, research, did, report */
    struct prepared prepared;
    assert_true(text_prepare(WORDS, strlen(WORDS), &prepared));
    size_t n_breaks = 0;
    for (size_t i = 0; i < 17; i++) {
        n_breaks += prepared.notes[i].is_breaking ? 1 : 0;
    }
    text_prepare_finish(&prepared);
    assert_int_equal(n_breaks, 3);
    text_reset(text);
    double width = text_measure(text, &STYLE_BODY, WORDS).word_width;
    assert_true(width < text_measure(text, &STYLE_BODY, WORDS).line_width);
    assert_in_range(text_layout(text, &STYLE_BODY, WORDS, width).n_lines, 2, 4);
}

static void a_letter_and_its_marks_are_in_one_face(void **state)
{
    struct text *text = *state;
    static const char *const NAMES[] = {
        "M\u0304\u0301", "x\u0302", "葛\U000E0100", "a\u200Db", "Z\u0301\u0302\u0303\u0304"};
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        text_reset(text);
        text_layout(text, &STYLE_BODY, NAMES[i], 1000);
        assert_int_equal(text->n_items, 1);
        assert_int_equal(text->items[0].run->n_clusters == 0, 0);
    }
}

static void cut_arabic_letters_keep_the_forms_of_the_word(void **state)
{
    struct text *text = *state;
    text_reset(text);
    struct paragraph whole = text_layout(text, &STYLE_BODY, "محمد", 400);
    double width = whole.width;
    assert_int_equal(text->n_items, 1);
    uint32_t first_form = text->items[0].run->glyphs[text->items[0].run->n_glyphs - 1].index;
    text_reset(text);
    struct paragraph cut = text_layout(text, &STYLE_BODY, "محمد", width * 0.6);
    assert_int_equal(text->n_items, 4);
    assert_true(cut.n_lines > 1);
    /* The first letter joins the next: not the form that stands alone. */
    assert_int_equal(text->items[0].run->glyphs[0].index, first_form);
    assert_int_equal(text->items[0].run->clusters[0].n_bytes, 2);
}

static void what_no_font_has_is_its_number_and_still_itself(void **state)
{
    struct text *text = text_new(((struct text *)*state)->set); /* nothing missing so far */
    assert_non_null(text);
    /* Assigned to nobody: no font will ever have them. */
    text_layout(text, &STYLE_BODY, "a\U0010FFFDb\u0378", 1000);
    const struct run *run = text->items[1].run;
    assert_true(run->key.is_missing);
    assert_int_equal(run->n_glyphs, strlen("[U+10FFFD]"));
    assert_int_equal(run->n_clusters, 1);
    assert_int_equal(run->clusters[0].n_bytes, 4);
    assert_memory_equal(run->key.text, "\U0010FFFD", 4);
    const struct missing *missing = text_missing(text);
    assert_int_equal(missing->n_kept, 2);
    assert_int_equal(missing->characters[0], 0x10FFFD);
    assert_int_equal(missing->characters[1], 0x0378);
    text_free(text);
}

static void only_so_many_missing_characters_are_remembered(void **state)
{
    (void)state;
    struct missing missing = {.n_kept = 0};
    for (uint32_t i = 0; i < MISSING_KEPT_MAX + 5; i++) {
        missing_note(&missing, 0xE000 + i);
        missing_note(&missing, 0xE000);
    }
    assert_int_equal(missing.n_kept, MISSING_KEPT_MAX);
    assert_int_equal(missing.n_more, 5);
}

static void the_package_that_has_a_character_is_named(void **state)
{
    (void)state;
    assert_string_equal(missing_package(0x2CB4E, false), "fonts-noto-cjk");
    assert_string_equal(missing_package(0x2CB4E, true), "fonts-hanazono");
    assert_string_equal(missing_package(0x0E01, true), "fonts-noto-core");
    assert_string_equal(missing_package(0x1F469, true), "fonts-symbola");
    assert_null(missing_package(0xE000, true));
    assert_null(missing_package(0x0378, false));
}

static void invisible_characters_take_no_room(void **state)
{
    struct text *text = *state;
    double plain = text_measure(text, &STYLE_BODY, "abc").line_width;
    double joined =
        text_measure(text, &STYLE_BODY, "a\u200Bb\u2060c\uFEFF\u202A\u202C\uFE0F").line_width;
    assert_true(joined > plain - 0.01 && joined < plain + 0.01);
    size_t n_missing = text_missing(text)->n_kept;
    text_measure(text, &STYLE_BODY, "\u2066\u2069\U000E0001\u00AD\u00A0\u202F");
    assert_int_equal(text_missing(text)->n_kept, n_missing);
}

static void characters_survive_encoding(void **state)
{
    (void)state;
    static const uint32_t CHARACTERS[] = {
        'A', 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x2CB4E, 0x10FFFF};
    for (size_t i = 0; i < LENGTH_OF(CHARACTERS); i++) {
        char bytes[UTF8_CHARACTER_MAX];
        size_t len = utf8_encode(CHARACTERS[i], bytes);
        uint32_t codepoint = 0;
        assert_int_equal(utf8_decode(bytes, bytes + len, &codepoint), len);
        assert_int_equal(codepoint, CHARACTERS[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_and_their_marks_are_composed),
        cmocka_unit_test(ideographs_are_left_as_they_came),
        cmocka_unit_test(plain_text_is_not_copied),
        cmocka_unit_test(damage_stays_damage_beside_marks),
        cmocka_unit_test(each_line_of_a_text_has_its_own_direction),
        cmocka_unit_test(a_latin_name_in_a_hebrew_line_runs_left_to_right),
        cmocka_unit_test(thai_is_broken_between_words),
        cmocka_unit_test(a_letter_and_its_marks_are_in_one_face),
        cmocka_unit_test(cut_arabic_letters_keep_the_forms_of_the_word),
        cmocka_unit_test(what_no_font_has_is_its_number_and_still_itself),
        cmocka_unit_test(only_so_many_missing_characters_are_remembered),
        cmocka_unit_test(the_package_that_has_a_character_is_named),
        cmocka_unit_test(invisible_characters_take_no_room),
        cmocka_unit_test(characters_survive_encoding),
    };
    return cmocka_run_group_tests(tests, open_text, close_text);
}
