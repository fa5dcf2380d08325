/* What can be wrong with a response: kinds, how grave each is, and their words in two languages.
 *
 *     printf("%s %s: %s", epro_issue_word(issue->kind), issue->link_id, issue->text);
 *     is_out = epro_issue_rejects(issue->kind);
 *
 * Not here: finding them (validate.c). */
#ifndef WALKIE_EPRO_ISSUE_H
#define WALKIE_EPRO_ISSUE_H

#include <stdbool.h>

enum epro_language { EPRO_EN, EPRO_ZH_CN };
enum { EPRO_LANGUAGES = 2 };

/* X(name, word, rejects the response, English, Chinese). The texts are templates: {0} and {1} stand
 * for what epro/README.md lists beside each kind. */
#define EPRO_ISSUES(X)                                                                             \
    X(MALFORMED, "malformed", true, "not a readable QuestionnaireResponse: {0}",                   \
        "不是可读的 QuestionnaireResponse：{0}")                                                   \
    X(UNKNOWN_INSTRUMENT, "unknown_instrument", true, "no instrument is known as \"{0}\"",         \
        "未知的量表“{0}”")                                                                         \
    X(WRONG_PATIENT, "wrong_patient", true, "its subject is \"{0}\", not this patient",            \
        "其受试者为“{0}”，不是本患者")                                                             \
    X(UNFINISHED, "unfinished", true, "its status is \"{0}\": only completed and amended count",   \
        "状态为“{0}”：只接受 completed 和 amended")                                                \
    X(ENTERED_IN_ERROR, "entered_in_error", true,                                                  \
        "entered in error: what is stored of it must be corrected by a person",                    \
        "误录入：已存储的内容须由人工更正")                                                        \
    X(BAD_DATE, "bad_date", true,                                                                  \
        "\"{0}\" is no complete date after 1970-01-01, or a time without a zone",                  \
        "“{0}”不是 1970-01-01 之后的完整日期，或时间缺少时区")                                     \
    X(FUTURE, "future", true, "authored at {0}, which is in the future", "填写时间 {0} 在未来")    \
    X(DUPLICATE_RESPONSE, "duplicate_response", true, "there is a response already: {0}",          \
        "已有答卷：{0}")                                                                           \
    X(DUPLICATE_ITEM, "duplicate_item", true, "item {0} is answered more than once",               \
        "条目 {0} 有多个答案")                                                                     \
    X(OUT_OF_RANGE, "out_of_range", true, "{0} is not an answer of item {1}",                      \
        "{0} 不在条目 {1} 的取值范围内")                                                           \
    X(WRONG_KIND, "wrong_kind", true, "the answer of item {0} is of the wrong kind: {1}",          \
        "条目 {0} 的答案类型错误：{1}")                                                            \
    X(CONTRADICTORY_ANSWER, "contradictory_answer", true,                                          \
        "code, words and weight of the answer of item {0} say different things",                   \
        "条目 {0} 答案的代码、文字与权重相互矛盾")                                                 \
    X(UNKNOWN_ITEM, "unknown_item", false, "{1} has no item \"{0}\": it is left out",              \
        "{1} 没有条目“{0}”：已忽略")                                                               \
    X(MISSING_ITEM, "missing_item", false, "item {0} is not answered", "条目 {0} 未作答")          \
    X(NOT_SCORABLE, "not_scorable", false, "no score: {0} items are missing, {1} may be",          \
        "无法计分：缺失 {0} 个条目，最多允许 {1} 个")                                              \
    X(EARLY, "early", false, "{0} days before the window of {1}", "早于 {1} 的窗口 {0} 天")        \
    X(LATE, "late", false, "{0} days after the window of {1}", "晚于 {1} 的窗口 {0} 天")           \
    X(UNSCHEDULED, "unscheduled", false, "nothing was due around {0}", "{0} 前后没有应答计划")     \
    X(UNDATED, "undated", false, "it does not say when it was filled in: taken as received now",   \
        "未注明填写时间：按收到时间计")                                                            \
    X(TOTAL_DIFFERS, "total_differs", false, "it says {0}, its items come to {1}",                 \
        "答卷所报总分为 {0}，按条目计算为 {1}")

enum epro_issue_kind {
#define EPRO_ISSUE_ENUM(name, word, rejects, english, chinese) EPRO_ISSUE_##name,
    EPRO_ISSUES(EPRO_ISSUE_ENUM)
#undef EPRO_ISSUE_ENUM
        EPRO_ISSUE_KINDS
};

struct epro_issue {
    enum epro_issue_kind kind;
    const char *link_id; /* as the response has it; NULL: of the whole response */
    const char *text;    /* in the request's language */
};

/* "out_of_range". Static storage. */
const char *epro_issue_word(enum epro_issue_kind kind);

/* Whether a response with it is not stored; otherwise it is, with this flag in the answer. */
bool epro_issue_rejects(enum epro_issue_kind kind);

/* The template. Static storage. */
const char *epro_issue_template(enum epro_issue_kind kind, enum epro_language language);

#endif
