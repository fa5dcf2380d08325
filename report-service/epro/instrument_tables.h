/* The tables of instruments, for instrument.c alone. Link ids and words are normalised
 * (epro_normalise). Sources of every rule: README.md, "Instruments". */
#ifndef WALKIE_EPRO_INSTRUMENT_TABLES_H
#define WALKIE_EPRO_INSTRUMENT_TABLES_H

#include "base/attributes.h"
#include "epro/instrument.h"

/* --- PHQ-9: Kroenke, Spitzer, Williams 2001 (J Gen Intern Med 16:606-13): items 0-3, total 0-27,
 * cut points 5, 10, 15, 20. Up to two items missing: American Psychiatric Association, Severity
 * Measure for Depression (adapted from the PHQ-9): sum times 9 by the answered ones, to the nearest
 * whole number; three or more: no total. Items by LOINC 44249-1. */
static const struct epro_item PHQ_9_ITEMS[] = {
    {0, 3, false, {"44250-9"}},
    {0, 3, false, {"44255-8"}},
    {0, 3, false, {"44259-0"}},
    {0, 3, false, {"44254-1"}},
    {0, 3, false, {"44251-7"}},
    {0, 3, false, {"44258-2"}},
    {0, 3, false, {"44252-5"}},
    {0, 3, false, {"44253-3"}},
    {0, 3, false, {"44260-8"}},
};

static const struct epro_band PHQ_9_BANDS[] = {
    {0, "minimal"},
    {5, "mild"},
    {10, "moderate"},
    {15, "moderately_severe"},
    {20, "severe"},
};

/* The answers of both PHQ-9 and GAD-7: LOINC list LL358-3. */
static const struct epro_option FREQUENCIES[] = {
    {0, "LA6568-5", {"not-at-all", "完全不会"}},
    {1, "LA6569-3", {"several-days", "好几天"}},
    {2, "LA6570-1", {"more-than-half-the-days", "一半以上的天数"}},
    {3, "LA6571-9", {"nearly-every-day", "几乎每天"}},
};

/* --- GAD-7: Spitzer, Kroenke, Williams, Lowe 2006 (Arch Intern Med 166:1092-7): items 0-3, total
 * 0-21, cut points 5, 10, 15. Missing items as for the PHQ-9: Kroenke et al. 2010 (Gen Hosp
 * Psychiatry 32:345-59) score both with up to two missing, at the mean of the others. Items by
 * LOINC 69737-5. */
static const struct epro_item GAD_7_ITEMS[] = {
    {0, 3, false, {"69725-0"}},
    {0, 3, false, {"68509-9"}},
    {0, 3, false, {"69733-4"}},
    {0, 3, false, {"69734-2"}},
    {0, 3, false, {"69735-9"}},
    {0, 3, false, {"69689-8"}},
    {0, 3, false, {"69736-7"}},
};

static const struct epro_band GAD_7_BANDS[] = {
    {0, "minimal"},
    {5, "mild"},
    {10, "moderate"},
    {15, "severe"},
};

/* --- EQ-5D-5L: EuroQol user guide: five dimensions of level 1-5, health state 11111 … 55555 with 9
 * for a missing level; visual analogue scale 0-100. Level sum score 5-25: Devlin, Parkin, Janssen
 * 2020 (Methods for Analysing and Reporting EQ-5D Data); undefined when a level is missing. */
static const struct epro_item EQ_5D_ITEMS[] = {
    {1, 5, false, {"mobility", "mo"}},
    {1, 5, false, {"self-care", "sc"}},
    {1, 5, false, {"usual-activities", "ua"}},
    {1, 5, false, {"pain-discomfort", "pd"}},
    {1, 5, false, {"anxiety-depression", "ad"}},
};

/* --- SWLS: Diener, Emmons, Larsen, Griffin 1985 (J Pers Assess 49:71-5): five items 1-7, total
 * 5-35; bands: Diener 2006, Understanding Scores on the SWLS. No rule for missing items has been
 * published by the authors: no total. */
static const struct epro_item SWLS_ITEMS[] = {
    {1, 7, false, {NULL}},
    {1, 7, false, {NULL}},
    {1, 7, false, {NULL}},
    {1, 7, false, {NULL}},
    {1, 7, false, {NULL}},
};

static const struct epro_option AGREEMENTS[] = {
    {1, NULL, {"strongly-disagree", "非常不同意"}},
    {2, NULL, {"disagree", "不同意"}},
    {3, NULL, {"slightly-disagree", "有点不同意"}},
    {4, NULL, {"neither-agree-nor-disagree", "既不同意也不反对"}},
    {5, NULL, {"slightly-agree", "有点同意"}},
    {6, NULL, {"agree", "同意"}},
    {7, NULL, {"strongly-agree", "非常同意"}},
};

static const struct epro_band SWLS_BANDS[] = {
    {5, "extremely_dissatisfied"},
    {10, "dissatisfied"},
    {15, "slightly_dissatisfied"},
    {20, "neutral"},
    {21, "slightly_satisfied"},
    {26, "satisfied"},
    {31, "extremely_satisfied"},
};

/* --- ADAS-Cog, 11 items, total 0-70: Rosen, Mohs, Davis 1984 (Am J Psychiatry 141:1356-64), in the
 * order of the 1994 manual. Word recall and recognition are means of trials and may be fractions.
 * Missing items: the convention of trials' analysis plans, not a rule of the authors': up to three,
 * times 70 / (70 - maxima of the missing ones), rounded up; four: no total. No bands. */
static const struct epro_item ADAS_COG_ITEMS[] = {
    {0, 10, true, {"word-recall"}},
    {0, 5, false, {"commands"}},
    {0, 5, false, {"constructional-praxis"}},
    {0, 5, false, {"naming", "naming-objects-and-fingers"}},
    {0, 5, false, {"ideational-praxis"}},
    {0, 8, false, {"orientation"}},
    {0, 12, true, {"word-recognition"}},
    {0, 5, false, {"remembering-instructions", "recall-of-test-instructions"}},
    {0, 5, false, {"spoken-language", "spoken-language-ability"}},
    {0, 5, false, {"word-finding", "word-finding-difficulty"}},
    {0, 5, false, {"comprehension", "comprehension-of-spoken-language"}},
};

#define ROWS_OF(table) LENGTH_OF(table), table

static const struct epro_instrument INSTRUMENTS[] = {
    {"PHQ-9", {"phq-9", "phq9", "44249-1"}, {"phq-9-", "phq9-", "phq-"}, "phq2", "44261-6",
        "69722-7", ROWS_OF(PHQ_9_ITEMS), ROWS_OF(FREQUENCIES), EPRO_MISSING_MEAN, 2,
        ROWS_OF(PHQ_9_BANDS), 9, "suicidal_ideation", 20, false},
    {"GAD-7", {"gad-7", "gad7", "69737-5"}, {"gad-7-", "gad7-", "gad-"}, "phq5", "70274-6", NULL,
        ROWS_OF(GAD_7_ITEMS), ROWS_OF(FREQUENCIES), EPRO_MISSING_MEAN, 2, ROWS_OF(GAD_7_BANDS), 0,
        NULL, 15, false},
    {"EQ-5D", {"eq-5d", "eq5d", "eq-5d-5l", "eq5d-5l", "eq5d5l"},
        {"eq-5d-5l-", "eq5d-5l-", "eq5d5l-", "eq-5d-", "eq5d-"}, NULL, NULL, NULL,
        ROWS_OF(EQ_5D_ITEMS), 0, NULL, EPRO_MISSING_NONE, 0, 0, NULL, 0, NULL, 0, true},
    {"SWLS", {"swls", "satisfaction-with-life-scale", "satisfaction-with-life"}, {"swls-"}, NULL,
        NULL, NULL, ROWS_OF(SWLS_ITEMS), ROWS_OF(AGREEMENTS), EPRO_MISSING_NONE, 0,
        ROWS_OF(SWLS_BANDS), 0, NULL, 0, false},
    {"ADAS-Cog", {"adas-cog", "adascog", "adas-cog-11", "adas-cog11", "adascog11"},
        {"adas-cog-11-", "adas-cog-", "adascog-", "adas-"}, NULL, NULL, NULL,
        ROWS_OF(ADAS_COG_ITEMS), 0, NULL, EPRO_MISSING_SHARE, 3, 0, NULL, 0, NULL, 0, false},
};

#endif
