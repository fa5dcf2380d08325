/* What the files of section 5 share: indicators.c (tables), indicators_charts.c (strips, plots),
 * indicators_trend.c.
 *
 *     cells[3] = indicator_rate_cell(definition, value->rate);
 *
 * Not here: what is counted and scored (sources/, kri/). */
#ifndef WALKIE_AUDIT_SECTIONS_INDICATORS_H
#define WALKIE_AUDIT_SECTIONS_INDICATORS_H

#include "audit/sections/sections.h"

/* This site's value; NULL when it is not among the study's sites. */
const struct kri_value *indicator_of_site(const struct audit_facts *facts, enum kri kri);

/* Per 100 of the denominator, or per cent; no value for NaN. */
struct cell indicator_rate_cell(const struct kri_definition *definition, double rate);

/* The flag, or why there is none. `source` is the one that lacks the indicator, if one does. */
struct cell indicator_outcome_cell(const char *source, const struct kri_value *value);

/* The flag as a number for a chart; NaN where there is none. */
double indicator_flag_number(const struct kri_value *value);

/* A chart of the indicator's rates: titles and unit. */
struct chart *indicator_add_chart(struct section *section, const char *id, enum chart_kind kind,
    const struct kri_definition *definition);

void indicators_add_strips(struct section_build *build);
void indicators_add_trend(struct section_build *build);
void indicators_add_plots(struct section_build *build);

/* The indicator over time, as a chart; whether there are days enough for one. */
bool indicator_has_line(const struct audit_facts *facts, enum kri kri);
void indicators_add_line(struct section_build *build, enum kri kri, bool is_beside_funnel);

#endif
