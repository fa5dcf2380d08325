/* The model as JSON: canonical (keys in fixed order, no spaces, numbers in shortest exact form), so
 * that equal models give equal bytes and the content hash means something.
 *
 *     model_hash(report);                          fills report->content_hash
 *     model_write_json(ctx, report, write, arg);   the document that format=json answers with
 *
 * The hash covers the canonical model without the hash itself. Schema:
 * report-service/audit/README.md. */
#ifndef WALKIE_AUDIT_JSON_H
#define WALKIE_AUDIT_JSON_H

#include "audit/model/model.h"
#include "base/bytes.h"
#include "ctx/ctx.h"

typedef enum status model_write_fn(void *arg, struct bytes piece);

/* Threads: one at a time a report. Errors: the context's, RESOURCE_EXHAUSTED. */
MUST_USE enum status model_hash(const struct ctx *ctx, struct report *report);

/* Streams in pieces of at most 64 KiB; labels in the report's language-free ids plus, for people,
 * the words of `language`. Errors: the context's, what `write` returned, RESOURCE_EXHAUSTED. */
MUST_USE enum status model_write_json(const struct ctx *ctx, const struct report *report,
    enum language language, model_write_fn *write, void *arg);

enum { MODEL_INSTANT_MAX = 64 }; /* bytes of an instant as text, with the NUL */

/* "2019-10-26T08:30:00.000Z": as JSON and every exact format writes it. */
void model_format_instant(int64_t epoch_ms, char ret_text[MODEL_INSTANT_MAX]);

/* "paragraph", "heading", "not_provided", "facts", "table", "chart". Static storage. */
const char *model_block_kind(enum block_kind kind);

#endif
