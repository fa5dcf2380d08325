/* The central laboratory's part of section 10 in words. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_SECTION_LAB_TABLE(X)                                                                 \
    X(LABORATORY, "laboratory", "Central laboratory", "中心实验室")                                \
    X(LAB_RESULTS, "lab_results", "Results of the central laboratory", "中心实验室结果")           \
    X(LAB_ENTERED, "lab_entered", "Results in the EDC", "EDC 中的结果")                            \
    X(LAB_PAIRED, "lab_paired", "Found in both", "双方均有")                                       \
    X(LAB_AGREED, "lab_agreed", "Found in both, without a difference", "双方均有且一致")           \
    X(TABLE_LAB, "table_lab", "Laboratory results that differ", "不一致的实验室结果")              \
    X(LAB_ALL_AGREED, "lab_all_agreed", "The EDC agrees with the laboratory.",                     \
        "EDC 与中心实验室一致。")                                                                  \
    X(HEAD_TEST, "head_test", "Test", "检验项目")                                                  \
    X(HEAD_ACCESSION, "head_accession", "Accession", "样本号")                                     \
    X(HEAD_LAB_ON, "head_lab_on", "Sample: lab", "采样：实验室")                                   \
    X(HEAD_EDC_ON, "head_edc_on", "Sample: EDC", "采样：EDC")                                      \
    X(HEAD_LAB_RESULT, "head_lab_result", "Result: lab", "结果：实验室")                           \
    X(HEAD_EDC_RESULT, "head_edc_result", "Result: EDC", "结果：EDC")                              \
    X(HEAD_DIFFERENCE, "head_difference", "Difference", "差异")                                    \
    X(LAB_NOT_IN_EDC, "lab_not_in_edc", "not in the EDC", "EDC 中没有")                            \
    X(LAB_NOT_AT_LAB, "lab_not_at_lab", "not at the laboratory", "实验室没有")                     \
    X(LAB_DIFFERENT_VALUE, "lab_different_value", "value", "数值")                                 \
    X(LAB_DIFFERENT_UNIT, "lab_different_unit", "unit", "单位")                                    \
    X(LAB_DIFFERENT_DATE, "lab_different_date", "date", "日期")                                    \
    X(LAB_DIFFERENT_FLAG, "lab_different_flag", "range flag", "范围标记")                          \
    X(LAB_WHY_NOT_CONFIGURED, "lab_why_not_configured",                                            \
        "No central laboratory is connected to this service.", "本服务未连接中心实验室。")         \
    X(LAB_WHY_LATE, "lab_why_late",                                                                \
        "The central laboratory did not answer within the time set aside for it (at most {0} "     \
        "s).",                                                                                     \
        "中心实验室未在规定时间内（最长 {0} 秒）作出答复。")                                       \
    X(LAB_WHY_UNREACHABLE, "lab_why_unreachable",                                                  \
        "The central laboratory could not be reached, or the connection to it broke off.",         \
        "无法连接中心实验室，或与其连接中断。")                                                    \
    X(LAB_WHY_REFUSED, "lab_why_refused",                                                          \
        "The central laboratory did not give the results (HTTP status {0}).",                      \
        "中心实验室未提供结果（HTTP 状态码 {0}）。")                                               \
    X(LAB_WHY_UNKNOWN_SITE, "lab_why_unknown_site",                                                \
        "The central laboratory does not know this site.", "中心实验室没有该研究中心的记录。")     \
    X(LAB_WHY_NOT_UNDERSTOOD, "lab_why_not_understood",                                            \
        "The answer of the central laboratory does not follow the agreed form; none of it was "    \
        "used.",                                                                                   \
        "中心实验室的答复不符合约定格式，未采用其任何内容。")                                      \
    X(LAB_WHY_CHANGED, "lab_why_changed",                                                          \
        "The data of the central laboratory changed while they were being read; none of them "     \
        "were used.",                                                                              \
        "读取过程中中心实验室的数据发生变化，未采用其任何内容。")                                  \
    X(LAB_WHY_TOO_MUCH, "lab_why_too_much",                                                        \
        "The central laboratory has more results than one report can take; none of them were "     \
        "used.",                                                                                   \
        "中心实验室的结果超过单份报告的容量，未采用其任何内容。")
