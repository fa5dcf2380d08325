/* Findings of section 13. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_FINDING_DRUG_TABLE(X)                                                                   \
    X(AREA_DRUG, "area_drug", "Study drug", "试验用药品")                                             \
    X(RULE_IP_01, "rule_ip_01", "Kits not accounted for", "药盒去向不明")                             \
    X(RULE_IP_01_STATEMENT, "rule_ip_01_statement",                                                   \
        "{0} of {1} kits are not accounted for: {2} are recorded as lost, {3} were dispensed "        \
        "more than {4} days ago and neither returned nor destroyed.",                                 \
        "{1} 个药盒中有 {0} 个去向不明：{2} 个记录为遗失，{3} 个发放超过 {4} " \
        "天后既未回收也未销毁。")                                                                     \
    X(RULE_IP_02, "rule_ip_02", "Kit quantities do not add up", "药盒数量不符")                       \
    X(RULE_IP_02_STATEMENT, "rule_ip_02_statement",                                                   \
        "For {0} of {1} kits more was dispensed than received, returned than dispensed, or "          \
        "destroyed or lost than received.",                                                           \
        "{1} 个药盒中有 {0} 个的发放多于接收、回收多于发放，或销毁与遗失多于接收。")                  \
    X(RULE_IP_03, "rule_ip_03", "Expired kits dispensed", "发放过期药盒")                             \
    X(RULE_IP_03_STATEMENT, "rule_ip_03_statement",                                                   \
        "{0} of {1} dispensed kits were given out after their expiry date.",                          \
        "{1} 个已发放药盒中有 {0} 个在有效期后发放。")                                                \
    X(RULE_IP_04, "rule_ip_04", "Kits dispensed to subjects not on study", "药盒发给非在研受试者")    \
    X(RULE_IP_04_STATEMENT, "rule_ip_04_statement",                                                   \
        "{0} of {1} dispensed kits went to subjects who were not enrolled or, in {2} cases, had "     \
        "left the study.",                                                                            \
        "{1} 个已发放药盒中有 {0} 个发给了未入组的受试者或已退出研究者（{2} 个）。")                  \
    X(RULE_IP_05, "rule_ip_05", "Temperature excursions", "温度超标")                                 \
    X(RULE_IP_05_STATEMENT, "rule_ip_05_statement",                                                   \
        "{0} of {1} temperature records are outside of the allowed {2} to {3} °C.",                   \
        "{1} 条温度记录中有 {0} 条超出允许的 {2} 至 {3} °C。")
