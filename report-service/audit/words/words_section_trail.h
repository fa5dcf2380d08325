/* Section 12: the audit trail. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_SECTION_TRAIL_TABLE(X)                                                               \
    X(SECTION_TRAIL, "section_trail", "Audit-trail review", "稽查轨迹审查")                        \
    X(AUDIT_TRAIL, "audit_trail", "Audit trail", "稽查轨迹")                                       \
    X(VALUES_ENTERED, "values_entered", "Values entered", "录入值")                                \
    X(VALUES_CHANGED, "values_changed", "Values changed", "修改值")                                \
    X(CHANGES_UNEXPLAINED, "changes_unexplained", "Changes without a reason", "无原因的修改")      \
    X(CHANGES_AFTER_LOCK, "changes_after_lock", "Changes after lock", "锁定后修改")                \
    X(CHANGES_AFTER_SIGNATURE, "changes_after_signature",                                          \
        "Changes after signature, not signed again", "签名后修改且未重新签名")                     \
    X(TIME_ZONE, "time_zone", "Time zone of the site", "中心时区")                                 \
    X(CHANGES_AT_NIGHT, "changes_at_night", "Changes at night (01:00–05:00)",                      \
        "夜间修改（01:00–05:00）")                                                                 \
    X(CHANGES_ON_DAYS_OFF, "changes_on_days_off", "Changes on Saturdays and Sundays", "周末修改")  \
    X(BURSTS, "bursts", "Bursts of late changes", "集中延迟修改")                                  \
    X(HASH_CHAIN, "hash_chain", "Hash chain of the trail", "轨迹哈希链")                           \
    X(CHAIN_WHOLE, "chain_whole", "verified, unbroken", "已验证，完整")                            \
    X(CHAIN_BROKEN, "chain_broken", "broken", "已断裂")                                            \
    X(CHAIN_BROKEN_ELSEWHERE, "chain_broken_elsewhere",                                            \
        "unbroken for this site, broken elsewhere", "本中心完整，其他处断裂")                      \
    X(BREAKS_ELSEWHERE, "breaks_elsewhere",                                                        \
        "The chain covers the whole database. Breaks at rows of other sites: {0}.",                \
        "哈希链覆盖整个数据库。其他中心记录处的断裂：{0} 处。")                                    \
    X(CHAIN_ROW_CHANGED, "chain_row_changed", "the row is not what was written",                   \
        "记录内容与写入时不符")                                                                    \
    X(CHAIN_LINK_BROKEN, "chain_link_broken", "the row before it was changed, removed or added",   \
        "前一记录被修改、删除或插入")                                                              \
    X(CHART_ACTIVITY, "chart_activity", "Entries and changes by local hour and weekday",           \
        "按当地时刻与星期统计的录入与修改")                                                        \
    X(LOCAL_HOUR, "local_hour", "Hour, local time", "当地时刻")                                    \
    X(MONDAY, "monday", "Monday", "星期一")                                                        \
    X(TUESDAY, "tuesday", "Tuesday", "星期二")                                                     \
    X(WEDNESDAY, "wednesday", "Wednesday", "星期三")                                               \
    X(THURSDAY, "thursday", "Thursday", "星期四")                                                  \
    X(FRIDAY, "friday", "Friday", "星期五")                                                        \
    X(SATURDAY, "saturday", "Saturday", "星期六")                                                  \
    X(SUNDAY, "sunday", "Sunday", "星期日")                                                        \
    X(TABLE_CHAIN_BREAKS, "table_chain_breaks", "Breaks of the hash chain", "哈希链断裂")          \
    X(TABLE_TRAIL_USERS, "table_trail_users", "Users who entered or changed data",                 \
        "录入或修改数据的用户")                                                                    \
    X(TABLE_BURSTS, "table_bursts", "Bursts of late changes", "集中延迟修改")                      \
    X(TABLE_TRAIL_CHANGES, "table_trail_changes", "Changes to be examined", "需核查的修改")        \
    X(NO_CHANGES_TO_EXAMINE, "no_changes_to_examine", "No change needs to be examined.",           \
        "无需核查的修改。")                                                                        \
    X(ROLE_INVESTIGATOR, "role_investigator", "investigator", "研究者")                            \
    X(ROLE_SITE_COORDINATOR, "role_site_coordinator", "coordinator", "研究协调员")                 \
    X(ROLE_MONITOR, "role_monitor", "monitor", "监查员")                                           \
    X(ROLE_DATA_MANAGER, "role_data_manager", "data manager", "数据管理员")                        \
    X(HEAD_AUDIT_ID, "head_audit_id", "Row", "行号")                                               \
    X(HEAD_CHANGED_AT, "head_changed_at", "Time (UTC)", "时间 (UTC)")                              \
    X(HEAD_LOCAL, "head_local", "Local time", "当地时间")                                          \
    X(HEAD_WHAT, "head_what", "What", "情况")                                                      \
    X(HEAD_USER, "head_user", "User", "用户")                                                      \
    X(HEAD_USER_ROLE, "head_user_role", "Role", "角色")                                            \
    X(HEAD_UNEXPLAINED, "head_unexplained", "No reason", "无原因")                                 \
    X(HEAD_AT_NIGHT, "head_at_night", "At night", "夜间")                                          \
    X(HEAD_ITEM, "head_item", "Item", "数据项")                                                    \
    X(HEAD_OLD, "head_old", "Old value", "原值")                                                   \
    X(HEAD_NEW, "head_new", "New value", "新值")
