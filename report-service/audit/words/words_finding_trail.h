/* Findings of section 12. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_FINDING_TRAIL_TABLE(X)                                                                      \
    X(AREA_TRAIL, "area_trail", "Audit trail", "稽查轨迹")                                                \
    X(RULE_AT_01, "rule_at_01", "Changes without a reason", "修改未说明原因")                             \
    X(RULE_AT_01_STATEMENT, "rule_at_01_statement",                                                       \
        "For {0} of {1} changes no reason is recorded.", "{1} 次修改中有 {0} 次未记录原因。")             \
    X(RULE_AT_02, "rule_at_02", "Changes at night", "夜间修改数据")                                       \
    X(RULE_AT_02_STATEMENT, "rule_at_02_statement",                                                       \
        "{0} of {1} changes were made between {2}:00 and {3}:00 local time ({4}).",                       \
        "{1} 次修改中有 {0} 次发生在当地时间 {2}:00 至 {3}:00 之间（{4}）。")                             \
    X(RULE_AT_03, "rule_at_03", "Changes on non-working days", "非工作日修改数据")                        \
    X(RULE_AT_03_STATEMENT, "rule_at_03_statement",                                                       \
        "{0} of {1} changes were made on a Saturday or Sunday, local time ({2}).",                        \
        "{1} 次修改中有 {0} 次发生在当地时间的星期六或星期日（{2}）。")                                   \
    X(RULE_AT_04, "rule_at_04", "Data changed after lock", "锁定后修改数据")                              \
    X(RULE_AT_04_STATEMENT, "rule_at_04_statement",                                                       \
        "{0} values were changed or entered on pages that had been locked, and not unlocked.",            \
        "在已锁定且未解锁的页上修改或录入了 {0} 个值。")                                                  \
    X(RULE_AT_05, "rule_at_05", "Data changed after signature", "签名后修改数据")                         \
    X(RULE_AT_05_STATEMENT, "rule_at_05_statement",                                                       \
        "{0} of {1} changes came after the investigator's signature, and the page was not signed "        \
        "again.",                                                                                         \
        "{1} 次修改中有 {0} 次发生在研究者签名之后，且该页未重新签名。")                                  \
    X(RULE_AT_06, "rule_at_06", "Bulk late changes", "集中延迟修改")                                      \
    X(RULE_AT_06_STATEMENT, "rule_at_06_statement",                                                       \
        "{0} bursts of late changes ({1} in all): {2} or more by one user within {3} minutes, "           \
        "more than {4} days after the visit or at most {5} days before lock.",                            \
        "发现 {0} 次集中延迟修改（共 {1} 个值）：同一用户在 {3} 分钟内修改 {2} " \
        "个或更多值，距访视超过 {4} 天或在锁定前 {5} 天内。")                                             \
    X(RULE_AT_07, "rule_at_07", "Audit trail not intact", "稽查轨迹不完整")                               \
    X(RULE_AT_07_STATEMENT, "rule_at_07_statement",                                                       \
        "The hash chain of the audit trail is broken at {0} rows of this site, first at row {1}: "        \
        "the trail was changed after it was written.",                                                    \
        "稽查轨迹的哈希链在本中心的 {0} 条记录处断裂，首处为第 {1} 行：轨迹在写入后被改动。")             \
    X(RULE_AT_08, "rule_at_08", "Data changed by others than the site", "非中心人员修改数据")             \
    X(RULE_AT_08_STATEMENT, "rule_at_08_statement",                                                       \
        "{0} users who are none of the site's people changed {1} of its values.",                         \
        "{0} 名非本中心人员的用户修改了本中心的 {1} 个值。")                                              \
    X(RULE_AT_09, "rule_at_09", "Unusual share of changes", "修改比例异常的用户")                         \
    X(RULE_AT_09_STATEMENT, "rule_at_09_statement",                                                       \
        "{0} users made far more of the site's changes (up to {1}) than of its entries.",                 \
        "{0} 名用户的修改占比（最高 {1}）远高于其录入占比。")
