/* The charts of the sample report, one of each kind. See sample_report.h. */
#ifndef WALKIE_TESTS_SUPPORT_SAMPLE_CHARTS_H
#define WALKIE_TESTS_SUPPORT_SAMPLE_CHARTS_H

#include "audit/model/model.h"

/* Add a section with them. */
void sample_add_charts(struct report *report, int number);

#endif
