/* Findings of sections 6 and 7. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_FINDING_SUBJECT_TABLE(X)                                                             \
    X(AREA_CONSENT, "area_consent", "Informed consent", "知情同意")                                \
    X(AREA_ELIGIBILITY, "area_eligibility", "Eligibility", "入排标准")                             \
    X(RULE_IC_01, "rule_ic_01", "Consent after the first procedure", "首次操作后签署知情同意")     \
    X(RULE_IC_01_STATEMENT, "rule_ic_01_statement",                                                \
        "{0} of {1} subjects signed the consent form after their first study procedure, up to "    \
        "{2} days later.",                                                                         \
        "{1} 例受试者中有 {0} 例在首次研究操作之后才签署知情同意书，最长延迟 {2} 天。")            \
    X(RULE_IC_02, "rule_ic_02", "Superseded consent form signed", "签署了已失效的知情同意书")      \
    X(RULE_IC_02_STATEMENT, "rule_ic_02_statement",                                                \
        "{0} of {1} signatures are on a version of the consent form that a newer approved one "    \
        "had replaced.",                                                                           \
        "{1} 份签署中有 {0} 份使用了已被新批准版本取代的知情同意书。")                             \
    X(RULE_IC_03, "rule_ic_03", "Consent form not approved when signed",                           \
        "签署时知情同意书未获批准")                                                                \
    X(RULE_IC_03_STATEMENT, "rule_ic_03_statement",                                                \
        "{0} of {1} signatures are on a version of the consent form that the ethics committee "    \
        "had not approved by that day.",                                                           \
        "{1} 份签署中有 {0} 份使用了当日尚未获伦理委员会批准的知情同意书。")                       \
    X(RULE_IC_04, "rule_ic_04", "Re-consent missing", "未重新签署知情同意")                        \
    X(RULE_IC_04_STATEMENT, "rule_ic_04_statement",                                                \
        "{0} of {1} re-consents are missing: a new version was approved, the subject was seen "    \
        "again and did not sign it.",                                                              \
        "{1} 次应重新签署中有 {0} 次缺失：新版本获批后受试者再次访视，但未签署新版知情同意书。")   \
    X(RULE_IC_05, "rule_ic_05", "Re-consent late", "重新签署延迟")                                 \
    X(RULE_IC_05_STATEMENT, "rule_ic_05_statement",                                                \
        "{0} of {1} re-consents were signed after the first visit that followed the approval, "    \
        "up to {2} days from approval.",                                                           \
        "{1} 次应重新签署中有 {0} 次晚于批准后的首次访视，距批准最长 {2} 天。")                    \
    X(RULE_IC_06, "rule_ic_06", "No consent recorded", "无知情同意记录")                           \
    X(RULE_IC_06_STATEMENT, "rule_ic_06_statement",                                                \
        "For {0} of {1} subjects no date of consent is recorded although study procedures took "   \
        "place or the subject was enrolled.",                                                      \
        "{1} 例受试者中有 {0} 例已进行研究操作或已入组，但无知情同意签署日期记录。")               \
    X(RULE_EL_01, "rule_el_01", "Ineligible subjects enrolled", "不符合入排标准而入组")            \
    X(RULE_EL_01_STATEMENT, "rule_el_01_statement",                                                \
        "{0} of {1} enrolled subjects did not meet a criterion ({2} criteria in all).",            \
        "{1} 例入组受试者中有 {0} 例不符合入排标准（共 {2} 条）。")                                \
    X(RULE_EL_02, "rule_el_02", "Eligibility not documented", "入排判定记录不全")                  \
    X(RULE_EL_02_STATEMENT, "rule_el_02_statement",                                                \
        "Of enrolled subjects {0} criteria are not answered, and {1} subjects have no criteria "   \
        "recorded at all.",                                                                        \
        "入组受试者中有 {0} 条标准未判定，另有 {1} 例受试者无任何入排判定记录。")                  \
    X(RULE_EL_03, "rule_el_03", "Criteria of a protocol version not in force",                     \
        "按非现行方案版本判定入排")                                                                \
    X(RULE_EL_03_STATEMENT, "rule_el_03_statement",                                                \
        "{0} of {1} subjects were enrolled by the criteria of a protocol version that was in "     \
        "force neither at screening nor at enrolment.",                                            \
        "{1} 例受试者中有 {0} 例按筛选和入组时均非现行的方案版本判定入排。")
