/* What other programs say of the file: qpdf of its structure, pdffonts and pdftotext of its text,
 * pdfinfo of its pages. A tool that is not installed skips its tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/document/contents.h"
#include "support/sample_pdf.h"
#include "support/sample_report.h"

enum { OUTPUT_MAX = 4 * 1024 * 1024, N_ROWS = 300 };

struct drawn {
    struct report *report;
    char path[LANGUAGE_COUNT][32];
    char output[OUTPUT_MAX]; /* of the last tool */
};

static void need_tool(const char *name)
{
    char command[64];
    snprintf(command, sizeof(command), "command -v %s >/dev/null", name);
    if (system(command) != 0) {
        print_message("%s is not installed\n", name);
        skip();
    }
}

/* Run a tool on the file; {} in the command stands for it. Returns the exit status. */
static int run_tool(
    struct drawn *drawn, enum language language, const char *before, const char *after)
{
    char command[256];
    snprintf(command, sizeof(command), "%s %s %s 2>&1", before, drawn->path[language], after);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(drawn->output, 1, OUTPUT_MAX - 1, pipe);
    drawn->output[len] = '\0';
    return pclose(pipe);
}

static size_t count(const char *text, const char *needle)
{
    size_t n = 0;
    for (const char *at = strstr(text, needle); at != NULL; at = strstr(at + 1, needle)) {
        n++;
    }
    return n;
}

static void qpdf_finds_nothing_to_warn_about(void **state)
{
    struct drawn *drawn = *state;
    need_tool("qpdf");
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        assert_int_equal(run_tool(drawn, (enum language)language, "qpdf --check", ""), 0);
        assert_null(strstr(drawn->output, "WARNING"));
        assert_non_null(strstr(drawn->output, "No syntax or stream encoding errors"));
    }
}

static void every_font_is_embedded_and_subset(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdffonts");
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        assert_int_equal(run_tool(drawn, (enum language)language, "pdffonts", ""), 0);
        size_t n_fonts = count(drawn->output, "\n") - 2;
        assert_in_range(n_fonts, 2, 20);
        assert_int_equal(count(drawn->output, "yes yes yes"), n_fonts);
    }
}

static void names_in_every_script_come_back_as_text(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdftotext");
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        assert_int_equal(run_tool(drawn, (enum language)language, "pdftotext -layout", "-"), 0);
        for (size_t i = 0; i < SAMPLE_NAMES_COUNT; i++) {
            assert_non_null(strstr(drawn->output, SAMPLE_NAMES[i]));
        }
        assert_non_null(strstr(drawn->output, "欧阳建国"));
        assert_non_null(strstr(drawn->output, "方案偏离未在 7 天内上报伦理委员会。"));
    }
}

static void both_languages_speak_their_words(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdftotext");
    assert_int_equal(run_tool(drawn, LANGUAGE_EN, "pdftotext", "-"), 0);
    assert_non_null(strstr(drawn->output, "Site Audit Report"));
    assert_non_null(strstr(drawn->output, "not provided by ctms"));
    assert_non_null(strstr(drawn->output, "(continued)"));
    assert_null(strstr(drawn->output, "研究中心稽查报告"));
    assert_int_equal(run_tool(drawn, LANGUAGE_ZH_CN, "pdftotext", "-"), 0);
    assert_non_null(strstr(drawn->output, "研究中心稽查报告"));
    assert_non_null(strstr(drawn->output, "ctms 未提供"));
    assert_non_null(strstr(drawn->output, "（续）"));
}

static void every_page_says_which_of_how_many(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdfinfo");
    need_tool("pdftotext");
    assert_int_equal(run_tool(drawn, LANGUAGE_EN, "pdfinfo", ""), 0);
    const char *pages = strstr(drawn->output, "Pages:");
    assert_non_null(pages);
    int n_pages = atoi(pages + strlen("Pages:"));
    assert_in_range(n_pages, 8, 100);
    assert_int_equal(run_tool(drawn, LANGUAGE_EN, "pdftotext", "-"), 0);
    for (int page = 1; page <= n_pages; page++) {
        char footer[64];
        snprintf(footer, sizeof(footer), "Page %d of %d\n", page, n_pages);
        assert_int_equal(count(drawn->output, footer), 1);
    }
}

static void the_outline_lists_every_section_table_and_chart(void **state)
{
    struct drawn *drawn = *state;
    need_tool("qpdf");
    struct contents *contents = contents_new(drawn->report, LANGUAGE_EN);
    assert_non_null(contents);
    size_t n_entries = contents->n_entries;
    contents_free(contents);
    assert_int_equal(
        run_tool(drawn, LANGUAGE_EN, "qpdf --qdf --object-streams=disable", "- | strings"), 0);
    /* Each entry, the cover, the contents; and the title of the document itself. */
    assert_int_equal(count(drawn->output, "/Title "), n_entries + 2 + 1);
}

static void links_lead_somewhere_and_unknown_anchors_are_plain(void **state)
{
    struct drawn *drawn = *state;
    need_tool("qpdf");
    assert_int_equal(
        run_tool(drawn, LANGUAGE_EN, "qpdf --qdf --object-streams=disable", "- | strings"), 0);
    struct contents *contents = contents_new(drawn->report, LANGUAGE_EN);
    assert_non_null(contents);
    size_t n_entries = 0;
    for (size_t i = 0; i < contents->n_entries; i++) {
        n_entries += contents->entries[i].level < CONTENTS_PRINTED_LEVELS ? 1 : 0;
    }
    contents_free(contents);
    /* One a line of the contents, and those cells of the sample whose anchor exists: three of the
     * findings, four of the extremes (the tall one once on each of its pages). */
    size_t n_links = count(drawn->output, "/Subtype /Link");
    assert_in_range(n_links, n_entries + 7, n_entries + 16);
}

static void the_dates_are_the_reports_and_not_the_clocks(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdfinfo");
    assert_int_equal(run_tool(drawn, LANGUAGE_EN, "pdfinfo -isodates", ""), 0);
    assert_non_null(strstr(drawn->output, "CreationDate:    2019-12-31T00:00:00Z"));
    assert_non_null(strstr(drawn->output, "ModDate:         2019-12-31T00:00:00Z"));
    assert_non_null(strstr(drawn->output, "Keywords:        WLK-2019-301, Site 10, 2019-12-31"));
}

static int draw_files(void **state)
{
    static struct drawn drawn;
    drawn.report = sample_report_new(&(struct sample_options){.n_rows = N_ROWS});
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        snprintf(drawn.path[language], sizeof(drawn.path[language]), "/tmp/walkie-pdf-XXXXXX");
        int file = mkstemp(drawn.path[language]);
        struct pdf pdf =
            sample_pdf_draw(ctx_background(), drawn.report, (enum language)language, 0);
        bool is_written = file >= 0 && pdf.status == STATUS_OK &&
                          write(file, pdf.bytes.data, pdf.bytes.len) == (ssize_t)pdf.bytes.len;
        sample_pdf_finish(&pdf);
        if (file >= 0) {
            close(file);
        }
        if (!is_written) {
            return -1;
        }
    }
    *state = &drawn;
    return 0;
}

static int remove_files(void **state)
{
    struct drawn *drawn = *state;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        unlink(drawn->path[language]);
    }
    report_free(drawn->report);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qpdf_finds_nothing_to_warn_about),
        cmocka_unit_test(every_font_is_embedded_and_subset),
        cmocka_unit_test(names_in_every_script_come_back_as_text),
        cmocka_unit_test(both_languages_speak_their_words),
        cmocka_unit_test(every_page_says_which_of_how_many),
        cmocka_unit_test(the_outline_lists_every_section_table_and_chart),
        cmocka_unit_test(links_lead_somewhere_and_unknown_anchors_are_plain),
        cmocka_unit_test(the_dates_are_the_reports_and_not_the_clocks),
    };
    return cmocka_run_group_tests(tests, draw_files, remove_files);
}
