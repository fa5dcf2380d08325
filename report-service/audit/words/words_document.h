/* Words that the document itself needs: cover, page furniture, cell forms, grades. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_DOCUMENT_TABLE(X)                                                                    \
    X(REPORT_TITLE, "report_title", "Site Audit Report", "研究中心稽查报告")                       \
    X(CONTENTS, "contents", "Contents", "目录")                                                    \
    X(PAGE_OF, "page_of", "Page {0} of {1}", "第 {0} 页 / 共 {1} 页")                              \
    X(DRAFT, "draft", "DRAFT", "草稿")                                                             \
    X(FINAL, "final", "FINAL", "终稿")                                                             \
    X(COVER_PROTOCOL, "cover_protocol", "Protocol", "方案编号")                                    \
    X(COVER_INVESTIGATOR, "cover_investigator", "Principal investigator", "主要研究者")            \
    X(COVER_COUNTRY, "cover_country", "Country", "国家/地区")                                      \
    X(COVER_PERIOD, "cover_period", "Period covered", "覆盖期间")                                  \
    X(COVER_AS_OF, "cover_as_of", "Data as of", "数据截止")                                        \
    X(COVER_REQUESTER, "cover_requester", "Requested by", "申请人")                                \
    X(COVER_TREATMENT_DATA, "cover_treatment_data", "Treatment data", "治疗分组数据")              \
    X(BLINDED, "blinded", "blinded", "盲态")                                                       \
    X(UNBLINDED, "unblinded", "unblinded", "非盲态")                                               \
    X(COVER_SOURCE, "cover_source", "Source", "数据来源")                                          \
    X(COVER_DATA_VERSION, "cover_data_version", "Data version", "数据版本")                        \
    X(COVER_HASH, "cover_hash", "Content hash (SHA-256 of the canonical data)",                    \
        "内容哈希值（规范数据的 SHA-256）")                                                        \
    X(COVER_AUDITOR, "cover_auditor", "Lead auditor", "稽查负责人")                                \
    X(COVER_SIGNING_INVESTIGATOR, "cover_signing_investigator", "For the site", "研究中心代表")    \
    X(COVER_SIGNATURE, "cover_signature", "Name and signature", "姓名与签名")                      \
    X(COVER_DATE, "cover_date", "Date", "日期")                                                    \
    X(COVER_NOTICE, "cover_notice",                                                                \
        "Compiled by Walkie from the sources above, as they were at the times shown. It is "       \
        "nobody's judgement until it is signed.",                                                  \
        "本报告由 Walkie 根据上列数据来源在所示时间的数据自动汇编；签署之前不代表任何人的判断。")  \
    X(CHART_CUMULATIVE, "chart_cumulative", "cumulative share", "累计占比")                        \
    X(LABEL_VALUE, "label_value", "{0}: {1}", "{0}：{1}")                                          \
    X(STUDY, "study", "Study", "研究方案")                                                         \
    X(SITE, "site", "Site", "研究中心")                                                            \
    X(NO_ROWS, "no_rows", "No rows.", "无记录。")                                                  \
    X(NOT_PROVIDED_BY, "not_provided_by", "not provided by {0}", "{0} 未提供")                     \
    X(CONTINUED, "continued", "continued", "续")                                                   \
    X(ROW_CONTINUES, "row_continues", "continues on the next page", "下页续")                      \
    X(YES, "yes", "yes", "是")                                                                     \
    X(NO, "no", "no", "否")                                                                        \
    X(GRADE_CRITICAL, "critical", "Critical", "严重")                                              \
    X(GRADE_MAJOR, "major", "Major", "主要")                                                       \
    X(GRADE_MINOR, "minor", "Minor", "次要")                                                       \
    X(GRADE_RECOMMENDATION, "recommendation", "Recommendation", "建议")
