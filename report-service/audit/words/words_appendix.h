/* Words of the appendices, of regrading and of the effect of earlier findings. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_APPENDIX_TABLE(X)                                                                                                                \
    X(APPENDIX, "appendix", "Appendix {0}", "附录 {0}")                                                                                        \
    X(SECTION_APPENDIX_SUBJECTS, "section_appendix_subjects", "Subject listing", "受试者清单")                                                 \
    X(SECTION_APPENDIX_EVIDENCE, "section_appendix_evidence", "Findings with evidence",                                                        \
        "发现及其证据")                                                                                                                        \
    X(SECTION_APPENDIX_INDICATORS, "section_appendix_indicators", "Definitions of the indicators",                                             \
        "指标定义")                                                                                                                            \
    X(SECTION_APPENDIX_GLOSSARY, "section_appendix_glossary", "Grading and glossary",                                                          \
        "分级说明与术语表")                                                                                                                    \
    X(APPENDIX_BLINDED, "appendix_blinded",                                                                                                    \
        "This report is blinded: treatment arm and randomisation number are not in it.",                                                       \
        "本报告为盲态：不含治疗组别和随机号。")                                                                                                \
    X(APPENDIX_UNBLINDED, "appendix_unblinded",                                                                                                \
        "This report is unblinded: it holds treatment arm and randomisation number and is for "                                                \
        "unblinded persons only.",                                                                                                             \
        "本报告为非盲态：含治疗组别和随机号，仅供非盲人员使用。")                                                                              \
    X(HEAD_CONSENT, "head_consent", "Consent", "知情同意")                                                                                     \
    X(HEAD_FORMULA, "head_formula", "Formula", "公式")                                                                                         \
    X(HEAD_UNIT, "head_unit", "Shown per", "显示单位")                                                                                         \
    X(FORMULA_RATE, "formula_rate", "rate", "率")                                                                                              \
    X(FORMULA_PROPORTION, "formula_proportion", "proportion", "比例")                                                                          \
    X(FORMULA_MEAN, "formula_mean",                                                                                                            \
        "For a site, m is numerator divided by denominator n. For the study, μ is the sum of the "                                            \
        "numerators of all sites divided by the sum of their denominators.",                                                                   \
        "对某一中心，m 为分子除以分母 n；对全研究，μ 为所有中心分子之和除以分母之和。")                                                        \
    X(FORMULA_SCORES, "formula_scores",                                                                                                        \
        "The score of a rate is z = (m − μ) / √(φ · μ / n); the score of a proportion is z = (m "                                      \
        "− μ) / √(φ · μ · (1 − μ) / n).",                                                                                                      \
        "率的得分 z = (m − μ) / √(φ · μ / n)；比例的得分 z = (m − μ) / √(φ · μ · (1 − μ) / n)。")                                              \
    X(FORMULA_DISPERSION, "formula_dispersion",                                                                                                \
        "φ, the overdispersion, is the mean over all sites of the squared score that φ = 1 would "                                           \
        "give.",                                                                                                                               \
        "φ（过度离散系数）为取 φ = 1 时所有中心得分平方的均值。")                                                                              \
    X(FORMULA_FLAGS, "formula_flags",                                                                                                          \
        "A score below a low threshold, or at or above a high one, raises a flag: one threshold "                                              \
        "passed is to be watched, two are far from the study.",                                                                                \
        "得分低于下限阈值，或达到及超过上限阈值时产生标识：超过一个阈值应予关注，超过两个阈值为显" \
        "著偏离。")                                                                                                                            \
    X(FORMULA_SILENT, "formula_silent",                                                                                                        \
        "There is no score where the site's denominator is under the minimum, where μ is 0 (or 1 "                                            \
        "for a proportion), or where φ is 0; the report then says which.",                                                                     \
        "若中心分母低于下限、μ 为 0（比例为 1）或 φ 为 0，则不计算得分，并在报告中说明原因。")                                                 \
    X(HEAD_ABBREVIATION, "head_abbreviation", "Abbreviation", "缩写")                                                                          \
    X(HEAD_RESPONSE, "head_response", "Response expected", "要求的应对")                                                                       \
    X(GLOSSARY_GRADING, "glossary_grading",                                                                                                    \
        "Findings are graded after the EMA's procedure for reporting GCP inspections. A person "                                               \
        "may grade a finding otherwise, with a reason; the report then shows both grades.",                                                    \
        "发现按 EMA 的 GCP 检查报告程序分级。人员可附理由重新分级，报告将同时显示两个分级。")                                                  \
    X(RESPONSE_CRITICAL, "response_critical", "immediate action, and a root cause analysis",                                                   \
        "立即采取措施并进行根本原因分析")                                                                                                      \
    X(RESPONSE_MAJOR, "response_major", "corrective and preventive action with due dates",                                                     \
        "制定附期限的纠正与预防措施")                                                                                                          \
    X(RESPONSE_MINOR, "response_minor", "correction in the ordinary course", "按常规流程纠正")                                                 \
    X(RESPONSE_RECOMMENDATION, "response_recommendation",                                                                                      \
        "consideration; no response is required", "予以考虑，无须书面回复")                                                                    \
    X(TABLE_TERMS, "table_terms", "Abbreviations", "缩写")                                                                                     \
    X(TERM_AE, "term_ae", "adverse event", "不良事件")                                                                                         \
    X(TERM_CAPA, "term_capa", "corrective and preventive action", "纠正与预防措施")                                                            \
    X(TERM_CTMS, "term_ctms", "clinical trial management system", "临床试验管理系统")                                                          \
    X(TERM_EDC, "term_edc", "electronic data capture", "电子数据采集系统")                                                                     \
    X(TERM_EPRO, "term_epro", "electronic patient-reported outcome", "电子患者报告结局")                                                       \
    X(TERM_GCP, "term_gcp", "good clinical practice", "药物临床试验质量管理规范")                                                              \
    X(TERM_IEC, "term_iec", "independent ethics committee", "独立伦理委员会")                                                                  \
    X(TERM_ISF, "term_isf", "investigator site file", "研究者文件夹")                                                                          \
    X(TERM_KRI, "term_kri", "key risk indicator", "关键风险指标")                                                                              \
    X(TERM_PI, "term_pi", "principal investigator", "主要研究者")                                                                              \
    X(TERM_SAE, "term_sae", "serious adverse event", "严重不良事件")                                                                           \
    X(TERM_SDV, "term_sdv", "source data verification", "源数据核查")                                                                          \
    X(TERM_SUSAR, "term_susar", "suspected unexpected serious adverse reaction",                                                               \
        "可疑且非预期严重不良反应")                                                                                                            \
    X(TERM_TMF, "term_tmf", "trial master file", "试验主文件")                                                                                 \
    X(HEAD_SECTION, "head_section", "Section", "章节")                                                                                         \
    X(HEAD_TABLE, "head_table", "Table", "表")                                                                                                 \
    X(HEAD_ROW, "head_row", "Row", "行")                                                                                                       \
    X(HEAD_DETAIL, "head_detail", "Detail", "内容")                                                                                            \
    X(TABLE_EVIDENCE, "table_evidence", "Evidence", "证据")                                                                                    \
    X(EVIDENCE_METHOD, "evidence_method",                                                                                                      \
        "Of each finding the first {0} rows are listed with their first cells; code and number "                                               \
        "lead to the finding and to the rows, which lead back.",                                                                               \
        "每项发现列出前 {0} 行及其首列内容；编号与条数可跳转至发现和证据行，证据行可跳转返回。")                                               \
    X(EVIDENCE_NO_ROWS, "evidence_no_rows", "The finding rests on counts; see its section.",                                                   \
        "该发现基于统计数，参见相应章节。")                                                                                                    \
    X(GRADE_BY_RULE, "grade_by_rule", "by rule", "按规则")                                                                                     \
    X(GRADE_MINOR_OR_MAJOR, "grade_minor_or_major", "Minor or major", "次要或主要")                                                            \
    X(GRADE_MAJOR_OR_CRITICAL, "grade_major_or_critical", "Major or critical", "主要或严重")                                                   \
    X(HEAD_OLD_GRADE, "head_old_grade", "Old grade", "原分级")                                                                                 \
    X(TABLE_REGRADE_HISTORY, "table_regrade_history", "Regrades by persons", "人员重新分级记录")                                               \
    X(NO_REGRADES, "no_regrades", "No finding was graded otherwise than by its rule.",                                                         \
        "无重新分级的发现。")                                                                                                                  \
    X(REGRADE_IN_FORCE, "regrade_in_force", "in force", "有效")                                                                                \
    X(REGRADE_SUPERSEDED, "regrade_superseded", "superseded by a later one", "已被后续分级取代")                                               \
    X(REGRADE_NO_FINDING, "regrade_no_finding", "no such finding in this report",                                                              \
        "本报告无此发现")                                                                                                                      \
    X(TABLE_EFFECTIVENESS, "table_effectiveness", "Effectiveness of CAPA", "CAPA 有效性")                                                      \
    X(HEAD_EFFECT, "head_effect", "Effect", "有效性")                                                                                          \
    X(HEAD_NOW, "head_now", "Grade now", "本次分级")                                                                                           \
    X(EFFECT_REPEATED, "effect_repeated", "not effective: found again", "无效：再次发现")                                                      \
    X(EFFECT_HELD, "effect_held", "effective: not found again", "有效：未再发现")                                                              \
    X(EFFECT_OPEN, "effect_open", "not found now; CAPA still open", "本次未发现；CAPA 尚未关闭")                                               \
    X(EFFECT_NOT_EXAMINED, "effect_not_examined", "not examined in this report", "本报告未审查")                                               \
    X(EFFECT_NO_RULE, "effect_no_rule", "cannot be judged: no rule of this code",                                                              \
        "无法判断：无此编号的规则")                                                                                                            \
    X(OPEN_FINDINGS, "open_findings", "Previous findings open", "未关闭的既往发现")                                                            \
    X(OVERDUE_CAPAS, "overdue_capas", "CAPA overdue", "CAPA 逾期")                                                                             \
    X(REPEAT_FINDINGS, "repeat_findings", "Repeat findings", "重复发现")                                                                       \
    X(OPEN_ACTIONS, "open_actions", "Action items open", "未关闭的行动项")                                                                     \
    X(OVERDUE_ACTIONS, "overdue_actions", "Action items overdue", "逾期行动项")                                                                \
    X(OLDEST_OVERDUE, "oldest_overdue", "Longest overdue (d)", "最长逾期（天）")                                                               \
    X(SNAPSHOTS_AGREE, "snapshots_agree",                                                                                                      \
        "The sources are of the same day, or of days next to each other.",                                                                     \
        "各数据来源的时间相同或相差不超过一天。")                                                                                              \
    X(SNAPSHOTS_DIFFER, "snapshots_differ",                                                                                                    \
        "The sources are not of the same time: {0} is as of {1}, {2} as of {3}, {4} days apart. "                                              \
        "Numbers of one source may not agree with those of the other.",                                                                        \
        "各数据来源的时间不同：{0} 截至 {1}，{2} 截至 {3}，相差 {4} "                                                       \
        "天。不同来源的数字可能不一致。")                                                                                                      \
    X(TABLE_AUDITS, "table_audits", "Audits of the site", "本中心的稽查")                                                                      \
    X(AUDIT_ROUTINE, "audit_routine", "routine", "常规稽查")                                                                                   \
    X(AUDIT_FOR_CAUSE, "audit_for_cause", "for cause", "有因稽查")                                                                             \
    X(AUDIT_SYSTEM, "audit_system", "system", "系统稽查")                                                                                      \
    X(DATA_END_EARLIER, "data_end_earlier",                                                                                                    \
        "The data end on {0}, {1} days before the day of this report. What happened "                                                          \
        "since is not in them, and what they show as open or overdue may have been done.",                                                     \
        "数据截至 {0}，比本报告的日期早 {1} "                                                                                     \
        "天：此后发生的事项均未包含在内，数据中显示为未关闭或逾期的事项可能已经完成。")                                                        \
    X(SNAPSHOTS_UNKNOWN, "snapshots_unknown",                                                                                                  \
        "Not every source says when it is from: whether they are of the same time is not known.",                                              \
        "并非所有数据来源均注明时间，无法判断其时间是否一致。")
