/* The study of report_stop_test: the demonstration, in SQLite files (report_stop_sqlite.c) or in
 * the test server (report_stop_postgres.c); the program has one of the two. */
#ifndef WALKIE_TESTS_REPORT_STOP_STUDY_H
#define WALKIE_TESTS_REPORT_STOP_STUDY_H

struct stop_study {
    char folder[40];
    char edc_uri[192];
    char ctms_uri[192];
    char lab_path[64];
};

enum { STOP_STUDY_SITES = 4, STOP_STUDY_SUBJECTS = 16 };

/* Failures fail the test. */
void stop_study_make(struct stop_study *study);
void stop_study_remove(struct stop_study *study);

#endif
