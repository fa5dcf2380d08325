/* Section titles, table heads, labels and sentences of the sections. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_SECTION_TABLE(X) X(SECTION_SUMMARY, "summary", "Summary", "摘要")
