/* What the parts of the CSV bundle share. Private to export/csv_bundle*.c. */
#ifndef WALKIE_AUDIT_EXPORT_CSV_BUNDLE_INTERNAL_H
#define WALKIE_AUDIT_EXPORT_CSV_BUNDLE_INTERNAL_H

#include "audit/export/csv_bundle.h"
#include "base/csv_writer.h"
#include "crypto/sha256.h"

/* One file of the bundle, for the manifest. */
struct bundle_file {
    struct bundle_file *next;
    const char *name;
    enum word title;           /* WORD_NONE: none */
    const struct table *table; /* NULL: not a table of the report */
    const char *const *heads;  /* of what is no table: ended by NULL */
    bool has_anchors;          /* a table with a last column "anchor" */
    uint64_t n_rows;           /* without the head */
    char sha256[SHA256_HEX_MAX];
};

struct bundle {
    const struct ctx *ctx;
    const struct report *report;
    enum language language;
    struct zip_writer *zip;
    struct sha256 *digest;
    struct arena *arena; /* of the list of files */
    struct bundle_file *first;
    struct bundle_file **last;
    struct error error;
    uint64_t n_rows; /* of all files */
    struct csv_writer csv;
};

/* Begin a file and its head; NULL: out of memory. End it: its SHA-256 is known then. */
MUST_USE struct bundle_file *bundle_begin(
    struct bundle *bundle, const char *name, enum word title, const char *const *heads);
MUST_USE enum status bundle_end(struct bundle *bundle, struct bundle_file *file);

/* A row is over: counted, and every so often the context is asked. */
void bundle_end_row(struct bundle *bundle, struct bundle_file *file);

void bundle_cell(struct bundle *bundle, const struct cell *cell);
void bundle_number(struct bundle *bundle, double value);
void bundle_integer(struct bundle *bundle, int64_t value);
void bundle_template(struct bundle *bundle, enum word template_word, const struct cell *arguments,
    size_t n_arguments);

/* csv_bundle_blocks.c: a section's tables and charts. */
MUST_USE enum status bundle_section(struct bundle *bundle, const struct section *section);

/* csv_bundle_manifest.c: README.txt and manifest.json. */
MUST_USE enum status bundle_readme(struct bundle *bundle);
MUST_USE enum status bundle_manifest(struct bundle *bundle);

#endif
