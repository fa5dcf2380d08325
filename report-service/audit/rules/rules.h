/* The rules: each looks at the facts and says whether there is a finding, whether a grave one, and
 * which rows show it.
 *
 *     rules_apply(ctx, facts, report, &findings);
 *     findings.by_rule[i] == NULL                 rule i did not fire, or could not be assessed
 *
 * One table (rules_table.c) holds code, grades, section, area, words, reference and what a rule
 * needs to be assessed at all. Grades follow the EMA's GCP inspection report. Not here: words
 * (words/), the tables that show the evidence (sections/). */
#ifndef WALKIE_AUDIT_RULES_RULES_H
#define WALKIE_AUDIT_RULES_RULES_H

#include "audit/model/model.h"
#include "audit/sources/facts.h"
#include "ctx/ctx.h"

/* finding_regrade.old_grade of a first regrade: whatever the rule says. */
#define REGRADE_BY_RULE "rule"

enum { RULES_MAX = RULE_MASK_BITS, RULE_NEEDS_MAX = 3 };

/* What a rule says. */
struct verdict {
    bool is_fired;
    bool is_grave; /* the graver of the rule's two grades */
    struct cell arguments[PARAGRAPH_ARGUMENTS_MAX];
    size_t n_arguments;
    int64_t n_evidence;
};

/* What a rule sees. It may mark rows of the facts with `mark`, and nothing else. */
struct rule_run {
    struct audit_facts *facts;
    rule_mask mark;
    rule_mask fired; /* the rules before it in the table */
};
typedef void rule_fn(const struct rule_run *run, struct verdict *verdict);

struct rule_need {
    const char *source; /* "edc", "ctms", "lab"; NULL: none */
    const char *table;
    const char *column; /* NULL: the table */
};

struct rule {
    const char *code;
    enum grade grade;
    enum grade grave; /* where it is much, a pattern or about something grave; else the same */
    int section;
    enum word area;
    enum word title;
    enum word statement;
    const char *reference;
    rule_fn *function;
    struct rule_need needs[RULE_NEEDS_MAX];
};
extern const struct rule RULES[];
extern const size_t N_RULES;

/* The place of a code in the table; N_RULES when there is none, or `code` is NULL. */
size_t rule_index(const char *code);

enum rule_state { RULE_NOT_WANTED, RULE_NOT_ASSESSED, RULE_PASSED, RULE_FIRED };

struct rule_outcomes {
    enum rule_state states[RULES_MAX];
    const char *lacking[RULES_MAX];     /* NOT_ASSESSED: the source that lacks something */
    struct finding *by_rule[RULES_MAX]; /* FIRED; else NULL */
    enum grade rule_grades[RULES_MAX];  /* FIRED: the rule's own, before a person's regrade */
    rule_mask fired;
};

/* Apply all rules of the wanted sections; findings go to the report, grave ones first.
 * Errors: the context's. */
MUST_USE enum status rules_apply(const struct ctx *ctx, struct audit_facts *facts,
    struct report *report, struct rule_outcomes *ret_outcomes);

/* Add one more argument to the statement, from {0} on. */
void verdict_argue(struct verdict *verdict, struct cell argument);

/* Fire, with so many rows; with the graver grade where it is so. */
void verdict_fire(struct verdict *verdict, int64_t n_evidence);
void verdict_fire_as(struct verdict *verdict, bool is_grave, int64_t n_evidence);

/* The grade of a word of the databases ("major"). */
bool grade_parse(const char *text, enum grade *ret_grade);

/* The rules' functions, by the file that holds them. */
rule_fn rule_enrolment_behind, rule_discontinued_without_reason, rule_many_discontinuations;
rule_fn rule_capa_overdue, rule_action_overdue, rule_visit_report_late, rule_repeat_finding;
rule_fn rule_sae_late, rule_sae_not_in_ctms, rule_sae_not_in_edc, rule_susar_late;
rule_fn rule_aware_differs, rule_ae_entered_late;
rule_fn rule_deviation_not_reported, rule_deviation_undated, rule_deviation_without_capa;
rule_fn rule_deviation_pattern;
rule_fn rule_late_entry, rule_outstanding_queries, rule_missing_pages, rule_change_rate;
rule_fn rule_locked_unsigned, rule_verification_critical;
rule_fn rule_consent_after_procedure, rule_consent_missing, rule_consent_superseded;
rule_fn rule_consent_unapproved, rule_reconsent_missing, rule_reconsent_late;
rule_fn rule_ineligible_enrolled, rule_eligibility_unanswered, rule_eligibility_version;
rule_fn rule_lab_not_in_edc, rule_lab_not_at_lab, rule_lab_value, rule_lab_date, rule_lab_flag;
rule_fn rule_delegation_unsigned, rule_delegation_signed_late, rule_task_undelegated;
rule_fn rule_data_entry_undelegated, rule_cv_missing, rule_licence_invalid, rule_gcp_invalid;
rule_fn rule_training_missing, rule_training_late, rule_training_version;
rule_fn rule_document_missing, rule_document_expired, rule_document_expiring;
rule_fn rule_document_one_file;
rule_fn rule_epro_compliance, rule_epro_shared_device, rule_epro_filled_in_later;
rule_fn rule_image_failed, rule_image_pending;
rule_fn rule_change_unexplained, rule_change_at_night, rule_change_on_day_off;
rule_fn rule_change_after_lock, rule_change_after_signature, rule_bulk_late_changes;
rule_fn rule_chain_broken, rule_change_by_others, rule_user_share;
rule_fn rule_kits_unaccounted, rule_kits_impossible, rule_kits_expired, rule_kits_not_on_study;
rule_fn rule_temperature_excursion;
rule_fn rule_kri_under_reporting, rule_kri_high, rule_kri_raised;

#endif
