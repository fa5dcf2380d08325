/* The table of rules. References are cited where they say what the rule checks: ICH E6(R3) Annex 1
 * and section 4 (2025), 21 CFR 312, Regulation (EU) No 536/2014 (CTR). */
#include "audit/rules/rules.h"

#include "base/attributes.h"

#define WORDS(rule) WORD_RULE_##rule, WORD_RULE_##rule##_STATEMENT

/* PF-02 comes last: it looks at what the others found. */
const struct rule RULES[] = {
    {"EN-01", 4, WORD_AREA_ENROLMENT, WORDS(EN_01), "ICH E6(R3) Annex 1, 2.2",
        rule_enrolment_behind, {{"ctms", "site", "plan_subjects"}, {"edc", "subject", NULL}}},
    {"EN-02", 4, WORD_AREA_ENROLMENT, WORDS(EN_02), "ICH E6(R3) Annex 1, 2.9",
        rule_discontinued_without_reason, {{"edc", "subject", "discont_reason"}}},
    {"EN-03", 4, WORD_AREA_ENROLMENT, WORDS(EN_03), "ICH E6(R3) Annex 1, 2.9",
        rule_many_discontinuations, {{"edc", "subject", "discont_on"}}},
    {"PF-01", 3, WORD_AREA_FOLLOW_UP, WORDS(PF_01), "ICH E6(R3) Annex 1, 3.12", rule_capa_overdue,
        {{"ctms", "finding", "capa_due_on"}}},
    {"AC-01", 3, WORD_AREA_FOLLOW_UP, WORDS(AC_01), "ICH E6(R3) Annex 1, 3.11.4",
        rule_action_overdue, {{"ctms", "action_item", "due_on"}}},
    {"MV-01", 3, WORD_AREA_OVERSIGHT, WORDS(MV_01), "ICH E6(R3) Annex 1, 3.11.4",
        rule_visit_report_late, {{"ctms", "visit", "report_due_on"}}},
    {"KRI-01", 5, WORD_AREA_RISK, WORDS(KRI_01), "ICH E6(R3) Annex 1, 3.10; 21 CFR 312.64(b)",
        rule_kri_under_reporting, {{"edc", "adverse_event", NULL}}},
    {"KRI-02", 5, WORD_AREA_RISK, WORDS(KRI_02), "ICH E6(R3) Annex 1, 3.10", rule_kri_high,
        {{"edc", "subject", NULL}}},
    {"KRI-03", 5, WORD_AREA_RISK, WORDS(KRI_03), "ICH E6(R3) Annex 1, 3.10", rule_kri_raised,
        {{"edc", "subject", NULL}}},
    {"DEV-01", 8, WORD_AREA_PROTOCOL, WORDS(DEV_01), "ICH E6(R3) Annex 1, 2.4; 21 CFR 312.66",
        rule_deviation_not_reported, {{"ctms", "deviation", "reported_ec_on"}}},
    {"DEV-02", 8, WORD_AREA_PROTOCOL, WORDS(DEV_02), "ICH E6(R3) Annex 1, 2.5",
        rule_deviation_undated, {{"ctms", "deviation", "occurred_on"}}},
    {"DEV-03", 8, WORD_AREA_PROTOCOL, WORDS(DEV_03), "ICH E6(R3) Annex 1, 2.5, 3.12",
        rule_deviation_without_capa, {{"ctms", "deviation", "capa"}}},
    {"DEV-04", 8, WORD_AREA_PROTOCOL, WORDS(DEV_04), "ICH E6(R3) Annex 1, 2.5, 3.12; 21 CFR 312.60",
        rule_deviation_pattern,
        {{"ctms", "deviation", "important"}, {"ctms", "deviation", "category"}}},
    {"SAE-01", 9, WORD_AREA_SAFETY, WORDS(SAE_01),
        "ICH E6(R3) Annex 1, 2.7.2; 21 CFR 312.64(b); CTR art. 41(2)", rule_sae_late,
        {{"ctms", "sae_report", "reported_sponsor_at"}}},
    {"SAE-02", 9, WORD_AREA_SAFETY, WORDS(SAE_02),
        "ICH E6(R3) Annex 1, 2.7.2; 21 CFR 312.64(b); CTR art. 41(2)", rule_sae_not_in_ctms,
        {{"ctms", "sae_report", NULL}, {"edc", "adverse_event", "serious"}}},
    {"SAE-03", 9, WORD_AREA_SAFETY, WORDS(SAE_03), "ICH E6(R3) Annex 1, 2.12; 21 CFR 312.62(b)",
        rule_sae_not_in_edc, {{"ctms", "sae_report", NULL}, {"edc", "adverse_event", NULL}}},
    {"SAE-04", 9, WORD_AREA_SAFETY, WORDS(SAE_04), "CTR art. 42(2)", rule_susar_late,
        {{"ctms", "sae_report", "reported_ra_at"}}},
    {"SAE-05", 9, WORD_AREA_SAFETY, WORDS(SAE_05), "ICH E6(R3) Annex 1, 2.12; 21 CFR 312.62(b)",
        rule_aware_differs,
        {{"ctms", "sae_report", "aware_at"}, {"edc", "adverse_event", "aware_at"}}},
    {"AE-01", 9, WORD_AREA_SAFETY, WORDS(AE_01), "ICH E6(R3) Annex 1, 2.7.2, 2.12",
        rule_ae_entered_late, {{"edc", "adverse_event", "aware_at"}}},
    {"DQ-01", 10, WORD_AREA_DATA_QUALITY, WORDS(DQ_01), "ICH E6(R3) Annex 1, 2.12", rule_late_entry,
        {{"edc", "form", "first_entry_at"}, {"edc", "subject_event", "visit_on"}}},
    {"DQ-02", 10, WORD_AREA_DATA_QUALITY, WORDS(DQ_02), "ICH E6(R3) Annex 1, 2.12; 4.2.4",
        rule_outstanding_queries, {{"edc", "query", "closed_at"}}},
    {"DQ-03", 10, WORD_AREA_DATA_QUALITY, WORDS(DQ_03),
        "ICH E6(R3) Annex 1, 2.12; 21 CFR 312.62(b)", rule_missing_pages,
        {{"edc", "form", "missing"}}},
    {"DQ-04", 10, WORD_AREA_DATA_QUALITY, WORDS(DQ_04), "ICH E6(R3) 4.2.4", rule_change_rate,
        {{"edc", "item_data", "n_changes"}}},
    {"DQ-05", 10, WORD_AREA_DATA_QUALITY, WORDS(DQ_05),
        "ICH E6(R3) Annex 1, 2.12; 21 CFR 312.62(b)", rule_locked_unsigned,
        {{"edc", "form", "locked_at"}, {"edc", "form", "pi_signed_at"}}},
    {"SDV-01", 11, WORD_AREA_VERIFICATION, WORDS(SDV_01),
        "ICH E6(R3) Annex 1, 3.11.4; 21 CFR 312.56(a)", rule_verification_critical,
        {{"edc", "form", "sdv_status"}, {"edc", "form_def", "critical"}}},
    {"PF-02", 3, WORD_AREA_FOLLOW_UP, WORDS(PF_02), "ICH E6(R3) Annex 1, 3.12", rule_repeat_finding,
        {{"ctms", "finding", "rule_code"}}},
};
const size_t N_RULES = LENGTH_OF(RULES);

_Static_assert(LENGTH_OF(RULES) <= RULES_MAX, "a rule needs a bit of its own in rule_mask");
