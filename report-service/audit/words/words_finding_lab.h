/* The laboratory rules in words. See words.h. X(NAME, id, English, 简体中文) */
#define WORDS_FINDING_LAB_TABLE(X)                                                                 \
    X(RULE_LB_01, "rule_lb_01", "Laboratory results missing in the EDC", "EDC 中缺失的实验室结果") \
    X(RULE_LB_01_STATEMENT, "rule_lb_01_statement",                                                \
        "Of {1} results of the central laboratory, {0} are not in the EDC.",                       \
        "中心实验室的 {1} 项结果中，有 {0} 项未录入 EDC。")                                        \
    X(RULE_LB_02, "rule_lb_02", "EDC results unknown to the laboratory",                           \
        "中心实验室没有的 EDC 结果")                                                               \
    X(RULE_LB_02_STATEMENT, "rule_lb_02_statement",                                                \
        "Of {1} laboratory results in the EDC, {0} have no counterpart at the central "            \
        "laboratory: their source must be shown.",                                                 \
        "EDC 中的 {1} 项实验室结果中，有 {0} 项在中心实验室没有对应记录，须说明其数据来源。")      \
    X(RULE_LB_03, "rule_lb_03", "Laboratory value or unit differs", "实验室数值或单位不一致")      \
    X(RULE_LB_03_STATEMENT, "rule_lb_03_statement",                                                \
        "In {0} of {1} results that both hold, the value or unit in the EDC differs from the "     \
        "central laboratory's.",                                                                   \
        "在双方均有的 {1} 项结果中，有 {0} 项的 EDC 数值或单位与中心实验室不一致。")               \
    X(RULE_LB_04, "rule_lb_04", "Date of sample differs", "采样日期不一致")                        \
    X(RULE_LB_04_STATEMENT, "rule_lb_04_statement",                                                \
        "In {0} of {1} results that both hold, the date of the sample in the EDC differs from "    \
        "the central laboratory's.",                                                               \
        "在双方均有的 {1} 项结果中，有 {0} 项的 EDC 采样日期与中心实验室不一致。")                 \
    X(RULE_LB_05, "rule_lb_05", "Out-of-range flag differs", "异常标记不一致")                     \
    X(RULE_LB_05_STATEMENT, "rule_lb_05_statement",                                                \
        "In {0} of {1} results that both hold, the range flag differs; {2} of them are abnormal "  \
        "to the laboratory and normal in the EDC, and may not have been assessed.",                \
        "在双方均有的 {1} 项结果中，有 {0} 项的范围标记不一致；其中 {2} "  \
        "项实验室判为异常而 EDC 记为正常，可能未经医学评估。")
