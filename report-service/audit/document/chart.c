#include "audit/document/layout.h"

double chart_height(const struct chart *chart)
{
    (void)chart;
    return 200;
}

enum status chart_draw(struct document *document, const struct chart *chart)
{
    page_anchor(document, chart->id, document->y);
    page_contents_anchor(
        document, contents_mark(document->contents, document->page, document->y), document->y);
    page_text(document, &STYLE_CAPTION, COLOR_BRAND, document_word(document, chart->title),
        PAGE_LEFT, document->y, 0);
    document->y += chart_height(chart);
    return STATUS_OK;
}
