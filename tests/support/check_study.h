/* The small study that the expressions of the language's tests and of its README are about.
 *
 *     status = check_compile("SYSBP > 80", &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, &error);
 */
#ifndef WALKIE_TESTS_CHECK_STUDY_H
#define WALKIE_TESTS_CHECK_STUDY_H

#include "crf/language/check.h"

enum { CHECK_STUDY_VS, CHECK_STUDY_AE, CHECK_STUDY_LB };

extern const struct check_schema CHECK_STUDY;

#endif
