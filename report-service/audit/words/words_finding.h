/* Areas and statements of findings, one row a rule. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_FINDING_TABLE(X) X(AREA_DATA_QUALITY, "data_quality", "Data quality", "数据质量")
