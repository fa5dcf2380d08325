#include "support/sample_hostile.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 64 * 1024 * 1024, N_NARROW = 12 };

const struct hostile_text HOSTILE_TEXTS[] = {
    {"rare ideographs", "㛃䶮𬭎"},
    {"a rare given name", "王𬭎"},
    {"decomposed e acute", "Rene\u0301e Le\u0301vy"},
    {"decomposed Vietnamese", "Nguye\u0302\u0303n Thi\u0323 Ho\u0302\u0300ng"},
    {"marks that no letter has composed", "M\u0304\u0301x\u0302"},
    {"Hebrew", "אברהם כהן"},
    {"Arabic", "محمد بن عبد الله"},
    {"Hindi", "श्रीमती प्रिया"},
    {"Thai", "สมชาย ใจดี"},
    {"Korean", "김민준"},
    {"Japanese", "渡辺 さくら"},
    {"an ideograph with a variation selector", "葛\U000E0100城"},
    {"an emoji sequence", "👩\u200D⚕\uFE0F"},
};
const size_t HOSTILE_TEXTS_COUNT = LENGTH_OF(HOSTILE_TEXTS);

/* Shown, whatever becomes of them; not every reader of a PDF gives them back. */
static const struct hostile_text OTHERS[] = {
    {"unassigned and private", "a\u0378b \uE000 \U0010FFFD c"},
    {"marks without a letter", "\u0301 \u0301\u0302x"},
    {"controls and damage", "\x01\x02 \xC3( \xF5\x80 \xED\xA0\x80 end"},
    {"direction controls", "a\u202Eb\u202Cc \u2067d\u2069"},
    {"many marks on one letter", "Z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030A"},
    {"soft hyphens", "cardio\u00ADmyo\u00ADpathy"},
};

static const struct column NAMES[] = {
    {"what", WORD_COVER_SOURCE, ALIGN_START, 3},
    {"alone", WORD_SITE, ALIGN_START, 3},
    {"within", WORD_CONTENTS, ALIGN_START, 6},
    {"end", WORD_COVER_PERIOD, ALIGN_END, 3},
};

static const struct column NARROW[N_NARROW] = {
    {"a", WORD_SITE, ALIGN_START, 1},
    {"b", WORD_GRADE_CRITICAL, ALIGN_START, 1},
    {"c", WORD_COVER_PROTOCOL, ALIGN_START, 1},
    {"d", WORD_COVER_COUNTRY, ALIGN_END, 1},
    {"e", WORD_COVER_INVESTIGATOR, ALIGN_START, 1},
    {"f", WORD_HEAD_SNAPSHOT, ALIGN_START, 1},
    {"g", WORD_COVER_DATA_VERSION, ALIGN_END, 1},
    {"h", WORD_GRADE_RECOMMENDATION, ALIGN_START, 1},
    {"i", WORD_COVER_PERIOD, ALIGN_END, 1},
    {"j", WORD_COVER_DATE, ALIGN_CENTER, 1},
    {"k", WORD_COVER_HASH, ALIGN_START, 1},
    {"l", WORD_COVER_REQUESTER, ALIGN_START, 1},
};

static void add_name(struct report *report, struct table *table, const struct hostile_text *name)
{
    struct cell *row = table_add_row(table);
    table->last->anchor = name->what;
    row[0] = cell_link(cell_text(name->what), "row-2");
    row[1] = cell_text(name->text);
    row[2] = cell_text(arena_printf(report->arena,
        "Subject 101-003 (%s) signed on 2019-10-26；受试者%s已签署。", name->text, name->text));
    row[3] = cell_text(name->text);
}

static void add_names(struct report *report)
{
    struct section *section = report_add_section(report, 1, "names", WORD_SECTION_SUMMARY);
    struct table *table = section_add_table(section, "names", WORD_SITE, NAMES, LENGTH_OF(NAMES));
    for (size_t i = 0; i < HOSTILE_TEXTS_COUNT; i++) {
        add_name(report, table, &HOSTILE_TEXTS[i]);
    }
    table = section_add_table(section, "others", WORD_COVER_DATE, NAMES, LENGTH_OF(NAMES));
    for (size_t i = 0; i < LENGTH_OF(OTHERS); i++) {
        add_name(report, table, &OTHERS[i]);
    }
}

static void add_scripts(struct report *report)
{
    static const char HEBREW[] =
        "המשתתף אברהם כהן חתם על טופס ההסכמה ביום 26.10.2019 (גרסה 2.0) לפני הביקור הראשון. "
        "Walkie Medical Center דיווח על 3 סטיות מהפרוטוקול, מתוכן 2 חשובות.";
    static const char ARABIC[] =
        "وقّع المريض محمد بن عبد الله (رقم 101-003) على نموذج الموافقة المستنيرة في 26/10/2019 "
        "قبل الزيارة الأولى؛ وأُبلغ عن 12 حدثًا ضارًا.\nThe second paragraph is English.\n"
        "وهذه الفقرة الثالثة.";
    static const char THAI[] = "ผู้เข้าร่วมการวิจัยได้ลงนามในหนังสือแสดงความยินยอมก่อนเริ่มขั้นตอนการศึกษาครั้งแรก"
                               "และผู้วิจัยได้รายงานเหตุการณ์ไม่พึงประสงค์ภายในยี่สิบสี่ชั่วโมง";
    struct section *section = report_add_section(report, 2, "scripts", WORD_CONTENTS);
    const char *const TEXTS[] = {HEBREW, ARABIC, THAI};
    struct block *facts = section_add_facts(section, "facts");
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        const struct cell arguments[] = {cell_text(TEXTS[i]), cell_none()};
        section_add_paragraph(section, WORD_LABEL_VALUE, arguments, 2);
        facts_add(section, facts, "text", WORD_SITE, cell_text(TEXTS[i]));
    }
    struct table *table = section_add_table(section, "texts", WORD_SITE, NAMES, LENGTH_OF(NAMES));
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        struct cell *row = table_add_row(table);
        row[0] = cell_text("a paragraph");
        row[2] = cell_text(TEXTS[i]);
        row[3] = cell_text(TEXTS[i]);
    }
}

static void add_tall(struct report *report)
{
    struct section *section = report_add_section(report, 3, "tall", WORD_CONTINUED);
    struct table *table = section_add_table(section, "tall", WORD_SITE, NAMES, LENGTH_OF(NAMES));
    enum { LINE_MAX = 32 };
    char *text = arena_alloc(report->arena, HOSTILE_LINES * LINE_MAX);
    char *at = text;
    for (int i = 1; at != NULL && i <= HOSTILE_LINES; i++) {
        at = stpcpy(at, arena_printf(report->arena, "line %d of 300\n", i));
    }
    for (int i = 0; i < 3; i++) {
        struct cell *row = table_add_row(table);
        row[0] = cell_text(arena_printf(report->arena, "row %d", i + 1));
        row[1] = cell_text("one\ntwo\nthree");
        row[2] = cell_text(i == 1 ? text : "short");
        row[3] = cell_link(cell_integer(i), HOSTILE_TEXTS[i].what);
        table->last->anchor = i == 1 ? "row-2" : NULL;
    }
}

static void add_narrow(struct report *report)
{
    static const char WORD[] = "Pneumonoultramicroscopicsilicovolcanoconiosis";
    static const char HASH[] =
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a089f86d081884c7d65";
    struct section *section = report_add_section(report, 4, "narrow", WORD_COVER_HASH);
    struct table *table = section_add_table(section, "narrow", WORD_SITE, NARROW, N_NARROW);
    for (int i = 0; i < 6; i++) {
        struct cell *row = table_add_row(table);
        const struct cell cells[N_NARROW] = {cell_integer(INT64_MIN + i),
            cell_word(WORD_GRADE_MAJOR), cell_text(i % 2 == 0 ? WORD : "short"),
            cell_number(-1.7976931348623157e308, 3), cell_text("欧阳建国研究中心"),
            cell_instant(1572078600000), cell_integer(INT64_MAX), cell_text(HASH),
            cell_percent(123456789.123, 2), cell_date("2019-10"), cell_not_provided("ctms"),
            cell_text("محمد")};
        memcpy(row, cells, sizeof(cells));
    }
    section_add_table(section, "empty", WORD_CONTENTS, NARROW, N_NARROW);
}

struct report *sample_hostile_new(void)
{
    struct report *report = report_new(MEMORY_MAX);
    if (report == NULL) {
        abort();
    }
    report->study_protocol = "WLK-301";
    report->study_title = "مستشفى אברהם 㛃䶮𬭎 study";
    report->site_no = "101";
    report->site_name = "מרכז רפואי ואלקי";
    report->investigator = "王𬭎";
    report->country = "Việt Nam";
    report->requester = "Rene\u0301e";
    report->as_of = "2025-06-30";
    report->period_from = "2024-01-01";
    add_names(report);
    add_scripts(report);
    add_tall(report);
    add_narrow(report);
    if (report_is_complete(report) != STATUS_OK) {
        abort();
    }
    return report;
}
