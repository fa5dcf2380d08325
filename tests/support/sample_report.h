/* A made-up report that has everything a document must draw: both scripts and others, all charts,
 * cells of one line, three lines and hundreds, empty tables, what is not provided, links.
 *
 *     struct report *report = sample_report_new(&(struct sample_options){.n_rows = 4000});
 *     ... document_write_pdf(ctx, report, ...);
 *     report_free(report);
 *
 * The same options give the same report. No data of any person: names are invented. */
#ifndef WALKIE_TESTS_SUPPORT_SAMPLE_REPORT_H
#define WALKIE_TESTS_SUPPORT_SAMPLE_REPORT_H

#include "audit/model/model.h"

struct sample_options {
    size_t n_rows; /* of the long listing; 0: none */
    bool is_final;
    bool is_plain; /* only the listing: the benchmark's report */
};

/* Never NULL: aborts when out of memory. Freed with report_free. */
struct report *sample_report_new(const struct sample_options *options);

/* The names that must come back from the PDF's text, each in its script. */
extern const char *const SAMPLE_NAMES[];
extern const size_t SAMPLE_NAMES_COUNT;

#endif
