/* The cover: what the report is about, as of when, from which data, and who signs for it. */
#include <stdio.h>
#include <string.h>

#include "audit/document/layout.h"
#include "audit/document/text_script.h"

static const double COVER_LABEL_WIDTH = 130;
static const double COVER_TOP = 118;
static const double COVER_GAP = 24;
static const double SNAPSHOTS_HEIGHT = 40 + 20 * SNAPSHOTS_MAX;
static const double NOTICE_HEIGHT = 36;
static const double SIGNATURES_HEIGHT = 88;
static const double HASH_HEIGHT = 24;
enum { COVER_NUMBER_MAX = 64 };
enum { COVER_NAME_MAX = 400 }; /* bytes of a name on the cover; longer ones are cut with "…" */

static void draw_badge(struct document *document, double y)
{
    const struct report *report = document->report;
    const char *mark = document_word(document, report->is_final ? WORD_FINAL : WORD_DRAFT);
    unsigned int color = report->is_final ? COLOR_BRAND : COLOR_ALARM;
    double width = text_measure(document->text, &STYLE_BODY_BOLD, mark).line_width + 22;
    page_box(document, PAGE_LEFT, y, width, 21, color);
    page_text(document, &STYLE_BODY_BOLD, COLOR_PAPER, mark, PAGE_LEFT + width / 2, y + 3.2, 0.5);
}

static void draw_title(struct document *document)
{
    document->y = COVER_TOP;
    struct paragraph title = text_layout(
        document->text, &STYLE_COVER_TITLE, document_word(document, WORD_REPORT_TITLE), BODY_WIDTH);
    page_tag(document, "H1");
    document->y = page_paragraph(document, &title, COLOR_BRAND, PAGE_LEFT, document->y) + 6;
    page_untag(document);
}

static void draw_study(struct document *document)
{
    const struct report *report = document->report;
    char study[COVER_NAME_MAX];
    utf8_copy(study, sizeof(study),
        report->study_title == NULL ? report->study_protocol : report->study_title);
    struct paragraph paragraph = text_layout(document->text, &STYLE_COVER_STUDY, study, BODY_WIDTH);
    document->y = page_paragraph(document, &paragraph, COLOR_INK, PAGE_LEFT, document->y) + 16;
    page_rule(document, PAGE_LEFT, PAGE_LEFT + 64, document->y, 3, COLOR_BRAND);
    document->y += 20;
}

static enum status draw_fact(struct document *document, enum word label, const struct cell *value)
{
    char room[CELL_TEXT_MAX];
    char cut[COVER_NAME_MAX];
    utf8_copy(cut, sizeof(cut), format_cell(value, document->language, room));
    struct paragraph name = text_layout(
        document->text, &STYLE_BODY, document_word(document, label), COVER_LABEL_WIDTH - 8);
    struct paragraph text =
        text_layout(document->text, &STYLE_BODY, cut, BODY_WIDTH - COVER_LABEL_WIDTH);
    double height =
        text_height(&text) > text_height(&name) ? text_height(&text) : text_height(&name);
    enum status status = page_need(document, height + 6);
    if (status != STATUS_OK) {
        return status;
    }
    bool is_absent = value->kind == CELL_NONE || value->kind == CELL_NOT_PROVIDED;
    page_paragraph(document, &name, COLOR_QUIET, PAGE_LEFT, document->y + 3);
    page_keep_order(document);
    page_paragraph(document, &text, is_absent ? COLOR_QUIET : COLOR_INK,
        PAGE_LEFT + COVER_LABEL_WIDTH, document->y + 3);
    document->y += height + 6;
    page_keep_order(document);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.4, COLOR_HAIRLINE);
    return STATUS_OK;
}

static struct cell text_or_absent(const char *text, const char *source)
{
    return text == NULL ? cell_not_provided(source) : cell_text(text);
}

static enum status draw_facts(struct document *document)
{
    const struct report *report = document->report;
    char name[COVER_NAME_MAX];
    char number[COVER_NUMBER_MAX];
    char site[COVER_NAME_MAX + COVER_NUMBER_MAX + 8];
    char period[128];
    utf8_copy(name, sizeof(name), report->site_name);
    utf8_copy(number, sizeof(number), report->site_no);
    snprintf(site, sizeof(site), "%s%s%s", number, report->site_name == NULL ? "" : "  ·  ",
        report->site_name == NULL ? "" : name);
    snprintf(period, sizeof(period), "%s – %s",
        report->period_from == NULL ? "…" : report->period_from,
        report->as_of == NULL ? "…" : report->as_of);
    const struct {
        enum word label;
        struct cell value;
    } facts[] = {
        {WORD_COVER_PROTOCOL, cell_text(report->study_protocol)},
        {WORD_SITE, cell_text(site)},
        {WORD_COVER_INVESTIGATOR, text_or_absent(report->investigator, "ctms")},
        {WORD_COVER_COUNTRY, text_or_absent(report->country, "ctms")},
        {WORD_COVER_PERIOD, cell_text(period)},
        {WORD_COVER_AS_OF, cell_date(report->as_of)},
        {WORD_COVER_REQUESTER, cell_text(report->requester)},
        {WORD_COVER_TREATMENT_DATA, report->is_unblinded
                                        ? cell_tone(cell_word(WORD_UNBLINDED), TONE_ALARM)
                                        : cell_word(WORD_BLINDED)},
    };
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.8, COLOR_RULE);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < LENGTH_OF(facts) && status == STATUS_OK; i++) {
        status = draw_fact(document, facts[i].label, &facts[i].value);
    }
    return status;
}

static void draw_snapshots(struct document *document)
{
    static const double OFFSETS[] = {0, 120, 230, 390};
    const struct report *report = document->report;
    const enum word heads[] = {
        WORD_COVER_SOURCE, WORD_HEAD_EXTRACT, WORD_HEAD_SNAPSHOT, WORD_COVER_DATA_VERSION};
    document->y += COVER_GAP;
    for (size_t i = 0; i < LENGTH_OF(heads); i++) {
        page_text(document, &STYLE_HEAD, COLOR_BRAND, document_word(document, heads[i]),
            PAGE_LEFT + OFFSETS[i], document->y, 0);
    }
    document->y += STYLE_HEAD.line_height + 4;
    page_keep_order(document);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.8, COLOR_RULE);
    for (size_t i = 0; i < report->n_snapshots; i++) {
        const struct snapshot *snapshot = &report->snapshots[i];
        const struct cell cells[] = {cell_text(snapshot->source), cell_date(snapshot->extract_on),
            cell_instant(snapshot->at),
            snapshot->data_version == 0 ? cell_none() : cell_integer(snapshot->data_version)};
        document->y += 4;
        for (size_t k = 0; k < LENGTH_OF(cells); k++) {
            char room[CELL_TEXT_MAX];
            page_text(document, &STYLE_CELL, COLOR_INK,
                format_cell(&cells[k], document->language, room), PAGE_LEFT + OFFSETS[k],
                document->y, 0);
        }
        document->y += STYLE_CELL.line_height + 4;
        page_keep_order(document);
        page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.4, COLOR_HAIRLINE);
    }
}

/* What the report is worth until somebody signs it. */
static void draw_notice(struct document *document)
{
    struct paragraph notice = text_layout(
        document->text, &STYLE_SMALL, document_word(document, WORD_COVER_NOTICE), BODY_WIDTH);
    page_paragraph(document, &notice, COLOR_QUIET, PAGE_LEFT, document->y);
    page_keep_order(document);
    document->y += NOTICE_HEIGHT;
}

/* Lines to sign on, at the foot unless the facts take up the page. */
static void draw_signatures(struct document *document)
{
    static const enum word SIGNERS[] = {WORD_COVER_AUDITOR, WORD_COVER_SIGNING_INVESTIGATOR};
    double y = document->y;
    double width = (BODY_WIDTH - 36) / 2;
    for (size_t i = 0; i < LENGTH_OF(SIGNERS); i++) {
        double x = PAGE_LEFT + (double)i * (width + 36);
        double date_x = x + width * 0.68;
        page_text(document, &STYLE_HEAD, COLOR_BRAND, document_word(document, SIGNERS[i]), x, y, 0);
        page_rule(document, x, date_x - 10, y + 46, 0.6, COLOR_INK);
        page_rule(document, date_x, x + width, y + 46, 0.6, COLOR_INK);
        page_text(document, &STYLE_SMALL, COLOR_QUIET,
            document_word(document, WORD_COVER_SIGNATURE), x, y + 49, 0);
        page_text(document, &STYLE_SMALL, COLOR_QUIET, document_word(document, WORD_COVER_DATE),
            date_x, y + 49, 0);
        page_keep_order(document);
    }
    document->y += SIGNATURES_HEIGHT;
}

static void draw_hash(struct document *document)
{
    const char *hash = document->report->content_hash;
    page_text(document, &STYLE_SMALL, COLOR_QUIET, document_word(document, WORD_COVER_HASH),
        PAGE_LEFT, document->y, 0);
    page_text(document, &STYLE_SMALL, COLOR_INK, hash[0] == '\0' ? "–" : hash, PAGE_LEFT,
        document->y + 11, 0);
    document->y += HASH_HEIGHT;
}

static enum status draw_below_title(struct document *document)
{
    enum status status = draw_facts(document);
    if (status == STATUS_OK) {
        status = page_need(document, SNAPSHOTS_HEIGHT);
    }
    if (status != STATUS_OK) {
        return status;
    }
    draw_snapshots(document);
    double foot = PAGE_BOTTOM - NOTICE_HEIGHT - SIGNATURES_HEIGHT - HASH_HEIGHT;
    if (document->y + COVER_GAP > foot) {
        status = page_next(document); /* very long names: the signatures go overleaf */
    } else {
        document->y = foot;
    }
    if (status == STATUS_OK) {
        draw_notice(document);
        draw_signatures(document);
        draw_hash(document);
    }
    return status;
}

enum status cover_draw(struct document *document)
{
    enum status status = page_next(document);
    if (status != STATUS_OK) {
        return status;
    }
    text_reset(document->text);
    page_box(document, 0, 0, PAGE_WIDTH, 10, COLOR_BRAND);
    page_tag(document, "P");
    draw_badge(document, 74);
    page_untag(document);
    draw_title(document);
    page_tag(document, "P");
    draw_study(document);
    status = draw_below_title(document);
    page_untag(document);
    return status;
}
