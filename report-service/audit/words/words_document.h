/* Words that the document itself needs: cover, page furniture, cell forms, grades. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_DOCUMENT_TABLE(X)                                                                    \
    X(REPORT_TITLE, "report_title", "Site Audit Report", "研究中心稽查报告")                       \
    X(CONTENTS, "contents", "Contents", "目录")                                                    \
    X(PAGE_OF, "page_of", "Page {0} of {1}", "第 {0} 页 / 共 {1} 页")                              \
    X(DRAFT, "draft", "DRAFT", "草稿")                                                             \
    X(FINAL, "final", "FINAL", "终稿")                                                             \
    X(STUDY, "study", "Study", "研究方案")                                                         \
    X(SITE, "site", "Site", "研究中心")                                                            \
    X(NO_ROWS, "no_rows", "No rows.", "无记录。")                                                  \
    X(NOT_PROVIDED_BY, "not_provided_by", "not provided by {0}", "{0} 未提供")                     \
    X(CONTINUED, "continued", "continued", "续")                                                   \
    X(YES, "yes", "yes", "是")                                                                     \
    X(NO, "no", "no", "否")                                                                        \
    X(GRADE_CRITICAL, "critical", "Critical", "严重")                                              \
    X(GRADE_MAJOR, "major", "Major", "主要")                                                       \
    X(GRADE_MINOR, "minor", "Minor", "次要")                                                       \
    X(GRADE_RECOMMENDATION, "recommendation", "Recommendation", "建议")
