/* The words of the report in every language it speaks: one table, one row a word, so that no text
 * exists in one language only. Rows live in words_*.h, one file an area.
 *
 *     word_text(WORD_GRADE_MAJOR, LANGUAGE_ZH_CN)      "主要"
 *     word_id(WORD_GRADE_MAJOR)                        "grade_major", the JSON's value
 *
 * Templates hold {0} … {5}. Not here: data (names in any script pass through untouched). */
#ifndef WALKIE_AUDIT_WORDS_H
#define WALKIE_AUDIT_WORDS_H

#include "audit/words/words_appendix.h"
#include "audit/words/words_crf.h"
#include "audit/words/words_document.h"
#include "audit/words/words_export.h"
#include "audit/words/words_finding.h"
#include "audit/words/words_finding_drug.h"
#include "audit/words/words_finding_lab.h"
#include "audit/words/words_finding_sitefile.h"
#include "audit/words/words_finding_subject.h"
#include "audit/words/words_finding_trail.h"
#include "audit/words/words_head.h"
#include "audit/words/words_kri.h"
#include "audit/words/words_section.h"
#include "audit/words/words_section_drug.h"
#include "audit/words/words_section_lab.h"
#include "audit/words/words_section_sitefile.h"
#include "audit/words/words_section_subject.h"
#include "audit/words/words_section_trail.h"
#include "audit/words/words_vocabulary.h"

enum language { LANGUAGE_EN, LANGUAGE_ZH_CN };
enum { LANGUAGE_COUNT = 2 };

/* X(NAME, id, English, 简体中文) */
#define WORDS_TABLE(X)                                                                             \
    X(NONE, "none", "", "")                                                                        \
    WORDS_DOCUMENT_TABLE(X)                                                                        \
    WORDS_EXPORT_TABLE(X)                                                                          \
    WORDS_SECTION_TABLE(X)                                                                         \
    WORDS_SECTION_LAB_TABLE(X)                                                                     \
    WORDS_HEAD_TABLE(X)                                                                            \
    WORDS_KRI_TABLE(X)                                                                             \
    WORDS_VOCABULARY_TABLE(X)                                                                      \
    WORDS_FINDING_TABLE(X)                                                                         \
    WORDS_SECTION_SUBJECT_TABLE(X)                                                                 \
    WORDS_FINDING_SUBJECT_TABLE(X)                                                                 \
    WORDS_FINDING_LAB_TABLE(X)                                                                     \
    WORDS_APPENDIX_TABLE(X)                                                                        \
    WORDS_SECTION_SITEFILE_TABLE(X)                                                                \
    WORDS_FINDING_SITEFILE_TABLE(X)                                                                \
    WORDS_SECTION_DRUG_TABLE(X)                                                                    \
    WORDS_FINDING_DRUG_TABLE(X)                                                                    \
    WORDS_SECTION_TRAIL_TABLE(X)                                                                   \
    WORDS_FINDING_TRAIL_TABLE(X)                                                                   \
    WORDS_CRF_TABLE(X)

enum word {
#define WORD_ENUM(name, id, english, chinese) WORD_##name,
    WORDS_TABLE(WORD_ENUM)
#undef WORD_ENUM
        WORD_COUNT
};

/* Static storage. */
const char *word_text(enum word word, enum language language);
const char *word_id(enum word word);

/* "en", "zh-CN" (also "zh"). Returns 0 when the tag is none of them. */
int language_parse(const char *tag, enum language *ret_language);
const char *language_tag(enum language language);

#endif
