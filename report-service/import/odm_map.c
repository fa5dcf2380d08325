#include "import/odm_map.h"

#include <string.h>
#include <strings.h>

#include "base/attributes.h"

/* The one table of names. The first is the one that the summary prints. */
static const char *const NAMES[ODM_FIELD_COUNT][6] = {
    [ODM_FIELD_SEX] = {"SEX"},
    [ODM_FIELD_BIRTH] = {"BRTHDTC", "BRTHDAT", "BRTHYR", "BRTHYY", "BRTHDAT_YY"},
    [ODM_FIELD_CONSENT_DATE] = {"RFICDTC", "RFICDAT", "ICDTC", "ICDAT", "ICFDAT"},
    [ODM_FIELD_CONSENT_VERSION] = {"ICVER", "ICFVER", "RFICVER"},
    [ODM_FIELD_ENROLLED_DATE] = {"RANDDTC", "RANDDAT", "RANDDT", "ENRLDAT", "ENRLDTC"},
    [ODM_FIELD_RANDOM_NUMBER] = {"RANDNO", "RANDNUM", "RANDID"},
    [ODM_FIELD_ARM] = {"ARM", "ARMCD", "ACTARM", "ACTARMCD"},
    [ODM_FIELD_FIRST_DOSE] = {"RFXSTDTC", "RFXSTDAT"},
    [ODM_FIELD_LAST_DOSE] = {"RFXENDTC", "RFXENDAT"},
    [ODM_FIELD_DOSE_START] = {"EXSTDTC", "EXSTDAT", "ECSTDTC", "ECSTDAT"},
    [ODM_FIELD_DOSE_END] = {"EXENDTC", "EXENDAT", "ECENDTC", "ECENDAT"},
    [ODM_FIELD_LAST_SEEN] = {"RFPENDTC", "RFPENDAT"},
    [ODM_FIELD_VISIT_DATE] = {"SVSTDTC", "SVSTDAT", "VISDAT", "VISITDAT", "VISDTC"},
    [ODM_FIELD_DS_TERM] = {"DSDECOD", "DSTERM"},
    [ODM_FIELD_DS_DATE] = {"DSSTDTC", "DSSTDAT", "DSDAT"},
    [ODM_FIELD_DS_PHASE] = {"DSSCAT", "DSCAT", "EPOCH"},
    [ODM_FIELD_IE_MET] = {"IEYN"},
    [ODM_FIELD_IE_CODE] = {"IETESTCD", "IETEST"},
    [ODM_FIELD_IE_CATEGORY] = {"IECAT"},
    [ODM_FIELD_IE_RESULT] = {"IEORRES", "IESTRESC"},
    [ODM_FIELD_AE_TERM] = {"AETERM"},
    [ODM_FIELD_AE_PREFERRED] = {"AEDECOD"},
    [ODM_FIELD_AE_CLASS] = {"AESOC", "AEBODSYS"},
    [ODM_FIELD_AE_SEVERITY] = {"AESEV"},
    [ODM_FIELD_AE_GRADE] = {"AETOXGR"},
    [ODM_FIELD_AE_SERIOUS] = {"AESER"},
    [ODM_FIELD_AE_RELATED] = {"AEREL"},
    [ODM_FIELD_AE_OUTCOME] = {"AEOUT"},
    [ODM_FIELD_AE_START] = {"AESTDTC", "AESTDAT"},
    [ODM_FIELD_AE_END] = {"AEENDTC", "AEENDAT"},
    [ODM_FIELD_AE_SEQUENCE] = {"AESEQ", "AESPID"},
    [ODM_FIELD_LAB_TEST] = {"LBTESTCD"},
    [ODM_FIELD_LAB_TEST_NAME] = {"LBTEST"},
    [ODM_FIELD_LAB_RESULT] = {"LBORRES", "LBSTRESN", "LBSTRESC"},
    [ODM_FIELD_LAB_UNIT] = {"LBORRESU", "LBSTRESU"},
    [ODM_FIELD_LAB_LOW] = {"LBORNRLO", "LBSTNRLO"},
    [ODM_FIELD_LAB_HIGH] = {"LBORNRHI", "LBSTNRHI"},
    [ODM_FIELD_LAB_FLAG] = {"LBNRIND"},
    [ODM_FIELD_LAB_GRADE] = {"LBTOXGR"},
    [ODM_FIELD_LAB_DATE] = {"LBDTC", "LBDAT"},
};

/* CDISC controlled terminology (and what its code lists abbreviate) to the words of
 * schema/README.md. */
static const struct odm_word {
    enum odm_words words;
    const char *theirs;
    const char *ours;
} WORDS[] = {
    {ODM_WORDS_SEX, "M", "M"},
    {ODM_WORDS_SEX, "F", "F"},
    {ODM_WORDS_SEX, "MALE", "M"},
    {ODM_WORDS_SEX, "FEMALE", "F"},
    {ODM_WORDS_DISPOSITION, "INFORMED CONSENT OBTAINED", "consented"},
    {ODM_WORDS_DISPOSITION, "RANDOMIZED", "enrolled"},
    {ODM_WORDS_DISPOSITION, "ENROLLED", "enrolled"},
    {ODM_WORDS_DISPOSITION, "COMPLETED", "completed"},
    {ODM_WORDS_DISPOSITION, "SCREEN FAILURE", "screen_failed"},
    {ODM_WORDS_DISPOSITION, "SCREENING NOT COMPLETED", "screen_failed"},
    {ODM_WORDS_DISPOSITION, "FAILURE TO MEET RANDOMIZATION CRITERIA", "screen_failed"},
    {ODM_WORDS_DISPOSITION, "ADVERSE EVENT", "adverse_event"},
    {ODM_WORDS_DISPOSITION, "DEATH", "death"},
    {ODM_WORDS_DISPOSITION, "LACK OF EFFICACY", "lack_of_efficacy"},
    {ODM_WORDS_DISPOSITION, "PROGRESSIVE DISEASE", "lack_of_efficacy"},
    {ODM_WORDS_DISPOSITION, "LOST TO FOLLOW-UP", "lost_to_follow_up"},
    {ODM_WORDS_DISPOSITION, "PHYSICIAN DECISION", "physician_decision"},
    {ODM_WORDS_DISPOSITION, "PREGNANCY", "pregnancy"},
    {ODM_WORDS_DISPOSITION, "PROTOCOL VIOLATION", "protocol_violation"},
    {ODM_WORDS_DISPOSITION, "PROTOCOL DEVIATION", "protocol_violation"},
    {ODM_WORDS_DISPOSITION, "NON-COMPLIANCE WITH STUDY DRUG", "non_compliance"},
    {ODM_WORDS_DISPOSITION, "WITHDRAWAL BY SUBJECT", "withdrew_consent"},
    {ODM_WORDS_DISPOSITION, "WITHDRAWAL OF CONSENT", "withdrew_consent"},
    {ODM_WORDS_SEVERITY, "MILD", "mild"},
    {ODM_WORDS_SEVERITY, "MODERATE", "moderate"},
    {ODM_WORDS_SEVERITY, "SEVERE", "severe"},
    {ODM_WORDS_SEVERITY, "LIFE THREATENING", "life_threatening"},
    {ODM_WORDS_SEVERITY, "FATAL", "fatal"},
    {ODM_WORDS_SEVERITY, "1", "mild"},
    {ODM_WORDS_SEVERITY, "2", "moderate"},
    {ODM_WORDS_SEVERITY, "3", "severe"},
    {ODM_WORDS_SEVERITY, "4", "life_threatening"},
    {ODM_WORDS_SEVERITY, "5", "fatal"},
    {ODM_WORDS_RELATED, "RELATED", "related"},
    {ODM_WORDS_RELATED, "Y", "related"},
    {ODM_WORDS_RELATED, "YES", "related"},
    {ODM_WORDS_RELATED, "POSSIBLY RELATED", "related"},
    {ODM_WORDS_RELATED, "PROBABLY RELATED", "related"},
    {ODM_WORDS_RELATED, "DEFINITELY RELATED", "related"},
    {ODM_WORDS_RELATED, "NOT RELATED", "not_related"},
    {ODM_WORDS_RELATED, "UNLIKELY RELATED", "not_related"},
    {ODM_WORDS_RELATED, "N", "not_related"},
    {ODM_WORDS_RELATED, "NO", "not_related"},
    {ODM_WORDS_RELATED, "UNKNOWN", "unknown"},
    {ODM_WORDS_RELATED, "U", "unknown"},
    {ODM_WORDS_OUTCOME, "RECOVERED/RESOLVED", "recovered"},
    {ODM_WORDS_OUTCOME, "RECOVERED", "recovered"},
    {ODM_WORDS_OUTCOME, "RESOLVED", "recovered"},
    {ODM_WORDS_OUTCOME, "RECOVERING/RESOLVING", "recovering"},
    {ODM_WORDS_OUTCOME, "RECOVERING", "recovering"},
    {ODM_WORDS_OUTCOME, "NOT RECOVERED/NOT RESOLVED", "not_recovered"},
    {ODM_WORDS_OUTCOME, "NOT RECOVERED", "not_recovered"},
    {ODM_WORDS_OUTCOME, "ONGOING", "not_recovered"},
    {ODM_WORDS_OUTCOME, "RECOVERED/RESOLVED WITH SEQUELAE", "recovered_with_sequelae"},
    {ODM_WORDS_OUTCOME, "FATAL", "fatal"},
    {ODM_WORDS_OUTCOME, "UNKNOWN", "unknown"},
    {ODM_WORDS_FLAG, "NORMAL", "N"},
    {ODM_WORDS_FLAG, "N", "N"},
    {ODM_WORDS_FLAG, "LOW", "L"},
    {ODM_WORDS_FLAG, "L", "L"},
    {ODM_WORDS_FLAG, "HIGH", "H"},
    {ODM_WORDS_FLAG, "H", "H"},
    {ODM_WORDS_FLAG, "LOW LOW", "LL"},
    {ODM_WORDS_FLAG, "LL", "LL"},
    {ODM_WORDS_FLAG, "HIGH HIGH", "HH"},
    {ODM_WORDS_FLAG, "HH", "HH"},
    {ODM_WORDS_FLAG, "ABNORMAL", "A"},
    {ODM_WORDS_FLAG, "A", "A"},
    {ODM_WORDS_CATEGORY, "INCLUSION", "inclusion"},
    {ODM_WORDS_CATEGORY, "EXCLUSION", "exclusion"},
    {ODM_WORDS_YES, "Y", "1"},
    {ODM_WORDS_YES, "YES", "1"},
    {ODM_WORDS_YES, "TRUE", "1"},
    {ODM_WORDS_YES, "1", "1"},
    {ODM_WORDS_YES, "N", "0"},
    {ODM_WORDS_YES, "NO", "0"},
    {ODM_WORDS_YES, "FALSE", "0"},
    {ODM_WORDS_YES, "0", "0"},
};

enum odm_field_kind odm_map_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    const char *bare = dot == NULL ? name : dot + 1;
    for (int field = ODM_FIELD_NONE + 1; field < ODM_FIELD_COUNT; field++) {
        for (size_t i = 0; i < LENGTH_OF(NAMES[0]) && NAMES[field][i] != NULL; i++) {
            if (strcasecmp(NAMES[field][i], bare) == 0) {
                return (enum odm_field_kind)field;
            }
        }
    }
    return ODM_FIELD_NONE;
}

const char *odm_map_field_name(enum odm_field_kind field)
{
    return NAMES[field][0] == NULL ? "" : NAMES[field][0];
}

const char *odm_map_word(enum odm_words words, const char *value)
{
    for (size_t i = 0; value != NULL && i < LENGTH_OF(WORDS); i++) {
        if (WORDS[i].words == words && strcasecmp(WORDS[i].theirs, value) == 0) {
            return WORDS[i].ours;
        }
    }
    return NULL;
}
