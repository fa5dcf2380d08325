#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_demo.h"
#include "report_stop_study.h"
#include "support/database_copy.h"
#include "support/postgres_server.h"

static void copy(const char *folder, enum schema_kind kind, const char *name, char *ret_uri)
{
    char sqlite_uri[96];
    struct error error = ERROR_NONE;
    snprintf(sqlite_uri, sizeof(sqlite_uri), "sqlite:%s/%s.db", folder, schema_kind_name(kind));
    postgres_server_database(name, ret_uri);
    if (database_copy(sqlite_uri, kind, ret_uri, &error) != STATUS_OK) {
        fail_msg("%s: %s", name, error.text);
    }
}

void stop_study_make(struct stop_study *study)
{
    memcpy(study->folder, "/tmp/walkie-stop-study-XXXXXX", sizeof("/tmp/walkie-stop-study-XXXXXX"));
    assert_non_null(mkdtemp(study->folder));
    assert_int_equal(
        audit_demo_make_with_lab(study->folder, STOP_STUDY_SITES, STOP_STUDY_SUBJECTS), STATUS_OK);
    _Static_assert(sizeof(study->edc_uri) >= POSTGRES_URI_MAX, "a uri has room");
    copy(study->folder, SCHEMA_EDC, STOP_STUDY_NAME "_edc", study->edc_uri);
    copy(study->folder, SCHEMA_CTMS, STOP_STUDY_NAME "_ctms", study->ctms_uri);
    snprintf(study->lab_path, sizeof(study->lab_path), "%s/lab.jsonl", study->folder);
}

void stop_study_remove(struct stop_study *study)
{
    audit_demo_remove(study->folder);
}
