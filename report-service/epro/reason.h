/* Why a response cannot be read, or why another is in its place: what some issues quote, in two
 * languages.
 *
 *     text = epro_reason_text(arena, EPRO_REASON_ANSWERS_MAX, EPRO_ZH_CN, "256", NULL);
 *
 * Not here: the issues themselves (issue.h). */
#ifndef WALKIE_EPRO_REASON_H
#define WALKIE_EPRO_REASON_H

#include "base/arena.h"
#include "epro/issue.h"

/* What helps when two of one day are both meant. */
#define EPRO_TIMES_EN "two of one day need their times in authored"
#define EPRO_TIMES_ZH "同一天的两份答卷须在 authored 中写明时间"
#define EPRO_AMEND_EN "an amendment needs the identifier of what it amends"
#define EPRO_AMEND_ZH "修订须带有被修订答卷的标识符"

/* X(name, English, Chinese): templates with {0} and {1}. */
#define EPRO_REASONS(X)                                                                            \
    X(NONE, "", "")                                                                                \
    X(METHOD, "its entry's request.method is neither POST nor PUT",                                \
        "其 entry 的 request.method 既不是 POST 也不是 PUT")                                       \
    X(TYPE, "its resourceType is {0}", "其 resourceType 为 {0}")                                   \
    X(TYPE_MISSING, "its resourceType is missing", "缺少 resourceType")                            \
    X(STATUS, "its status is {0}", "其 status 为 {0}")                                             \
    X(STATUS_MISSING, "its status is missing", "缺少 status")                                      \
    X(NO_TEXT, "{0} is no text of 1 to 255 bytes", "{0} 不是 1 至 255 字节的文本")                 \
    X(TWICE, "{0} is there more than once", "{0} 出现多次")                                        \
    X(SUBJECT, "subject is no reference, and has no identifier, of 1 to 255 bytes",                \
        "subject 没有 1 至 255 字节的 reference 或 identifier")                                    \
    X(ITEM_NO_ARRAY, "item is no array", "item 不是数组")                                          \
    X(NO_LINK_ID, "an item has no linkId of 1 to 255 bytes",                                       \
        "某个 item 没有 1 至 255 字节的 linkId")                                                   \
    X(ANSWER_NO_ARRAY, "an answer is no array", "某个 answer 不是数组")                            \
    X(ANSWER_NO_OBJECT, "an answer is no object", "某个 answer 的元素不是对象")                    \
    X(ANSWERS_MAX, "more than {0} answers", "答案多于 {0} 个")                                     \
    X(SEVERAL_VALUES, "more than one value", "有多个值")                                           \
    X(SAME_IDENTITY, "the same identifier or content as response {0}",                             \
        "标识符或内容与第 {0} 份答卷相同")                                                         \
    X(SAME_DUE_DATE, "the same instrument and due date as response {0}",                           \
        "量表和应答日期与第 {0} 份答卷相同")                                                       \
    X(SAME_TIME,                                                                                   \
        "nothing was due, and " EPRO_TIMES_EN "; the same instrument and time as response {0}",    \
        "没有应答计划，且" EPRO_TIMES_ZH "；量表和时间与第 {0} 份答卷相同")                        \
    X(OTHER_ANSWERS,                                                                               \
        "its identifier is stored with other answers; status amended would replace them",          \
        "该标识符已存有不同的答案；以 status 为 amended 提交可替换之")                             \
    X(TAKEN, "due {0}, submitted {1}", "应答日期 {0}，提交于 {1}")                                 \
    X(TAKEN_AMENDED, "due {0}, submitted {1}; " EPRO_AMEND_EN,                                     \
        "应答日期 {0}，提交于 {1}；" EPRO_AMEND_ZH)                                                \
    X(TAKEN_UNPLANNED, "submitted {0}, when nothing was due; " EPRO_TIMES_EN,                      \
        "提交于 {0}，当时没有应答计划；" EPRO_TIMES_ZH)                                            \
    X(TAKEN_UNPLANNED_AMENDED, "submitted {0}, when nothing was due; " EPRO_AMEND_EN,              \
        "提交于 {0}，当时没有应答计划；" EPRO_AMEND_ZH)

enum epro_reason {
#define EPRO_REASON_ENUM(name, english, chinese) EPRO_REASON_##name,
    EPRO_REASONS(EPRO_REASON_ENUM)
#undef EPRO_REASON_ENUM
        EPRO_REASONS_COUNT
};

/* Its words, with {0} and {1} filled in (NULL: nothing). NULL when out of memory. */
const char *epro_reason_text(struct arena *arena, enum epro_reason reason,
    enum epro_language language, const char *zero, const char *one);

/* A template with its places filled. NULL when out of memory. */
const char *epro_fill(struct arena *arena, const char *template, const char *zero, const char *one);

#endif
