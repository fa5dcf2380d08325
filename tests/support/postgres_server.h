/* The test server of tests/support/postgres: databases of one's own in it.
 *
 *     char uri[POSTGRES_URI_MAX];
 *     postgres_server_database("kri_edc", uri);       empty, dropped first if it was there
 *     db_open(ctx, &(struct db_options){.name = "edc", .uri = uri, ...
 *
 * ctest starts it (walkie_postgres_test in tests/CMakeLists.txt) and says where in
 * WALKIE_TEST_POSTGRES; by hand: tests/support/postgres start DIR, then WALKIE_TEST_POSTGRES=DIR.
 * Names of databases are shared by all tests that run at once: begin them with the test's name.
 *
 * Used on the test thread only: failures are cmocka's. A missing server is a failure, never a skip.
 */
#ifndef WALKIE_TESTS_POSTGRES_SERVER_H
#define WALKIE_TESTS_POSTGRES_SERVER_H

#include <stddef.h>

enum { POSTGRES_URI_MAX = 160, POSTGRES_FOLDER_MAX = 256 };

/* Make an empty database; `ret_uri` has POSTGRES_URI_MAX bytes. */
void postgres_server_database(const char *name, char *ret_uri);

/* A database with the tables of both kinds of source is not needed often: an empty one that orders
 * text by the rules of a language instead of by its bytes. */
void postgres_server_database_icu(const char *name, char *ret_uri);

/* A server for this test alone, in a new folder under /tmp: to be crashed and stopped. From then on
 * the functions here speak of it. */
void postgres_server_start_own(char ret_folder[POSTGRES_FOLDER_MAX]);
void postgres_server_stop_own(const char *folder);

/* Run "tests/support/postgres COMMAND FOLDER"; FOLDER NULL: that of the server in use. */
void postgres_server_run(const char *command, const char *folder);

/* Where the server in use keeps uri and log. */
const char *postgres_server_folder(void);

/* Whether the server's log holds a line with both texts; looks for `wait_ms`. */
int postgres_server_log_has(const char *text, const char *and_text, unsigned int wait_ms);

#endif
