/* What an item means: its CDASH or SDTM name to a field that the report knows, and the controlled
 * terminology of its values to the databases' words.
 *
 *     field = odm_map_name("AETERM");                       ODM_FIELD_AE_TERM
 *     word = odm_map_word(ODM_WORDS_OUTCOME, "RECOVERED/RESOLVED");     "recovered"
 *
 * ODM leaves the naming of items to the sponsor; CDASHIG 2.x and SDTMIG 3.x are what sponsors use.
 * One table of names and one of words (odm_map.c). Not here: what becomes of the values
 * (odm_facts.c). */
#ifndef WALKIE_IMPORT_ODM_MAP_H
#define WALKIE_IMPORT_ODM_MAP_H

#include <stddef.h>

enum odm_field_kind {
    ODM_FIELD_NONE,
    ODM_FIELD_SEX,
    ODM_FIELD_BIRTH,
    ODM_FIELD_CONSENT_DATE,
    ODM_FIELD_CONSENT_VERSION,
    ODM_FIELD_ENROLLED_DATE,
    ODM_FIELD_RANDOM_NUMBER,
    ODM_FIELD_ARM,
    ODM_FIELD_FIRST_DOSE,
    ODM_FIELD_LAST_DOSE,
    ODM_FIELD_DOSE_START,
    ODM_FIELD_DOSE_END,
    ODM_FIELD_LAST_SEEN,
    ODM_FIELD_VISIT_DATE,
    ODM_FIELD_DS_TERM,
    ODM_FIELD_DS_DATE,
    ODM_FIELD_DS_PHASE,
    ODM_FIELD_IE_MET,
    ODM_FIELD_IE_CODE,
    ODM_FIELD_IE_CATEGORY,
    ODM_FIELD_IE_RESULT,
    ODM_FIELD_AE_TERM,
    ODM_FIELD_AE_PREFERRED,
    ODM_FIELD_AE_CLASS,
    ODM_FIELD_AE_SEVERITY,
    ODM_FIELD_AE_GRADE,
    ODM_FIELD_AE_SERIOUS,
    ODM_FIELD_AE_RELATED,
    ODM_FIELD_AE_OUTCOME,
    ODM_FIELD_AE_START,
    ODM_FIELD_AE_END,
    ODM_FIELD_AE_SEQUENCE,
    ODM_FIELD_LAB_TEST,
    ODM_FIELD_LAB_TEST_NAME,
    ODM_FIELD_LAB_RESULT,
    ODM_FIELD_LAB_UNIT,
    ODM_FIELD_LAB_LOW,
    ODM_FIELD_LAB_HIGH,
    ODM_FIELD_LAB_FLAG,
    ODM_FIELD_LAB_GRADE,
    ODM_FIELD_LAB_DATE,
    ODM_FIELD_COUNT,
};

/* By an item's name or alias, in any case; a prefix up to the last '.' is passed over ("AE.AETERM",
 * "IT.AETERM"). NONE: no name that is known. */
enum odm_field_kind odm_map_name(const char *name);

/* The field's first name, for the summary: "AETERM". Static storage. */
const char *odm_map_field_name(enum odm_field_kind field);

enum odm_words {
    ODM_WORDS_SEX,
    ODM_WORDS_DISPOSITION, /* "completed", "enrolled", "screen_failed", "consented" or a reason */
    ODM_WORDS_SEVERITY,
    ODM_WORDS_RELATED,
    ODM_WORDS_OUTCOME,
    ODM_WORDS_FLAG,     /* of a laboratory result */
    ODM_WORDS_CATEGORY, /* inclusion, exclusion */
    ODM_WORDS_YES,      /* "1", "0" */
};

/* The databases' word for a value, in any case; NULL when the value is empty or unknown. */
const char *odm_map_word(enum odm_words words, const char *value);

#endif
