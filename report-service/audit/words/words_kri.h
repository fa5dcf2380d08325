/* Key risk indicators: names, what is counted, outcomes, flags. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_KRI_TABLE(X)                                                                                                                     \
    X(INDICATORS_METHOD, "indicators_method",                                                                                                  \
        "Each indicator is the site's rate against that of all {0} sites of the study. The score "                                             \
        "is the distance in standard errors, corrected for overdispersion; a site with too small "                                             \
        "a denominator is not scored. Rates are given per 100 of the denominator, proportions in "                                             \
        "per cent.",                                                                                                                           \
        "各指标将本中心的比率与全研究 {0} "                                                                                      \
        "个中心的比率进行比较。得分为经过度离散校正的标准误倍数；分母过小的中心不予评分。比率按每" \
        " 100 个分母单位表示，比例以百分数表示。")                                                                                             \
    X(TABLE_INDICATORS, "table_indicators", "Indicators of the site", "本中心指标")                                                            \
    X(TABLE_DEFINITIONS, "table_definitions", "Definitions of the indicators", "指标定义")                                                     \
    X(TABLE_INDICATOR_STUDY, "table_indicator_study", "The study's values", "全研究数值")                                                      \
    X(HEAD_DISPERSION, "head_dispersion", "Dispersion φ", "离散度 φ")                                                                          \
    X(HEAD_SITES_RATED, "head_sites_rated", "Sites with data", "有数据的中心")                                                                 \
    X(HEAD_SITES_SCORED, "head_sites_scored", "Sites scored", "已评分的中心")                                                                  \
    X(HEAD_FLAG_BEFORE, "head_flag_before", "Flag before", "原标识")                                                                           \
    X(HEADING_FUNNELS, "heading_funnels", "Among all sites, and over time",                                                                    \
        "与各中心比较及随时间变化")                                                                                                            \
    X(CHART_OVER_TIME, "chart_over_time", "Over time", "随时间变化")                                                                           \
    X(HEADING_TREND, "heading_trend", "Trend", "趋势")                                                                                         \
    X(TREND_METHOD, "trend_method",                                                                                                            \
        "The site's indicators as of the ends of the last quarters and as of the day of this "                                                 \
        "report. Each value is the one that a report of that day shows: it counts everything up "                                              \
        "to and including the day, and is scored against all sites as of the same day.",                                                       \
        "本中心各指标在最近各季度末及本报告日的数值。每个数值均与该日报告所示一致：统计截至该日（" \
        "含当日）的全部数据，并与同日的所有中心进行比较评分。")                                                                                \
    X(CHART_ALL_FLAGS, "chart_all_flags", "Flags of all sites", "各中心指标标识")                                                              \
    X(CHART_TREND_FLAGS, "chart_trend_flags", "Flags of the site by quarter",                                                                  \
        "本中心各季度指标标识")                                                                                                                \
    X(TABLE_FLAG_CHANGES, "table_flag_changes", "Changes of flags", "标识变化")                                                                \
    X(NO_FLAG_CHANGES, "no_flag_changes", "No flag changed in this time.", "此期间标识无变化。")                                               \
    X(THE_STUDY, "the_study", "The study", "全研究")                                                                                           \
    X(THIS_SITE, "this_site", "This site", "本中心")                                                                                           \
    X(SITES, "sites", "Sites", "研究中心")                                                                                                     \
    X(RATE_PER_100, "rate_per_100", "Rate per 100", "每 100 单位的比率")                                                                       \
    X(FLAG_LOW_LOW, "flag_low_low", "very low (−2)", "极低 (−2)")                                                                              \
    X(FLAG_LOW, "flag_low", "low (−1)", "偏低 (−1)")                                                                                           \
    X(FLAG_NONE, "flag_none", "none (0)", "无 (0)")                                                                                            \
    X(FLAG_HIGH, "flag_high", "high (+1)", "偏高 (+1)")                                                                                        \
    X(FLAG_HIGH_HIGH, "flag_high_high", "very high (+2)", "极高 (+2)")                                                                         \
    X(KRI_TOO_FEW, "kri_too_few", "too few data", "数据过少")                                                                                  \
    X(KRI_NO_EVENTS, "kri_no_events", "no event in the study", "全研究无事件")                                                                 \
    X(KRI_ALL_EVENTS, "kri_all_events", "every unit in the study", "全研究均发生")                                                             \
    X(KRI_NO_SPREAD, "kri_no_spread", "no spread between sites", "各中心无差异")                                                               \
    X(KRI_AE_RATE, "kri_ae_rate", "Adverse event rate", "不良事件率")                                                                          \
    X(KRI_AE_RATE_NUMERATOR, "kri_ae_rate_numerator", "Adverse events", "不良事件数")                                                          \
    X(KRI_AE_RATE_DENOMINATOR, "kri_ae_rate_denominator", "Days on study", "在研天数")                                                         \
    X(KRI_SAE_RATE, "kri_sae_rate", "Serious adverse event rate", "严重不良事件率")                                                            \
    X(KRI_SAE_RATE_NUMERATOR, "kri_sae_rate_numerator", "Serious adverse events",                                                              \
        "严重不良事件数")                                                                                                                      \
    X(KRI_SAE_RATE_DENOMINATOR, "kri_sae_rate_denominator", "Days on study", "在研天数")                                                       \
    X(KRI_DEVIATION_RATE, "kri_deviation_rate", "Non-important deviation rate", "一般方案偏离率")                                              \
    X(KRI_DEVIATION_RATE_NUMERATOR, "kri_deviation_rate_numerator", "Non-important deviations",                                                \
        "一般方案偏离数")                                                                                                                      \
    X(KRI_DEVIATION_RATE_DENOMINATOR, "kri_deviation_rate_denominator", "Days on study",                                                       \
        "在研天数")                                                                                                                            \
    X(KRI_IMPORTANT_DEVIATION_RATE, "kri_important_deviation_rate", "Important deviation rate",                                                \
        "重要方案偏离率")                                                                                                                      \
    X(KRI_IMPORTANT_DEVIATION_RATE_NUMERATOR, "kri_important_deviation_rate_numerator",                                                        \
        "Important deviations", "重要方案偏离数")                                                                                              \
    X(KRI_IMPORTANT_DEVIATION_RATE_DENOMINATOR, "kri_important_deviation_rate_denominator",                                                    \
        "Days on study", "在研天数")                                                                                                           \
    X(KRI_LAB_ABNORMALITY_RATE, "kri_lab_abnormality_rate", "Grade 3–4 lab abnormality rate",                                                  \
        "3–4 级实验室异常率")                                                                                                                  \
    X(KRI_LAB_ABNORMALITY_RATE_NUMERATOR, "kri_lab_abnormality_rate_numerator",                                                                \
        "Lab results of grade 3 or 4", "3 或 4 级的实验室结果数")                                                                              \
    X(KRI_LAB_ABNORMALITY_RATE_DENOMINATOR, "kri_lab_abnormality_rate_denominator",                                                            \
        "Graded lab results", "已分级的实验室结果数")                                                                                          \
    X(KRI_STUDY_DISCONTINUATION, "kri_study_discontinuation", "Study discontinuation rate",                                                    \
        "提前退出研究率")                                                                                                                      \
    X(KRI_STUDY_DISCONTINUATION_NUMERATOR, "kri_study_discontinuation_numerator",                                                              \
        "Subjects who left the study early", "提前退出研究的受试者数")                                                                         \
    X(KRI_STUDY_DISCONTINUATION_DENOMINATOR, "kri_study_discontinuation_denominator",                                                          \
        "Enrolled subjects", "入组受试者数")                                                                                                   \
    X(KRI_TREATMENT_DISCONTINUATION, "kri_treatment_discontinuation",                                                                          \
        "Treatment discontinuation rate", "提前终止治疗率")                                                                                    \
    X(KRI_TREATMENT_DISCONTINUATION_NUMERATOR, "kri_treatment_discontinuation_numerator",                                                      \
        "Subjects who stopped study drug early", "提前终止研究用药的受试者数")                                                                 \
    X(KRI_TREATMENT_DISCONTINUATION_DENOMINATOR, "kri_treatment_discontinuation_denominator",                                                  \
        "Treated subjects", "已用药受试者数")                                                                                                  \
    X(KRI_QUERY_RATE, "kri_query_rate", "Query rate", "质疑率")                                                                                \
    X(KRI_QUERY_RATE_NUMERATOR, "kri_query_rate_numerator", "Queries", "质疑数")                                                               \
    X(KRI_QUERY_RATE_DENOMINATOR, "kri_query_rate_denominator", "Data points", "数据点数")                                                     \
    X(KRI_OUTSTANDING_QUERY_RATE, "kri_outstanding_query_rate", "Outstanding query rate",                                                      \
        "逾期质疑率")                                                                                                                          \
    X(KRI_OUTSTANDING_QUERY_RATE_NUMERATOR, "kri_outstanding_query_rate_numerator",                                                            \
        "Queries not closed for > 30 d", "超过 30 天未关闭的质疑数")                                                                           \
    X(KRI_OUTSTANDING_QUERY_RATE_DENOMINATOR, "kri_outstanding_query_rate_denominator", "Queries",                                             \
        "质疑数")                                                                                                                              \
    X(KRI_OUTSTANDING_ENTRY_RATE, "kri_outstanding_entry_rate", "Outstanding data entry rate",                                                 \
        "延迟录入率")                                                                                                                          \
    X(KRI_OUTSTANDING_ENTRY_RATE_NUMERATOR, "kri_outstanding_entry_rate_numerator",                                                            \
        "Pages entered > 10 d after the visit", "访视后超过 10 天录入的页数")                                                                  \
    X(KRI_OUTSTANDING_ENTRY_RATE_DENOMINATOR, "kri_outstanding_entry_rate_denominator",                                                        \
        "Pages entered of dated visits", "有日期访视的已录入页数")                                                                             \
    X(KRI_DATA_CHANGE_RATE, "kri_data_change_rate", "Data change rate", "数据修改率")                                                          \
    X(KRI_DATA_CHANGE_RATE_NUMERATOR, "kri_data_change_rate_numerator", "Data points changed",                                                 \
        "已修改的数据点数")                                                                                                                    \
    X(KRI_DATA_CHANGE_RATE_DENOMINATOR, "kri_data_change_rate_denominator", "Data points",                                                     \
        "数据点数")                                                                                                                            \
    X(KRI_SCREEN_FAILURE_RATE, "kri_screen_failure_rate", "Screen failure rate", "筛选失败率")                                                 \
    X(KRI_SCREEN_FAILURE_RATE_NUMERATOR, "kri_screen_failure_rate_numerator", "Screen failures",                                               \
        "筛选失败例数")                                                                                                                        \
    X(KRI_SCREEN_FAILURE_RATE_DENOMINATOR, "kri_screen_failure_rate_denominator",                                                              \
        "Screened subjects", "筛选受试者数")
