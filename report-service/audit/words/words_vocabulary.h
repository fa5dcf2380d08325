/* The databases' own words (schema/README.md). See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_VOCABULARY_TABLE(X)                                                                  \
    X(REASON_WITHDREW_CONSENT, "reason_withdrew_consent", "withdrew consent", "撤回知情同意")      \
    X(REASON_LOST, "reason_lost", "lost to follow-up", "失访")                                     \
    X(REASON_ADVERSE_EVENT, "reason_adverse_event", "adverse event", "不良事件")                   \
    X(REASON_DEATH, "reason_death", "death", "死亡")                                               \
    X(REASON_PHYSICIAN, "reason_physician", "physician's decision", "研究者决定")                  \
    X(REASON_PREGNANCY, "reason_pregnancy", "pregnancy", "妊娠")                                   \
    X(REASON_NON_COMPLIANCE, "reason_non_compliance", "non-compliance", "依从性差")                \
    X(REASON_EFFICACY, "reason_efficacy", "lack of efficacy", "疗效不佳")                          \
    X(REASON_VIOLATION, "reason_violation", "protocol violation", "违背方案")                      \
    X(REASON_CRITERIA, "reason_criteria", "protocol criteria", "达到方案规定的标准")               \
    X(REASON_ELIGIBILITY, "reason_eligibility", "not eligible", "不符合入排标准")                  \
    X(REASON_MEDICAL, "reason_medical", "medical issue", "医学原因")                               \
    X(OTHER, "other", "other", "其他")                                                             \
    X(UNKNOWN, "unknown", "unknown", "不详")                                                       \
    X(SEVERITY_MILD, "severity_mild", "mild", "轻度")                                              \
    X(SEVERITY_MODERATE, "severity_moderate", "moderate", "中度")                                  \
    X(SEVERITY_SEVERE, "severity_severe", "severe", "重度")                                        \
    X(SEVERITY_LIFE_THREATENING, "severity_life_threatening", "life-threatening", "危及生命")      \
    X(SEVERITY_FATAL, "severity_fatal", "fatal", "致死")                                           \
    X(RELATED, "related", "related", "相关")                                                       \
    X(NOT_RELATED, "not_related", "not related", "无关")                                           \
    X(OUTCOME_RECOVERED, "outcome_recovered", "recovered", "痊愈")                                 \
    X(OUTCOME_RECOVERING, "outcome_recovering", "recovering", "好转")                              \
    X(OUTCOME_NOT_RECOVERED, "outcome_not_recovered", "not recovered", "未好转")                   \
    X(OUTCOME_SEQUELAE, "outcome_sequelae", "recovered with sequelae", "痊愈伴后遗症")             \
    X(CATEGORY_CONSENT, "category_consent", "informed consent", "知情同意")                        \
    X(CATEGORY_ELIGIBILITY, "category_eligibility", "eligibility", "入排标准")                     \
    X(CATEGORY_DOSING, "category_dosing", "dosing", "给药")                                        \
    X(CATEGORY_COMPLIANCE, "category_compliance", "treatment compliance", "治疗依从性")            \
    X(CATEGORY_MEDICATION, "category_medication", "excluded medication", "禁用药物")               \
    X(CATEGORY_SCHEDULE, "category_schedule", "visit schedule", "访视超窗")                        \
    X(CATEGORY_PROCEDURE, "category_procedure", "study procedure", "研究程序")                     \
    X(CATEGORY_SAFETY_REPORTING, "category_safety_reporting", "safety reporting", "安全性报告")    \
    X(CATEGORY_DATA, "category_data", "data", "数据")                                              \
    X(CATEGORY_SAFETY, "category_safety", "safety", "安全性")                                      \
    X(CATEGORY_DRUG, "category_drug", "study drug", "试验用药品")                                  \
    X(CATEGORY_DOCUMENTS, "category_documents", "documents", "文件")                               \
    X(CATEGORY_STAFF, "category_staff", "staff", "研究人员")                                       \
    X(CATEGORY_OVERSIGHT, "category_oversight", "oversight", "监督")                               \
    X(VISIT_QUALIFICATION, "visit_qualification", "qualification visit", "中心筛选访视")           \
    X(VISIT_INITIATION, "visit_initiation", "initiation visit", "中心启动访视")                    \
    X(VISIT_ROUTINE, "visit_routine", "routine visit", "常规监查")                                 \
    X(VISIT_REMOTE, "visit_remote", "remote visit", "远程监查")                                    \
    X(VISIT_FOR_CAUSE, "visit_for_cause", "for-cause visit", "有因监查")                           \
    X(VISIT_CLOSE_OUT, "visit_close_out", "close-out visit", "中心关闭访视")                       \
    X(ORIGIN_SYSTEM, "origin_system", "system", "系统")                                            \
    X(ORIGIN_MONITOR, "origin_monitor", "monitor", "监查员")                                       \
    X(ORIGIN_DATA_MANAGEMENT, "origin_data_management", "data management", "数据管理")             \
    X(ORIGIN_MEDICAL, "origin_medical", "medical review", "医学审核")                              \
    X(SITE_SELECTED, "site_selected", "selected", "已遴选")                                        \
    X(SITE_ACTIVE, "site_active", "active", "进行中")                                              \
    X(SITE_ENROLMENT_CLOSED, "site_enrolment_closed", "enrolment closed", "入组结束")              \
    X(SITE_CLOSED, "site_closed", "site closed", "中心已关闭")
