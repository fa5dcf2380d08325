/* Makes the demonstration study for tests that also include the report's model: both have a
 * `table`.
 */
#ifndef WALKIE_TESTS_AUDIT_DEMO_H
#define WALKIE_TESTS_AUDIT_DEMO_H

#include <stdint.h>

#include "base/status.h"

#define AUDIT_DEMO_AS_OF "2025-06-30"

/* Twelve sites of thirty subjects, seed 1: edc.db, ctms.db and problems.json in the folder. Prints
 * why when it fails. */
enum status audit_demo_make(const char *folder);

/* The same of another size. */
enum status audit_demo_make_sized(const char *folder, int n_sites, int n_subjects);

/* The same, and lab.jsonl: what the laboratory has (stand_in/lab_server.h). */
enum status audit_demo_make_with_lab(const char *folder, int n_sites, int n_subjects);

/* The same of another seed. */
enum status audit_demo_make_seeded(const char *folder, int n_sites, int n_subjects, uint64_t seed);

/* Remove all of them and the folder; returns what rmdir does. */
int audit_demo_remove(const char *folder);

#endif
