/* Section 13: study drug. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_SECTION_DRUG_TABLE(X)                                                                \
    X(SECTION_DRUG, "section_drug", "Drug accountability", "试验用药品管理")                       \
    X(STUDY_DRUG, "study_drug", "Study drug movements", "试验用药品出入记录")                      \
    X(RECEIVED, "received", "Received", "接收")                                                    \
    X(DISPENSED, "dispensed", "Dispensed", "发放")                                                 \
    X(RETURNED, "returned", "Returned", "回收")                                                    \
    X(DESTROYED, "destroyed", "Destroyed", "销毁")                                                 \
    X(LOST, "lost", "Lost", "遗失")                                                                \
    X(QUARANTINED, "quarantined", "quarantined", "隔离")                                           \
    X(IN_STOCK, "in_stock", "In stock (unused)", "库存（未用）")                                   \
    X(WITH_SUBJECTS, "with_subjects", "With subjects", "受试者处")                                 \
    X(WITH_SUBJECT, "with_subject", "with the subject", "在受试者处")                              \
    X(NOT_RETURNED, "not_returned", "not returned", "未回收")                                      \
    X(KITS_UNACCOUNTED, "kits_unaccounted", "Kits not accounted for", "去向不明的药盒")            \
    X(BALANCE_IMPOSSIBLE, "balance_impossible", "quantities do not add up", "数量不符")            \
    X(DISPENSED_EXPIRED, "dispensed_expired", "dispensed after expiry", "过期后发放")              \
    X(TO_UNKNOWN_SUBJECT, "to_unknown_subject", "to a subject not in EDC",                         \
        "发给 EDC 中不存在的受试者")                                                               \
    X(TO_SUBJECT_NOT_ENROLLED, "to_subject_not_enrolled", "to a subject not enrolled",             \
        "发给未入组受试者")                                                                        \
    X(TO_SUBJECT_LEFT, "to_subject_left", "to a subject who had left", "发给已退出受试者")         \
    X(STORAGE, "storage", "storage", "储存")                                                       \
    X(SHIPMENT, "shipment", "shipment", "运输")                                                    \
    X(DEGREES, "degrees", "°C", "°C")                                                              \
    X(ALLOWED_FROM, "allowed_from", "Lowest allowed (°C)", "允许下限 (°C)")                        \
    X(ALLOWED_TO, "allowed_to", "Highest allowed (°C)", "允许上限 (°C)")                           \
    X(CHART_DRUG_BALANCE, "chart_drug_balance", "Kits received, dispensed and in stock",           \
        "药盒接收、发放与库存")                                                                    \
    X(CHART_TEMPERATURE, "chart_temperature", "Storage temperature", "储存温度")                   \
    X(TABLE_LOTS, "table_lots", "Balance by lot", "按批号统计的数量平衡")                          \
    X(TABLE_KITS, "table_kits", "Kits", "药盒")                                                    \
    X(TABLE_TREATMENTS, "table_treatments", "Treatment by subject", "各受试者用药")                \
    X(TABLE_TEMPERATURES, "table_temperatures", "Temperatures", "温度记录")                        \
    X(HEAD_LOT, "head_lot", "Lot", "批号")                                                         \
    X(HEAD_KIT, "head_kit", "Kit", "药盒号")                                                       \
    X(HEAD_KITS, "head_kits", "Kits", "药盒数")                                                    \
    X(HEAD_ARM, "head_arm", "Arm", "组别")                                                         \
    X(HEAD_RAND_NO, "head_rand_no", "Randomisation", "随机号")                                     \
    X(HEAD_KIT_EXPIRES, "head_kit_expires", "Expires", "有效期至")                                 \
    X(HEAD_FIRST_DISPENSED, "head_first_dispensed", "First dispensed", "首次发放")                 \
    X(HEAD_LAST_DISPENSED, "head_last_dispensed", "Last dispensed", "末次发放")                    \
    X(HEAD_LOWEST, "head_lowest", "Lowest (°C)", "最低 (°C)")                                      \
    X(HEAD_HIGHEST, "head_highest", "Highest (°C)", "最高 (°C)")
