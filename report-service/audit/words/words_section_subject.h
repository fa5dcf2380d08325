/* Sections 6 and 7: consent and eligibility. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_SECTION_SUBJECT_TABLE(X)                                                             \
    X(SECTION_CONSENT, "section_consent", "Informed consent", "知情同意")                          \
    X(SECTION_ELIGIBILITY, "section_eligibility", "Eligibility", "入排标准")                       \
    X(CONSENTS, "consents", "Consent signatures", "知情同意签署")                                  \
    X(SUBJECTS_CONSENTED, "subjects_consented", "Subjects with a dated consent",                   \
        "有签署日期的受试者")                                                                      \
    X(CONSENT_VERSION_IN_FORCE, "consent_version_in_force", "Version in force", "现行版本")        \
    X(CONSENT_DAYS_MEDIAN, "consent_days_median", "Median days from consent to first procedure",   \
        "签署至首次操作的中位天数")                                                                \
    X(RECONSENTS_DUE, "reconsents_due", "Re-consents due", "应重新签署")                           \
    X(RECONSENTS_DONE, "reconsents_done", "Re-consents signed", "已重新签署")                      \
    X(RECONSENT_DAYS_MEDIAN, "reconsent_days_median", "Median days from approval to re-consent",   \
        "批准至重新签署的中位天数")                                                                \
    X(CHART_RECONSENT, "chart_reconsent", "Re-consent after the latest version",                   \
        "最新版本后的重新签署进度")                                                                \
    X(TABLE_CONSENTS, "table_consents", "Consents by subject", "各受试者知情同意")                 \
    X(TABLE_RECONSENTS, "table_reconsents", "Re-consent after a new version",                      \
        "新版本后的重新签署")                                                                      \
    X(TABLE_CONSENT_VERSIONS, "table_consent_versions", "Approved versions of the consent form",   \
        "已批准的知情同意书版本")                                                                  \
    X(RECONSENT, "reconsent", "Re-consent", "重新签署知情同意")                                    \
    X(NO_CONSENT, "no_consent", "none recorded", "无记录")                                         \
    X(NOT_SIGNED, "not_signed", "not signed", "未签署")                                            \
    X(SIGNED_LATE, "signed_late", "signed late", "签署延迟")                                       \
    X(SIGNED_IN_TIME, "signed_in_time", "signed", "已签署")                                        \
    X(HEAD_VERSION, "head_version", "Version", "版本")                                             \
    X(HEAD_SIGNED, "head_signed", "Signed", "签署日期")                                            \
    X(HEAD_IN_FORCE, "head_in_force", "In force", "当时现行版本")                                  \
    X(HEAD_FIRST_PROCEDURE, "head_first_procedure", "First procedure", "首次操作")                 \
    X(HEAD_DAYS_BEFORE, "head_days_before", "Days before", "提前天数")                             \
    X(HEAD_APPROVED, "head_approved", "Approved", "批准日期")                                      \
    X(HEAD_DUE_AT_VISIT, "head_due_at_visit", "Due at visit", "应于访视签署")                      \
    X(HEAD_DAYS_FROM_APPROVAL, "head_days_from_approval", "Days from approval", "距批准天数")      \
    X(HEAD_FROM, "head_from", "From", "自")                                                        \
    X(HEAD_UNTIL, "head_until", "Until", "至")                                                     \
    X(HEAD_SIGNATURES, "head_signatures", "Signatures", "签署数")                                  \
    X(CRITERIA, "criteria", "Criteria", "标准条目")                                                \
    X(CRITERIA_ANSWERED, "criteria_answered", "Criteria answered", "已判定条目")                   \
    X(SUBJECTS_CHECKED, "subjects_checked", "Subjects with criteria", "有入排判定的受试者")        \
    X(SUBJECTS_ALL_MET, "subjects_all_met", "Enrolled, all criteria met", "入组且全部符合")        \
    X(SUBJECTS_NOT_MET, "subjects_not_met", "Enrolled, a criterion not met", "入组但有不符合项")   \
    X(SUBJECTS_UNANSWERED, "subjects_unanswered", "Enrolled, a criterion not answered",            \
        "入组但有未判定项")                                                                        \
    X(CHART_CRITERIA, "chart_criteria", "Criteria not met", "不符合的标准")                        \
    X(TABLE_CRITERIA, "table_criteria", "Criteria by protocol version", "按方案版本统计的标准")    \
    X(TABLE_INELIGIBLE, "table_ineligible", "Enrolled subjects to be examined",                    \
        "需核查的入组受试者")                                                                      \
    X(NO_CRITERIA_NOT_MET, "no_criteria_not_met", "All criteria are met.", "全部标准均符合。")     \
    X(NOT_ENROLLED, "not_enrolled", "Not enrolled", "未入组")                                      \
    X(INCLUSION, "inclusion", "inclusion", "入选")                                                 \
    X(EXCLUSION, "exclusion", "exclusion", "排除")                                                 \
    X(CRITERION_MET, "criterion_met", "met", "符合")                                               \
    X(CRITERION_NOT_MET, "criterion_not_met", "not met", "不符合")                                 \
    X(CRITERION_UNANSWERED, "criterion_unanswered", "not answered", "未判定")                      \
    X(NO_CRITERIA, "no_criteria", "no criteria recorded", "无判定记录")                            \
    X(OTHER_PROTOCOL_VERSION, "other_protocol_version", "version not in force", "非现行方案版本")  \
    X(HEAD_CRITERION, "head_criterion", "Criterion", "标准")                                       \
    X(HEAD_PROTOCOL_VERSION, "head_protocol_version", "Protocol", "方案版本")                      \
    X(HEAD_ASSESSED, "head_assessed", "Answers", "判定数")                                         \
    X(HEAD_NOT_MET_NOT_ENROLLED, "head_not_met_not_enrolled", "Not met, not enrolled",             \
        "不符合未入组")                                                                            \
    X(HEAD_NOT_MET_ENROLLED, "head_not_met_enrolled", "Not met, enrolled", "不符合而入组")         \
    X(HEAD_UNANSWERED, "head_unanswered", "Not answered", "未判定")                                \
    X(HEAD_ANSWER, "head_answer", "Answer", "判定")
