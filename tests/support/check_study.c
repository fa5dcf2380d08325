#include "support/check_study.h"

#include "base/attributes.h"

static const struct check_item VS[] = {
    {"SYSBP", "integer", NULL, 1},
    {"DIABP", "integer", NULL, 2},
    {"PULSE", "integer", NULL, 3},
    {"WEIGHT", "float", NULL, 4},
    {"HEIGHT", "float", NULL, 5},
    {"VSDAT", "date", NULL, 6},
    {"VSEND", "partialDate", NULL, 7},
    {"POSITION", "code", "SITTING,SUPINE", 8},
    {"ARM", "integer", "1,2", 9},
    {"INITIALS", "text", NULL, 10},
    {"NOTE", NULL, NULL, 11},
    {"DONE", "boolean", NULL, 12},
    {"I.SYSBP", "integer", NULL, 13},
};

static const struct check_item AE[] = {
    {"AETERM", "text", NULL, 21},
    {"AESER", "text", NULL, 22},
    {"AEOUT", "text", NULL, 23},
    {"AESTDAT", "date", NULL, 24},
};

static const struct check_item LB[] = {{"GLUC", "float", NULL, 31}};

static const struct check_form FORMS[] = {
    [CHECK_STUDY_VS] = {"VS", VS, LENGTH_OF(VS), 1},
    [CHECK_STUDY_AE] = {"AE", AE, LENGTH_OF(AE), 2},
    [CHECK_STUDY_LB] = {"LB", LB, LENGTH_OF(LB), 3},
};

static const struct check_event EVENTS[] = {{"SCREENING", 1}, {"DAY1", 2}, {"COMMON", 3}};

const struct check_schema CHECK_STUDY = {FORMS, LENGTH_OF(FORMS), EVENTS, LENGTH_OF(EVENTS)};
