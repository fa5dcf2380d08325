/* Words of the validation of case report forms. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_CRF_TABLE(X)                                                                         \
    X(CRF_SITE_NO, "crf_site_no", "Site", "研究中心")                                              \
    X(CRF_SUBJECT_NO, "crf_subject_no", "Subject", "受试者")                                       \
    X(CRF_VISIT, "crf_visit", "Visit", "访视")                                                     \
    X(CRF_VISIT_REPEAT, "crf_visit_repeat", "Repeat of the visit", "访视序号")                     \
    X(CRF_VISIT_ON, "crf_visit_on", "Date of the visit", "访视日期")                               \
    X(CRF_FORM, "crf_form", "Form", "表单")                                                        \
    X(CRF_FORM_REPEAT, "crf_form_repeat", "Repeat of the form", "表单序号")                        \
    X(CRF_ITEM, "crf_item", "Item", "数据项")                                                      \
    X(CRF_ITEM_REPEAT, "crf_item_repeat", "Repeat of the item", "数据项序号")                      \
    X(CRF_VALUE, "crf_value", "Value as entered", "录入值")                                        \
    X(CRF_CHECK, "crf_check", "Edit check", "逻辑核查")                                            \
    X(CRF_SEVERITY, "crf_severity", "Severity", "级别")                                            \
    X(CRF_MESSAGE, "crf_message", "Message of the check", "核查提示")                              \
    X(CRF_STATEMENT, "crf_statement", "What was found", "发现的问题")                              \
    X(CRF_QUERY, "crf_query", "Query", "质疑")                                                     \
    X(CRF_VALUE_FAILS, "crf_value_fails", "The value {1} does not satisfy the check {0}",          \
        "值 {1} 不满足核查 {0}")                                                                   \
    X(CRF_MISSING_FAILS, "crf_missing_fails", "The check {0} needs a value, and none was entered", \
        "核查 {0} 要求有值，但未录入")                                                             \
    X(CRF_FORM_FAILS, "crf_form_fails", "The form does not satisfy the check {0}",                 \
        "该表单不满足核查 {0}")                                                                    \
    X(CRF_HARD, "hard", "Hard: cannot be right", "硬性核查：数据必有错误")                         \
    X(CRF_SOFT, "soft", "Soft: to be confirmed", "软性核查：数据待确认")                           \
    X(CRF_OPENED, "opened", "A query was opened", "已发出质疑")                                    \
    X(CRF_KNOWN, "known", "An open query tells it already", "已有未关闭的质疑")                    \
    X(CRF_NO_VALUES, "crf_no_values",                                                              \
        "The source does not provide the items' values: checks that need one could not be "        \
        "applied",                                                                                 \
        "数据来源未提供数据项的值：需要这些值的核查无法执行")                                      \
    X(CRF_NO_CHECKS, "crf_no_checks", "The source does not provide edit checks",                   \
        "数据来源未提供逻辑核查")
