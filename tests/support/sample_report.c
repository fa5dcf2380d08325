#include "support/sample_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/sample_charts.h"

const char *const SAMPLE_NAMES[] = {"张伟", "欧阳建国", "Łukasz Brzęczyszczykiewicz",
    "Þórunn Gísladóttir", "Nguyễn Thị Hồng", "Αλέξανδρος", "Сергей Иванов", "李娜", "Jean-François",
    "O'Brien"};
const size_t SAMPLE_NAMES_COUNT = sizeof(SAMPLE_NAMES) / sizeof(SAMPLE_NAMES[0]);

static const struct column LISTING[] = {
    {"subject", WORD_STUDY, ALIGN_START, 2},
    {"name", WORD_SITE, ALIGN_START, 4},
    {"visit", WORD_COVER_PERIOD, ALIGN_START, 3},
    {"field", WORD_COVER_SOURCE, ALIGN_START, 3},
    {"question", WORD_CONTENTS, ALIGN_START, 6},
    {"state", WORD_COVER_DATE, ALIGN_END, 2},
};

static const struct column FINDINGS[] = {
    {"rule", WORD_COVER_PROTOCOL, ALIGN_START, 2},
    {"grade", WORD_GRADE_MAJOR, ALIGN_START, 2},
    {"statement", WORD_CONTENTS, ALIGN_START, 9},
    {"count", WORD_COVER_DATA_VERSION, ALIGN_END, 2},
    {"share", WORD_COVER_PERIOD, ALIGN_END, 2},
    {"evidence", WORD_COVER_SOURCE, ALIGN_CENTER, 2},
};

static const char LONG_NOTE[] =
    "The visit of 2019-10-26 was entered 43 days after it took place, against a limit of 10 days; "
    "the site explained the delay with staff turnover. 研究者说明：因人员变动，数据录入延迟四十三天"
    "，已对研究协调员进行再培训，并于两周内完成补录。";

static const char *copy(struct report *report, const char *format, size_t number)
{
    /* One argument, a number: enough for every sample text. */
    char *text = NULL;
    if (strcmp(format, "subject") == 0) {
        text = arena_printf(report->arena, "%02zu-%04zu", 10 + number % 7, number);
    } else if (strcmp(format, "date") == 0) {
        text = arena_printf(report->arena, "2019-%02zu-%02zu", 1 + number % 12, 1 + number % 28);
    } else {
        text = arena_printf(report->arena, "row-%zu", number);
    }
    return text;
}

static void fill_listing_row(struct report *report, struct cell *row, size_t i)
{
    static const char *const VISITS[] = {
        "筛选期访视", "Week 4", "第 12 周访视", "Early termination"};
    static const char *const FIELDS[] = {"DM.BRTHDAT", "AE.AESTDAT", "收缩压（坐位）", "VS.SYSBP"};
    static const char *const QUESTIONS[] = {
        "知情同意日期晚于首次研究程序",
        "Value outside the expected range.",
        "入组日期早于筛选日期，请说明",
        "End date is before start date.",
    };
    row[0] = cell_text(copy(report, "subject", i));
    row[1] = cell_text(SAMPLE_NAMES[i % SAMPLE_NAMES_COUNT]);
    row[2] = cell_text(VISITS[i % 4]);
    row[3] = cell_text(FIELDS[(i / 3) % 4]);
    row[4] = cell_text(QUESTIONS[(i / 5) % 4]);
    row[5] = i % 9 == 0 ? cell_tone(cell_date(copy(report, "date", i)), TONE_WARNING)
                        : cell_date(copy(report, "date", i));
}

static void add_listing(struct report *report, int number, size_t n_rows)
{
    struct section *section = report_add_section(report, number, "listing", WORD_SECTION_SUMMARY);
    struct table *table =
        section_add_table(section, "listing", WORD_COVER_SOURCE, LISTING, LENGTH_OF(LISTING));
    for (size_t i = 0; i < n_rows; i++) {
        fill_listing_row(report, table_add_row(table), i);
        if (i % 100 == 0) {
            table->last->anchor = copy(report, "anchor", i);
        }
    }
}

static void add_finding_row(struct table *table, const char *rule, enum grade grade,
    const char *statement, const char *evidence)
{
    static const struct {
        enum word word;
        enum tone tone;
    } GRADES[GRADE_COUNT] = {{WORD_GRADE_CRITICAL, TONE_ALARM}, {WORD_GRADE_MAJOR, TONE_WARNING},
        {WORD_GRADE_MINOR, TONE_NOTICE}, {WORD_GRADE_RECOMMENDATION, TONE_MUTED}};
    struct cell *row = table_add_row(table);
    row[0] = cell_text(rule);
    row[1] = cell_tone(cell_word(GRADES[grade].word), GRADES[grade].tone);
    row[2] = cell_text(statement);
    row[3] = cell_integer((int64_t)strlen(statement));
    row[4] = cell_percent((double)strlen(rule) / 30, 1);
    row[5] = cell_link(cell_text("→"), evidence);
    table->last->anchor = rule;
}

static void add_summary(struct report *report)
{
    struct section *section = report_add_section(report, 1, "summary", WORD_SECTION_SUMMARY);
    struct cell arguments[] = {cell_word(WORD_SECTION_SUMMARY), cell_text(LONG_NOTE)};
    section_add_paragraph(section, WORD_LABEL_VALUE, arguments, 2);
    struct block *facts = section_add_facts(section, "facts");
    facts_add(section, facts, "site", WORD_SITE, cell_text("Universitätsklinikum 北京协和医院"));
    facts_add(section, facts, "count", WORD_COVER_DATA_VERSION, cell_integer(108550));
    facts_add(
        section, facts, "share", WORD_COVER_PERIOD, cell_tone(cell_percent(0.4321, 1), TONE_ALARM));
    facts_add(section, facts, "absent", WORD_COVER_COUNTRY, cell_not_provided("ctms"));
    facts_add(section, facts, "when", WORD_HEAD_SNAPSHOT, cell_instant(1572078600000));
    facts_add(section, facts, "long", WORD_COVER_HASH, cell_text(LONG_NOTE));
    section_add_heading(section, WORD_CONTENTS);
    struct table *table =
        section_add_table(section, "findings", WORD_CONTENTS, FINDINGS, LENGTH_OF(FINDINGS));
    add_finding_row(table, "IC-01", GRADE_CRITICAL,
        "3 subjects underwent study procedures before they signed the consent form.", "section-3");
    add_finding_row(table, "DQ-02", GRADE_MAJOR, LONG_NOTE, "listing");
    add_finding_row(table, "DV-01", GRADE_MINOR, "方案偏离未在 7 天内上报伦理委员会。", "nowhere");
    add_finding_row(table, "ED-04", GRADE_RECOMMENDATION,
        "Keep the delegation log next to the training records.", "row-100");
    section_add_not_provided(section, WORD_COVER_SIGNING_INVESTIGATOR, "ctms");
}

static void add_extremes(struct report *report)
{
    struct section *section = report_add_section(report, 3, "extremes", WORD_CONTINUED);
    section_add_table(section, "empty", WORD_COVER_DATE, LISTING, LENGTH_OF(LISTING));
    struct table *table =
        section_add_table(section, "tall", WORD_COVER_HASH, FINDINGS, LENGTH_OF(FINDINGS));
    char *tall = arena_alloc(report->arena, sizeof(LONG_NOTE) * 60 + 1);
    for (size_t i = 0; tall != NULL && i < 60; i++) {
        memcpy(tall + i * (sizeof(LONG_NOTE) - 1), LONG_NOTE, sizeof(LONG_NOTE) - 1);
    }
    add_finding_row(table, "TALL", GRADE_MINOR, tall, "IC-01");
    add_finding_row(table, "WIDE", GRADE_MINOR,
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a089f86d081884c7d65",
        "DQ-02");
    add_finding_row(table, "BAD", GRADE_MINOR, "damaged \xC3 byte, tab\tand\nline", "BAD");
    add_finding_row(table, "RTL", GRADE_MINOR, "المريض 12 أكمل الزيارة; אברהם כהן signed", "BAD");
}

static void set_head(struct report *report, const struct sample_options *options)
{
    report->study_protocol = "WLK-2019-301";
    report->study_title = "A randomised, double-blind, placebo-controlled phase III study of "
                          "walkizumab in adults with moderate asthma";
    report->site_no = "10";
    report->site_name = "北京协和医院 (Peking Union Medical College Hospital)";
    report->investigator = "欧阳建国";
    report->country = NULL;
    report->requester = "Þórunn Gísladóttir";
    report->as_of = "2019-12-31";
    report->period_from = "2017-03-01";
    report->is_final = options->is_final;
    report->snapshots[0] =
        (struct snapshot){.source = "edc", .at = 1577750400000, .data_version = 42};
    report->snapshots[1] = (struct snapshot){.source = "ctms", .at = 0, .data_version = 7};
    report->n_snapshots = 2;
    memset(report->content_hash, 'a', 64);
}

struct report *sample_report_new(const struct sample_options *options)
{
    struct report *report = report_new(256 * 1024 * 1024);
    if (report == NULL) {
        abort();
    }
    set_head(report, options);
    if (!options->is_plain) {
        add_summary(report);
        sample_add_charts(report, 2);
        add_extremes(report);
    }
    if (options->n_rows > 0) {
        add_listing(report, 4, options->n_rows);
    }
    if (report_is_complete(report) != STATUS_OK) {
        abort();
    }
    return report;
}
