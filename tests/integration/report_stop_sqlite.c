#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_demo.h"
#include "report_stop_study.h"

void stop_study_make(struct stop_study *study)
{
    memcpy(study->folder, "/tmp/walkie-stop-study-XXXXXX", sizeof("/tmp/walkie-stop-study-XXXXXX"));
    assert_non_null(mkdtemp(study->folder));
    assert_int_equal(
        audit_demo_make_with_lab(study->folder, STOP_STUDY_SITES, STOP_STUDY_SUBJECTS), STATUS_OK);
    snprintf(study->edc_uri, sizeof(study->edc_uri), "sqlite:%s/edc.db", study->folder);
    snprintf(study->ctms_uri, sizeof(study->ctms_uri), "sqlite:%s/ctms.db", study->folder);
    snprintf(study->lab_path, sizeof(study->lab_path), "%s/lab.jsonl", study->folder);
}

void stop_study_remove(struct stop_study *study)
{
    audit_demo_remove(study->folder);
}
