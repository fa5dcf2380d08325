/* Heads of table columns. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_HEAD_TABLE(X)                                                                        \
    X(HEAD_CODE, "head_code", "Code", "编号")                                                      \
    X(HEAD_GRADE, "head_grade", "Grade", "分级")                                                   \
    X(HEAD_AREA, "head_area", "Area", "领域")                                                      \
    X(HEAD_FINDING, "head_finding", "Finding", "发现")                                             \
    X(HEAD_EVIDENCE_ROWS, "head_evidence_rows", "Evidence", "证据条数")                            \
    X(HEAD_REFERENCE, "head_reference", "Reference", "依据")                                       \
    X(HEAD_RULE_GRADE, "head_rule_grade", "Grade by rule", "规则分级")                             \
    X(HEAD_NEW_GRADE, "head_new_grade", "New grade", "新分级")                                     \
    X(HEAD_REGRADED_BY, "head_regraded_by", "Regraded by", "重新分级人")                           \
    X(HEAD_REGRADED_AT, "head_regraded_at", "Regraded at", "重新分级时间")                         \
    X(HEAD_REASON, "head_reason", "Reason", "原因")                                                \
    X(HEAD_SOURCE, "head_source", "Source", "来源")                                                \
    X(HEAD_SNAPSHOT, "head_snapshot", "Latest stamp", "最晚时间戳")                                \
    X(HEAD_EXTRACT, "head_extract", "Extract date", "数据提取日期")                                \
    X(HEAD_DATA_VERSION, "head_data_version", "Data version", "数据版本")                          \
    X(HEAD_RECORDS, "head_records", "Records", "记录")                                             \
    X(HEAD_COUNT, "head_count", "Number", "数量")                                                  \
    X(HEAD_TABLE_OR_COLUMN, "head_table_or_column", "Table or column", "表或字段")                 \
    X(HEAD_NOTE, "head_note", "Note", "说明")                                                      \
    X(HEAD_RULE, "head_rule", "Rule", "规则")                                                      \
    X(HEAD_RESULT, "head_result", "Result", "结果")                                                \
    X(HEAD_MEANING, "head_meaning", "Meaning", "含义")                                             \
    X(HEAD_AUDIT, "head_audit", "Audit", "稽查号")                                                 \
    X(HEAD_DATE, "head_date", "Date", "日期")                                                      \
    X(HEAD_STATEMENT, "head_statement", "Statement", "描述")                                       \
    X(HEAD_CAPA_DUE, "head_capa_due", "CAPA due", "CAPA 期限")                                     \
    X(HEAD_CLOSED, "head_closed", "Closed", "关闭日期")                                            \
    X(HEAD_OVERDUE_DAYS, "head_overdue_days", "Overdue (d)", "逾期（天）")                         \
    X(HEAD_CATEGORY, "head_category", "Category", "类别")                                          \
    X(HEAD_SEVERITY, "head_severity", "Severity", "严重程度")                                      \
    X(HEAD_ACTION, "head_action", "Action", "行动项")                                              \
    X(HEAD_OWNER, "head_owner", "Owner", "负责人")                                                 \
    X(HEAD_OPENED, "head_opened", "Opened", "开启")                                                \
    X(HEAD_DUE, "head_due", "Due", "期限")                                                         \
    X(HEAD_KIND, "head_kind", "Kind", "类型")                                                      \
    X(HEAD_PLANNED, "head_planned", "Planned", "计划日期")                                         \
    X(HEAD_DONE, "head_done", "Done", "实际日期")                                                  \
    X(HEAD_MONITOR, "head_monitor", "Monitor", "监查员")                                           \
    X(HEAD_REPORT_DUE, "head_report_due", "Report due", "报告期限")                                \
    X(HEAD_REPORT_DONE, "head_report_done", "Report done", "报告完成")                             \
    X(HEAD_SUBJECT, "head_subject", "Subject", "受试者")                                           \
    X(HEAD_STATUS, "head_status", "Status", "状态")                                                \
    X(HEAD_SCREENED, "head_screened", "Screened", "筛选日期")                                      \
    X(HEAD_ENROLLED, "head_enrolled", "Enrolled", "入组日期")                                      \
    X(HEAD_FIRST_DOSE, "head_first_dose", "First dose", "首次用药")                                \
    X(HEAD_DAYS_ON_STUDY, "head_days_on_study", "Days on study", "在研天数")                       \
    X(HEAD_LEFT, "head_left", "Left", "退出日期")                                                  \
    X(HEAD_INDICATOR, "head_indicator", "Indicator", "指标")                                       \
    X(HEAD_NUMERATOR, "head_numerator", "Numerator", "分子")                                       \
    X(HEAD_DENOMINATOR, "head_denominator", "Denominator", "分母")                                 \
    X(HEAD_SITE_RATE, "head_site_rate", "Site", "本中心")                                          \
    X(HEAD_STUDY_RATE, "head_study_rate", "Study", "全研究")                                       \
    X(HEAD_SCORE, "head_score", "Score (z)", "得分 (z)")                                           \
    X(HEAD_FLAG, "head_flag", "Flag", "标识")                                                      \
    X(HEAD_MINIMUM, "head_minimum", "Minimum", "分母下限")                                         \
    X(HEAD_LOW_HIGH, "head_low_high", "Very low below", "极低：低于")                              \
    X(HEAD_LOW, "head_low", "Low below", "偏低：低于")                                             \
    X(HEAD_HIGH, "head_high", "High from", "偏高：自")                                             \
    X(HEAD_HIGH_HIGH, "head_high_high", "Very high from", "极高：自")                              \
    X(HEAD_OCCURRED, "head_occurred", "Occurred", "发生日期")                                      \
    X(HEAD_FOUND, "head_found", "Found", "发现日期")                                               \
    X(HEAD_REPORTED_EC, "head_reported_ec", "Reported to EC", "报告伦理委员会")                    \
    X(HEAD_DESCRIPTION, "head_description", "Description", "描述")                                 \
    X(HEAD_CAPA, "head_capa", "CAPA", "CAPA")                                                      \
    X(HEAD_EVENT_NO, "head_event_no", "Event", "事件号")                                           \
    X(HEAD_TERM, "head_term", "Term", "事件名称")                                                  \
    X(HEAD_AWARE, "head_aware", "Site aware", "中心获知")                                          \
    X(HEAD_REPORTED_SPONSOR, "head_reported_sponsor", "Reported to sponsor", "报告申办者")         \
    X(HEAD_DELAY_HOURS, "head_delay_hours", "Delay (h)", "间隔（小时）")                           \
    X(HEAD_SUSAR, "head_susar", "SUSAR", "SUSAR")                                                  \
    X(HEAD_REPORTED_RA, "head_reported_ra", "Reported to authority", "报告监管机构")               \
    X(HEAD_RECONCILIATION, "head_reconciliation", "EDC and CTMS", "EDC 与 CTMS")                   \
    X(HEAD_SERIOUS, "head_serious", "Serious", "严重")                                             \
    X(HEAD_RELATED, "head_related", "Related", "相关性")                                           \
    X(HEAD_START, "head_start", "Start", "开始日期")                                               \
    X(HEAD_END, "head_end", "End", "结束日期")                                                     \
    X(HEAD_OUTCOME, "head_outcome", "Outcome", "转归")                                             \
    X(HEAD_VISIT, "head_visit", "Visit", "访视")                                                   \
    X(HEAD_PAGE, "head_page", "Form", "表单")                                                      \
    X(HEAD_VISIT_ON, "head_visit_on", "Visit date", "访视日期")                                    \
    X(HEAD_ENTERED, "head_entered", "Entered", "录入时间")                                         \
    X(HEAD_LAG_DAYS, "head_lag_days", "Lag (d)", "延迟（天）")                                     \
    X(HEAD_CRITICAL_PAGE, "head_critical_page", "Critical", "关键")                                \
    X(HEAD_ORIGIN, "head_origin", "Origin", "来源")                                                \
    X(HEAD_AGE_DAYS, "head_age_days", "Age (d)", "时长（天）")                                     \
    X(HEAD_QUERY_TEXT, "head_query_text", "Query", "质疑内容")
