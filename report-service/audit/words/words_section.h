/* Section titles, sentences, labels, table and chart titles. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_SECTION_TABLE(X)                                                                                                                 \
    X(SECTION_SUMMARY, "section_summary", "Summary", "摘要")                                                                                   \
    X(SECTION_SCOPE, "section_scope", "Scope, sources and grading", "范围、数据来源与分级")                                                    \
    X(SECTION_FOLLOW_UP, "section_follow_up", "Previous findings, CAPA and actions",                                                           \
        "既往发现、CAPA 与行动项")                                                                                                             \
    X(SECTION_ENROLMENT, "section_enrolment", "Enrolment and disposition", "入组与受试者去向")                                                 \
    X(SECTION_INDICATORS, "section_indicators", "Key risk indicators", "关键风险指标")                                                         \
    X(SECTION_DEVIATIONS, "section_deviations", "Protocol deviations", "方案偏离")                                                             \
    X(SECTION_SAFETY, "section_safety", "Adverse events and safety reporting",                                                                 \
        "不良事件与安全性报告")                                                                                                                \
    X(SECTION_QUALITY, "section_quality", "Data quality", "数据质量")                                                                          \
    X(SECTION_VERIFICATION, "section_verification", "Source data verification", "源数据核查")                                                  \
    X(CONCLUSION_CRITICAL, "conclusion_critical",                                                                                              \
        "As of {5}, site {0} has {1} critical, {2} major and {3} minor findings and {4} "                                                      \
        "recommendations. The critical findings adversely affect the rights, safety or wellbeing "                                             \
        "of the subjects or the integrity of the data: immediate action by the sponsor and the "                                               \
        "investigator is required.",                                                                                                           \
        "截至 {5}，研究中心 {0} 共有严重发现 {1} 项、主要发现 {2} 项、次要发现 {3} 项、建议 {4} "                 \
        "项。严重发现已对受试者的权益、安全、健康或数据完整性造成不良影响，申办者和研究者须立即采" \
        "取措施。")                                                                                                                            \
    X(CONCLUSION_MAJOR, "conclusion_major",                                                                                                    \
        "As of {5}, site {0} has {1} critical, {2} major and {3} minor findings and {4} "                                                      \
        "recommendations. The major findings might adversely affect the subjects or the data: "                                                \
        "corrective and preventive action is required, with a plan and due dates.",                                                            \
        "截至 {5}，研究中心 {0} 共有严重发现 {1} 项、主要发现 {2} 项、次要发现 {3} 项、建议 {4} "                 \
        "项。主要发现可能对受试者或数据造成不良影响，须制定附期限的纠正与预防措施计划。")                                                      \
    X(CONCLUSION_MINOR, "conclusion_minor",                                                                                                    \
        "As of {5}, site {0} has {1} critical, {2} major and {3} minor findings and {4} "                                                      \
        "recommendations. The minor findings would not be expected to affect the subjects or the "                                             \
        "data; they should be corrected in the ordinary course.",                                                                              \
        "截至 {5}，研究中心 {0} 共有严重发现 {1} 项、主要发现 {2} 项、次要发现 {3} 项、建议 {4} "                 \
        "项。次要发现预计不会影响受试者或数据，应在日常工作中予以纠正。")                                                                      \
    X(CONCLUSION_RECOMMENDATION, "conclusion_recommendation",                                                                                  \
        "As of {5}, site {0} has {1} critical, {2} major and {3} minor findings and {4} "                                                      \
        "recommendations. The recommendations are offered for the improvement of quality.",                                                    \
        "截至 {5}，研究中心 {0} 共有严重发现 {1} 项、主要发现 {2} 项、次要发现 {3} 项、建议 {4} "                 \
        "项。所提建议供改进质量参考。")                                                                                                        \
    X(CONCLUSION_NONE, "conclusion_none",                                                                                                      \
        "As of {5}, the rules that could be assessed led to no finding at site {0}: critical "                                                 \
        "{1}, major {2}, minor {3}, recommendations {4}.",                                                                                     \
        "截至 {5}，可评估的规则在研究中心 {0} 未产生任何发现：严重 {1} 项、主要 {2} 项、次要 {3} "             \
        "项、建议 {4} 项。")                                                                                                                   \
    X(CONCLUSION_NOT_ASSESSED, "conclusion_not_assessed",                                                                                      \
        "{0} of {1} rules could not be assessed because a source does not provide the data; "                                                  \
        "section 2 lists them. No conclusion is drawn from what is absent.",                                                                   \
        "{1} 条规则中有 {0} 条因数据来源未提供数据而无法评估，详见第 2 "                                              \
        "节。本报告不对缺失的数据下任何结论。")                                                                                                \
    X(NO_FINDINGS, "no_findings", "No findings.", "无发现。")                                                                                  \
    X(TABLE_FINDINGS, "table_findings", "Findings", "稽查发现")                                                                                \
    X(TABLE_REGRADES, "table_regrades", "Regraded findings", "重新分级的发现")                                                                 \
    X(CHART_FINDINGS, "chart_findings", "Findings by grade", "按分级统计的发现")                                                               \
    X(SCOPE, "scope",                                                                                                                          \
        "This report covers site {0} of study {1} as of {2}. Rows stamped later are not counted, "                                             \
        "and what happened later to an earlier row is disregarded.",                                                                           \
        "本报告涵盖研究 {1} 的研究中心 {0}，数据截至 "                                                                        \
        "{2}。时间戳晚于该日的记录不计入，较早记录在该日之后的变化亦不予考虑。")                                                               \
    X(SCOPE_SAMPLE, "scope_sample",                                                                                                            \
        "No sample was drawn: every record of the site in the sources was examined.",                                                          \
        "本次稽查未抽样：数据来源中该中心的全部记录均已检查。")                                                                                \
    X(SCOPE_LEFT_OUT, "scope_left_out",                                                                                                        \
        "Section {0} ({1}) was not requested; its rules were not applied.",                                                                    \
        "未要求第 {0} 节（{1}），其规则未予应用。")                                                                                            \
    X(SCOPE_DATES, "scope_dates",                                                                                                              \
        "A partial date counts as its first day where dates are compared; days are counted "                                                   \
        "between complete dates only. System stamps are UTC.",                                                                                 \
        "比较日期时，不完整日期按其首日计；仅在完整日期之间计算天数。系统时间戳均为 UTC。")                                                    \
    X(TABLE_SOURCES, "table_sources", "Sources", "数据来源")                                                                                   \
    X(TABLE_SAMPLE, "table_sample", "Records examined", "已检查的记录")                                                                        \
    X(TABLE_NOT_PROVIDED, "table_not_provided", "What the sources do not provide",                                                             \
        "数据来源未提供的内容")                                                                                                                \
    X(TABLE_RULES, "table_rules", "Rules and references", "规则与依据")                                                                        \
    X(TABLE_GRADING, "table_grading", "Grading (EMA, GCP inspection findings)",                                                                \
        "分级标准（EMA GCP 检查发现）")                                                                                                        \
    X(ALL_PROVIDED, "all_provided", "The sources provide everything.", "数据来源提供了全部内容。")                                             \
    X(WHOLE_SITE, "whole_site", "the whole site", "整个研究中心")                                                                              \
    X(RULE_STATE_NOT_WANTED, "rule_state_not_wanted", "not requested", "未要求")                                                               \
    X(RULE_STATE_PASSED, "rule_state_passed", "no finding", "无发现")                                                                          \
    X(RULE_STATE_FIRED, "rule_state_fired", "finding", "有发现")                                                                               \
    X(MEANING_CRITICAL, "meaning_critical",                                                                                                    \
        "Adversely affects the rights, safety or wellbeing of the subjects or the quality and "                                                \
        "integrity of the data; also a pattern of major findings, missing source documents, "                                                  \
        "manipulation of data.",                                                                                                               \
        "对受试者的权益、安全、健康或数据的质量与完整性造成不良影响；亦包括多项主要发现形成的模式" \
        "、源文件缺失、数据篡改。")                                                                                                            \
    X(MEANING_MAJOR, "meaning_major",                                                                                                          \
        "Might adversely affect the rights, safety or wellbeing of the subjects or the quality "                                               \
        "and integrity of the data.",                                                                                                          \
        "可能对受试者的权益、安全、健康或数据的质量与完整性造成不良影响。")                                                                    \
    X(MEANING_MINOR, "meaning_minor",                                                                                                          \
        "Would not be expected to adversely affect the rights, safety or wellbeing of the "                                                    \
        "subjects or the quality and integrity of the data.",                                                                                  \
        "预计不会对受试者的权益、安全、健康或数据的质量与完整性造成不良影响。")                                                                \
    X(MEANING_RECOMMENDATION, "meaning_recommendation",                                                                                        \
        "An observation that may lead to an improvement of quality or reduce the potential for a "                                             \
        "deviation.",                                                                                                                          \
        "有助于提高质量或降低偏离可能性的意见。")                                                                                              \
    X(PREVIOUS_FINDINGS, "previous_findings", "Previous findings", "既往稽查发现")                                                             \
    X(ACTION_ITEMS, "action_items", "Action items", "行动项")                                                                                  \
    X(MONITORING_VISITS, "monitoring_visits", "Monitoring visits", "监查访视")                                                                 \
    X(TABLE_OPEN_ACTIONS, "table_open_actions", "Open action items", "未关闭的行动项")                                                         \
    X(CHART_OVERDUE, "chart_overdue", "Overdue CAPA and action items", "逾期的 CAPA 与行动项")                                                 \
    X(OVERDUE_BY, "overdue_by", "Overdue by", "逾期时长")                                                                                      \
    X(OPEN_SINCE, "open_since", "Open for", "未关闭时长")                                                                                      \
    X(AGE_WEEK, "age_week", "up to 7 d", "≤ 7 天")                                                                                             \
    X(AGE_MONTH, "age_month", "8–30 d", "8–30 天")                                                                                             \
    X(AGE_QUARTER, "age_quarter", "31–90 d", "31–90 天")                                                                                       \
    X(AGE_LONGER, "age_longer", "over 90 d", "> 90 天")                                                                                        \
    X(SUBJECTS, "subjects", "Subjects", "受试者")                                                                                              \
    X(PLANNED_SUBJECTS, "planned_subjects", "Planned subjects", "计划入组例数")                                                                \
    X(ACTIVATED, "activated", "Site activated", "中心启动日期")                                                                                \
    X(SCREENED, "screened", "Screened", "筛选例数")                                                                                            \
    X(SCREEN_FAILURES, "screen_failures", "Screen failures", "筛选失败")                                                                       \
    X(SCREEN_FAILURE_SHARE, "screen_failure_share", "Screen failure rate", "筛选失败率")                                                       \
    X(ENROLLED, "enrolled", "Enrolled", "入组例数")                                                                                            \
    X(COMPLETED, "completed", "Completed", "完成例数")                                                                                         \
    X(DISCONTINUATIONS, "discontinuations", "Study discontinuations", "提前退出研究")                                                          \
    X(TREATMENT_DISCONTINUATIONS, "treatment_discontinuations", "Treatment discontinuations",                                                  \
        "提前终止治疗")                                                                                                                        \
    X(CHART_ENROLMENT, "chart_enrolment", "Enrolment against plan", "实际入组与计划对比")                                                      \
    X(PLAN, "plan", "Plan", "计划")                                                                                                            \
    X(TABLE_REASONS, "table_reasons", "Reasons", "原因")                                                                                       \
    X(TABLE_SUBJECTS, "table_subjects", "Subjects of the site", "本中心受试者")                                                                \
    X(NO_REASON, "no_reason", "no reason recorded", "未记录原因")                                                                              \
    X(STATUS_SCREENING, "status_screening", "in screening", "筛选中")                                                                          \
    X(STATUS_SCREEN_FAILED, "status_screen_failed", "screen failed", "筛选失败")                                                               \
    X(STATUS_ON_STUDY, "status_on_study", "on study", "在研")                                                                                  \
    X(STATUS_COMPLETED, "status_completed", "completed", "完成")                                                                               \
    X(STATUS_DISCONTINUED, "status_discontinued", "discontinued", "提前退出")                                                                  \
    X(TABLE_IMPORTANT_DEVIATIONS, "table_important_deviations", "Important deviations",                                                        \
        "重要方案偏离")                                                                                                                        \
    X(TABLE_OTHER_DEVIATIONS, "table_other_deviations", "Other deviations", "其他方案偏离")                                                    \
    X(CHART_DEVIATIONS, "chart_deviations", "Deviations by category", "按类别统计的方案偏离")                                                  \
    X(DEVIATIONS, "deviations", "Deviations", "方案偏离")                                                                                      \
    X(IMPORTANT, "important", "Important", "重要偏离")                                                                                         \
    X(UNDATED, "undated", "undated", "无日期")                                                                                                 \
    X(OPEN, "open", "open", "未关闭")                                                                                                          \
    X(CLOSED, "closed", "closed", "已关闭")                                                                                                    \
    X(ANSWERED, "answered", "answered", "已答复")                                                                                              \
    X(ADVERSE_EVENTS, "adverse_events", "Adverse events", "不良事件")                                                                          \
    X(SERIOUS_EVENTS, "serious_events", "Serious adverse events", "严重不良事件")                                                              \
    X(EVENTS_PER_100_DAYS, "events_per_100_days", "Adverse events per 100 days on study",                                                      \
        "每 100 个在研日的不良事件数")                                                                                                         \
    X(SAE_REPORTS, "sae_reports", "SAE reports", "SAE 报告")                                                                                   \
    X(TABLE_SERIOUS_EVENTS, "table_serious_events",                                                                                            \
        "Serious adverse events: reports and reconciliation", "严重不良事件：报告与一致性核对")                                                \
    X(CHART_SAE_DELAY, "chart_sae_delay",                                                                                                      \
        "From the site's awareness to the report to the sponsor", "从中心获知到报告申办者的时间")                                              \
    X(DELAY_AXIS, "delay_axis", "Delay", "时间间隔")                                                                                           \
    X(DELAY_DAY, "delay_day", "up to 24 h", "≤ 24 小时")                                                                                       \
    X(DELAY_TWO_DAYS, "delay_two_days", "24–48 h", "24–48 小时")                                                                               \
    X(DELAY_THREE_DAYS, "delay_three_days", "48–72 h", "48–72 小时")                                                                           \
    X(DELAY_WEEK, "delay_week", "3–7 d", "3–7 天")                                                                                             \
    X(DELAY_LONGER, "delay_longer", "over 7 d", "> 7 天")                                                                                      \
    X(NOT_REPORTED, "not_reported", "not reported", "未报告")                                                                                  \
    X(NOT_IN_EDC, "not_in_edc", "not in EDC", "EDC 中缺失")                                                                                    \
    X(NOT_IN_CTMS, "not_in_ctms", "not in CTMS", "CTMS 中缺失")                                                                                \
    X(NOT_SERIOUS_IN_EDC, "not_serious_in_edc", "not serious in EDC", "EDC 中非严重")                                                          \
    X(RECONCILED, "reconciled", "reconciled", "一致")                                                                                          \
    X(PAGES, "pages", "CRF pages", "病例报告表页")                                                                                             \
    X(PAGES_ENTERED, "pages_entered", "Pages entered", "已录入页")                                                                             \
    X(LATE_PAGES, "late_pages", "Pages entered late (> 10 d)", "延迟录入页（> 10 天）")                                                        \
    X(LATE_SHARE, "late_share", "Share entered late", "延迟录入比例")                                                                          \
    X(MISSING_PAGES, "missing_pages", "Missing pages", "缺失页")                                                                               \
    X(QUERIES, "queries", "Queries", "质疑")                                                                                                   \
    X(OPEN_QUERIES, "open_queries", "Queries not closed", "未关闭的质疑")                                                                      \
    X(OUTSTANDING_QUERIES, "outstanding_queries", "Queries not closed for > 30 d",                                                             \
        "超过 30 天未关闭的质疑")                                                                                                              \
    X(DATA_POINTS, "data_points", "Data points", "数据点")                                                                                     \
    X(CHANGED_POINTS, "changed_points", "Changed", "已修改")                                                                                   \
    X(CHANGE_SHARE, "change_share", "Data change rate", "数据修改率")                                                                          \
    X(CHART_QUERIES, "chart_queries", "Queries not closed, by age", "未关闭质疑的时长分布")                                                    \
    X(TABLE_CHANGES, "table_changes", "Data changes by form", "按表单统计的数据修改")                                                          \
    X(TABLE_LATE_PAGES, "table_late_pages", "Pages entered late or locked without a signature",                                                \
        "延迟录入或未签名即锁定的页")                                                                                                          \
    X(VERIFIED, "verified", "Verified", "已核查")                                                                                              \
    X(PARTLY_VERIFIED, "partly_verified", "partly verified", "部分核查")                                                                       \
    X(NOT_VERIFIED, "not_verified", "not verified", "未核查")                                                                                  \
    X(COVERAGE, "coverage", "SDV coverage", "SDV 覆盖率")                                                                                      \
    X(CRITICAL_COVERAGE, "critical_coverage", "SDV coverage of critical forms",                                                                \
        "关键表单 SDV 覆盖率")                                                                                                                 \
    X(CHART_COVERAGE, "chart_coverage", "SDV coverage by form", "各表单 SDV 覆盖率")                                                           \
    X(TABLE_VERIFICATION, "table_verification", "Verification by form", "按表单统计的源数据核查")                                              \
    X(TABLE_NOT_VERIFIED, "table_not_verified", "Critical pages not fully verified",                                                           \
        "未完全核查的关键页")                                                                                                                  \
    X(ROWS_CUT, "rows_cut", "The table lists the first {0} of {1} rows.",                                                                      \
        "本表仅列出 {1} 行中的前 {0} 行。")                                                                                                    \
    X(COUNT_AXIS, "count_axis", "Count", "数量")                                                                                               \
    X(SHARE, "share", "Share", "比例")
