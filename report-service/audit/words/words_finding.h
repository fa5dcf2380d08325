/* Areas, titles and statements of findings, one pair a rule. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_FINDING_TABLE(X)                                                                                                   \
    X(AREA_DATA_QUALITY, "area_data_quality", "Data quality", "数据质量")                                                        \
    X(AREA_ENROLMENT, "area_enrolment", "Enrolment", "入组")                                                                     \
    X(AREA_FOLLOW_UP, "area_follow_up", "Follow-up", "整改跟踪")                                                                 \
    X(AREA_OVERSIGHT, "area_oversight", "Sponsor oversight", "申办者监督")                                                       \
    X(AREA_PROTOCOL, "area_protocol", "Protocol compliance", "方案依从")                                                         \
    X(AREA_RISK, "area_risk", "Risk indicators", "风险指标")                                                                     \
    X(AREA_SAFETY, "area_safety", "Safety reporting", "安全性报告")                                                              \
    X(AREA_VERIFICATION, "area_verification", "Source data verification", "源数据核查")                                          \
    X(RULE_EN_01, "rule_en_01", "Enrolment far behind plan", "入组进度严重滞后")                                                 \
    X(RULE_EN_01_STATEMENT, "rule_en_01_statement",                                                                              \
        "Subjects enrolled: {0}, where the plan expects {1} by now ({2} in all): less than half. "                               \
        "The site's capacity to recruit should be reassessed.",                                                                  \
        "目前已入组 {0} 例，按计划此时应入组 {1} 例（总计划 {2} "                                            \
        "例），不足一半。应重新评估该中心的招募能力。")                                                                          \
    X(RULE_EN_02, "rule_en_02", "Discontinuation without a reason", "提前退出未记录原因")                                        \
    X(RULE_EN_02_STATEMENT, "rule_en_02_statement",                                                                              \
        "For {0} of {1} subjects who left the study early no reason is recorded.",                                               \
        "{1} 例提前退出研究的受试者中，有 {0} 例未记录退出原因。")                                                               \
    X(RULE_EN_03, "rule_en_03", "Many study discontinuations", "提前退出研究比例偏高")                                           \
    X(RULE_EN_03_STATEMENT, "rule_en_03_statement",                                                                              \
        "{0} of {1} enrolled subjects ({2}) left the study early. Reasons and retention measures "                               \
        "should be reviewed.",                                                                                                   \
        "{1} 例入组受试者中有 {0} 例（{2}）提前退出研究。应审查退出原因及保留受试者的措施。")                                    \
    X(RULE_PF_01, "rule_pf_01", "CAPA overdue", "CAPA 逾期")                                                                     \
    X(RULE_PF_01_STATEMENT, "rule_pf_01_statement",                                                                              \
        "Findings of earlier audits whose corrective and preventive action is overdue: {0}, the "                                \
        "longest by {1} days.",                                                                                                  \
        "既往稽查的 {0} 项发现的纠正与预防措施已逾期，最长逾期 {1} 天。")                                                        \
    X(RULE_PF_02, "rule_pf_02", "Repeat finding", "重复发现")                                                                    \
    X(RULE_PF_02_STATEMENT, "rule_pf_02_statement",                                                                              \
        "Findings of earlier audits that have recurred: {0}. The corrective action taken was not "                               \
        "effective.",                                                                                                            \
        "既往稽查的 {0} 项发现再次出现，表明所采取的纠正措施无效。")                                                             \
    X(RULE_AC_01, "rule_ac_01", "Action items overdue", "行动项逾期")                                                            \
    X(RULE_AC_01_STATEMENT, "rule_ac_01_statement",                                                                              \
        "Overdue action items: {0}, the longest by {1} days.",                                                                   \
        "{0} 个行动项已逾期，最长逾期 {1} 天。")                                                                                 \
    X(RULE_MV_01, "rule_mv_01", "Monitoring visit reports late", "监查访视报告延迟")                                             \
    X(RULE_MV_01_STATEMENT, "rule_mv_01_statement",                                                                              \
        "The reports of {0} of {1} monitoring visits were or are late.",                                                         \
        "{1} 次监查访视中有 {0} 次的报告延迟完成或尚未完成。")                                                                   \
    X(RULE_KRI_01, "rule_kri_01", "Possible under-reporting of adverse events",                                                  \
        "不良事件可能漏报")                                                                                                      \
    X(RULE_KRI_01_STATEMENT, "rule_kri_01_statement",                                                                            \
        "The site reports {0} adverse events per 100 days on study where the study has {1} "                                     \
        "(score {2}). Under-reporting must be ruled out against source documents.",                                              \
        "该中心每 100 个在研日报告 {0} 例不良事件，全研究为 {1} 例（得分 "                               \
        "{2}）。须核对源文件以排除漏报。")                                                                                       \
    X(RULE_KRI_02, "rule_kri_02", "Indicators far from the study", "指标显著偏离全研究水平")                                     \
    X(RULE_KRI_02_STATEMENT, "rule_kri_02_statement",                                                                            \
        "{0} of {1} key risk indicators are very far from the study's rate. The causes should be "                               \
        "examined at the site.",                                                                                                 \
        "{1} 项关键风险指标中有 {0} 项显著偏离全研究水平，应在中心调查其原因。")                                                 \
    X(RULE_KRI_03, "rule_kri_03", "Indicators to be watched", "需关注的指标")                                                    \
    X(RULE_KRI_03_STATEMENT, "rule_kri_03_statement",                                                                            \
        "{0} of {1} key risk indicators are out of the ordinary and should be watched.",                                         \
        "{1} 项关键风险指标中有 {0} 项异常，应予关注。")                                                                         \
    X(RULE_DEV_01, "rule_dev_01", "Important deviations not reported to the ethics committee",                                   \
        "重要方案偏离未报告伦理委员会")                                                                                          \
    X(RULE_DEV_01_STATEMENT, "rule_dev_01_statement",                                                                            \
        "For {0} of {1} important deviations no report to the ethics committee is recorded.",                                    \
        "{1} 项重要方案偏离中，有 {0} 项无报告伦理委员会的记录。")                                                               \
    X(RULE_DEV_02, "rule_dev_02", "Undated deviations", "方案偏离无日期")                                                        \
    X(RULE_DEV_02_STATEMENT, "rule_dev_02_statement",                                                                            \
        "{0} of {1} deviations have no date of occurrence: they cannot be placed in the course "                                 \
        "of the trial.",                                                                                                         \
        "{1} 项方案偏离中有 {0} 项无发生日期，无法确定其在试验过程中的时间。")                                                   \
    X(RULE_DEV_03, "rule_dev_03", "Important deviations without CAPA", "重要方案偏离无 CAPA")                                    \
    X(RULE_DEV_03_STATEMENT, "rule_dev_03_statement",                                                                            \
        "Important deviations for which no corrective or preventive action is recorded: {0}.",                                   \
        "{0} 项重要方案偏离未记录纠正与预防措施。")                                                                              \
    X(RULE_DEV_04, "rule_dev_04", "Pattern of important deviations", "重要方案偏离反复发生")                                     \
    X(RULE_DEV_04_STATEMENT, "rule_dev_04_statement",                                                                            \
        "{0} important deviations recur within one category (up to {1} in one): a systematic "                                   \
        "cause is likely.",                                                                                                      \
        "{0} 项重要方案偏离在同一类别中反复发生（单一类别最多 {1} 项），可能存在系统性原因。")                                   \
    X(RULE_SAE_01, "rule_sae_01", "Serious adverse events reported after 24 h",                                                  \
        "严重不良事件超过 24 小时报告")                                                                                          \
    X(RULE_SAE_01_STATEMENT, "rule_sae_01_statement",                                                                            \
        "{0} of {1} serious adverse events were not reported to the sponsor within 24 hours of "                                 \
        "the site's awareness; {2} of them were life-threatening or fatal.",                                                     \
        "{1} 例严重不良事件中有 {0} 例未在中心获知后 24 小时内报告申办者，其中 {2} "                 \
        "例危及生命或致死。")                                                                                                    \
    X(RULE_SAE_02, "rule_sae_02", "Serious adverse events missing in the CTMS",                                                  \
        "CTMS 中缺失严重不良事件")                                                                                               \
    X(RULE_SAE_02_STATEMENT, "rule_sae_02_statement",                                                                            \
        "{0} of {1} serious adverse events in the EDC have no report in the CTMS.",                                              \
        "EDC 中的 {1} 例严重不良事件有 {0} 例在 CTMS 中无对应报告。")                                                            \
    X(RULE_SAE_03, "rule_sae_03", "Reported serious adverse events missing in the EDC",                                          \
        "EDC 中缺失已报告的严重不良事件")                                                                                        \
    X(RULE_SAE_03_STATEMENT, "rule_sae_03_statement",                                                                            \
        "{0} of {1} reports in the CTMS have no serious adverse event in the EDC.",                                              \
        "CTMS 中的 {1} 份报告有 {0} 份在 EDC 中无对应的严重不良事件。")                                                          \
    X(RULE_SAE_04, "rule_sae_04", "SUSARs reported late to the authority",                                                       \
        "SUSAR 未按时报告监管机构")                                                                                              \
    X(RULE_SAE_04_STATEMENT, "rule_sae_04_statement",                                                                            \
        "{0} of {1} suspected unexpected serious adverse reactions did not reach the authority "                                 \
        "within 15 days (7 days if life-threatening or fatal) of the sponsor's awareness.",                                      \
        "{1} 例可疑且非预期严重不良反应中有 {0} 例未在申办者获知后 15 天（危及生命或致死者 7 " \
        "天）内报告监管机构。")                                                                                                  \
    X(RULE_SAE_05, "rule_sae_05", "Awareness differs between EDC and CTMS",                                                      \
        "EDC 与 CTMS 获知时间不一致")                                                                                            \
    X(RULE_SAE_05_STATEMENT, "rule_sae_05_statement",                                                                            \
        "Serious adverse events whose time of awareness differs by more than a day between EDC "                                 \
        "and CTMS: {0}.",                                                                                                        \
        "{0} 例严重不良事件的获知时间在 EDC 与 CTMS 之间相差超过一天。")                                                         \
    X(RULE_AE_01, "rule_ae_01", "Adverse events entered late", "不良事件录入延迟")                                               \
    X(RULE_AE_01_STATEMENT, "rule_ae_01_statement",                                                                              \
        "{0} of {1} adverse events were entered more than {2} days after the site knew of them.",                                \
        "{1} 例不良事件中有 {0} 例在中心获知超过 {2} 天后才录入。")                                                              \
    X(RULE_DQ_01, "rule_dq_01", "Late data entry", "数据录入延迟")                                                               \
    X(RULE_DQ_01_STATEMENT, "rule_dq_01_statement",                                                                              \
        "{0} of {1} pages ({2}) were entered more than {3} days after the visit.",                                               \
        "{1} 页中有 {0} 页（{2}）在访视超过 {3} 天后才录入。")                                                                   \
    X(RULE_DQ_02, "rule_dq_02", "Queries outstanding", "质疑长期未关闭")                                                         \
    X(RULE_DQ_02_STATEMENT, "rule_dq_02_statement",                                                                              \
        "{0} of {1} queries have not been closed for more than {2} days.",                                                       \
        "{1} 条质疑中有 {0} 条超过 {2} 天未关闭。")                                                                              \
    X(RULE_DQ_03, "rule_dq_03", "Missing pages", "病例报告表页缺失")                                                             \
    X(RULE_DQ_03_STATEMENT, "rule_dq_03_statement",                                                                              \
        "{0} of {1} expected pages are missing, {2} of them of critical forms.",                                                 \
        "{1} 个应录入的页中有 {0} 个缺失，其中关键表单 {2} 页。")                                                                \
    X(RULE_DQ_04, "rule_dq_04", "High data change rate", "数据修改率偏高")                                                       \
    X(RULE_DQ_04_STATEMENT, "rule_dq_04_statement",                                                                              \
        "{0} of {1} data points ({2}) were changed after entry. Source documents and entry "                                     \
        "practice should be reviewed.",                                                                                          \
        "{1} 个数据点中有 {0} 个（{2}）在录入后被修改。应审查源文件与录入操作。")                                                \
    X(RULE_DQ_05, "rule_dq_05", "Pages locked without the investigator's signature",                                             \
        "未经研究者签名即锁定")                                                                                                  \
    X(RULE_DQ_05_STATEMENT, "rule_dq_05_statement",                                                                              \
        "{0} of {1} locked pages were not signed by the investigator.",                                                          \
        "{1} 个已锁定的页中有 {0} 个未经研究者签名。")                                                                           \
    X(RULE_SDV_01, "rule_sdv_01", "Critical pages not verified", "关键页未完成源数据核查")                                       \
    X(RULE_SDV_01_STATEMENT, "rule_sdv_01_statement",                                                                            \
        "{0} of {1} pages of critical forms were not fully verified against source within {3} "                                  \
        "days of their entry; coverage is {2}.",                                                                                 \
        "{1} 个关键表单页中有 {0} 个未在录入后 {3} 天内完成源数据核查，覆盖率为 {2}。")
