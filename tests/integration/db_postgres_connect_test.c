/* Getting at a connection: waiting for one of the pool, making one; and what is said when there is
 * none to be had. */
#include "db_postgres_fixture.h"
#include "db_postgres_runner.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctx/test.h"

enum { WAIT_MS = 20000, TIME_MS = 500 }; /* TIME_MS: to begin to wait in, at least */

static void waiting_for_a_connection_hears_the_deadline(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct db_session *held[DB_CONNECTIONS_MAX];
    for (size_t i = 0; i < DB_CONNECTIONS_MAX; i++) {
        held[i] = postgres_fixture_begin(fixture->db, DB_READ);
    }
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(TIME_MS)));
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = "SELECT 1"};
    runner_start(&runner);
    runner_join(&runner);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    assert_non_null(strstr(runner.error.text, "waiting for one of 16 connections"));
    runner_expect_within(ctx_deadline_ns(scope->ctx), runner.ended_at_ns, RUNNER_RETURN_MAX_MS);
    for (size_t i = 0; i < DB_CONNECTIONS_MAX; i++) {
        db_end(held[i]);
    }
}

/* A listener that takes connections and never says a word. */
static int listen_silently(char *ret_uri, size_t uri_size)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = 0};
    socklen_t len = sizeof(address);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    snprintf(ret_uri, uri_size, "postgresql://u:hunter2@127.0.0.1:%d/db?sslmode=disable",
        ntohs(address.sin_port));
    return listener;
}

/* Until a client has come. Returns its connection. */
static int accept_client(int listener)
{
    struct pollfd wait = {.fd = listener, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void connecting_hears_the_cancel_and_the_deadline(void **state)
{
    (void)state;
    char uri[POSTGRES_URI_MAX];
    int listener = listen_silently(uri, sizeof(uri));
    struct db *db = postgres_fixture_open(uri, DB_OPEN_READ_ONLY);
    CTX_SCOPE(timed, ctx_with_timeout(ctx_background(), CTX_MS(TIME_MS)));
    struct runner runner = {.ctx = timed->ctx, .db = db, .sql = "SELECT 1"};
    runner_start(&runner);
    runner_join(&runner);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    runner_expect_within(ctx_deadline_ns(timed->ctx), runner.ended_at_ns, RUNNER_RETURN_MAX_MS);
    close(accept_client(listener));

    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    runner = (struct runner){.ctx = scope->ctx, .db = db, .sql = "SELECT 1"};
    runner_start(&runner);
    int fd = accept_client(listener);
    uint64_t cancelled_at_ns = clock_now_ns();
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    runner_join(&runner);
    assert_int_equal(runner.status, STATUS_CANCELLED);
    assert_non_null(strstr(runner.error.text, "127.0.0.1"));
    assert_null(strstr(runner.error.text, "hunter2"));
    runner_expect_within(cancelled_at_ns, runner.ended_at_ns, RUNNER_RETURN_MAX_MS);
    db_close(db);
    close(fd);
    close(listener);
}

/* The uri's own limit, where the context has none. */
static void a_server_that_does_not_answer_is_unavailable(void **state)
{
    (void)state;
    char uri[POSTGRES_URI_MAX];
    int listener = listen_silently(uri, sizeof(uri));
    strncat(uri, "&connect_timeout=1", sizeof(uri) - strlen(uri) - 1);
    struct db *db = postgres_fixture_open(uri, DB_OPEN_READ_ONLY);
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), db, DB_READ, &session, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "does not answer within 1000 ms"));
    db_close(db);
    close(listener);
}

/* The uri of the test's database with `from` replaced by `to`. */
static void replace(char *uri, const char *from, const char *to)
{
    char *at = strstr(uri, from);
    assert_non_null(at);
    char rest[POSTGRES_URI_MAX];
    snprintf(rest, sizeof(rest), "%s", at + strlen(from));
    snprintf(at, (size_t)(uri + POSTGRES_URI_MAX - at), "%s%s", to, rest);
}

static void what_keeps_us_out_is_said_without_the_password(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *words;
    } CASES[] = {
        {"s3cret-w0rd", "hunter2", "password authentication failed for user \"walkie\""},
        {"/db_connect", "/nowhere", "database \"nowhere\" does not exist"},
        {"/db_connect", "/tls_only", "no encryption"},
        {"/db_connect", "/db_connect?sslmode=require", "server does not support SSL"},
    };
    struct postgres_fixture *fixture = *state;
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        char uri[POSTGRES_URI_MAX];
        snprintf(uri, sizeof(uri), "%s", fixture->uri);
        replace(uri, CASES[i].from, CASES[i].to);
        struct db *db = postgres_fixture_open(uri, DB_OPEN_READ_ONLY);
        struct error error = ERROR_NONE;
        struct db_session *session = NULL;
        enum status status = db_begin(ctx_background(), db, DB_READ, &session, &error);
        db_close(db);
        assert_int_equal(status, STATUS_UNAVAILABLE);
        if (strstr(error.text, CASES[i].words) == NULL) {
            fail_msg("no \"%s\" in: %s", CASES[i].words, error.text);
        }
        assert_non_null(strstr(error.text, "edc: cannot connect to postgresql://127.0.0.1:"));
        assert_null(strstr(error.text, "hunter2"));
        assert_null(strstr(error.text, "s3cret"));
    }
    char several[POSTGRES_URI_MAX];
    snprintf(several, sizeof(several), "%s", fixture->uri);
    replace(several, "@127.0.0.1:", "@127.0.0.1:1,127.0.0.1:");
    struct db *db = postgres_fixture_open(several, DB_OPEN_READ_ONLY);
    db_end(postgres_fixture_begin(db, DB_READ)); /* the second host is the one that is there */
    db_close(db);
}

static void a_malformed_uri_is_refused_without_the_password(void **state)
{
    (void)state;
    static const char *const URIS[] = {
        "postgresql://u:hunt@er2@127.0.0.1/db",   /* an @ of the password */
        "postgresql://u:hunt/er2@127.0.0.1/db",   /* a / of it */
        "postgresql://u:hunter2@[::1/db",         /* a bracket that stays open */
        "postgresql://u:hunter2@127.0.0.1:x/db",  /* no port */
        "postgres://u:hunter2@127.0.0.1/db?no=1", /* no such option */
        "postgresql://u:hun%zzter2@127.0.0.1/db", /* no such character */
        "postgresqlx://u:hunter2@127.0.0.1/db",   /* no such kind */
    };
    for (size_t i = 0; i < LENGTH_OF(URIS); i++) {
        struct error error = ERROR_NONE;
        struct db *db = NULL;
        const struct db_options options = {
            .name = "edc", .uri = URIS[i], .mode = DB_OPEN_READ_ONLY};
        assert_int_equal(db_open(ctx_background(), &options, &db, &error), STATUS_INVALID_ARGUMENT);
        assert_null(db);
        assert_true(strncmp(error.text, "edc: ", 5) == 0);
        if (strstr(error.text, "hunt") != NULL || strstr(error.text, "er2") != NULL) {
            fail_msg("%s", error.text);
        }
    }
}

/* A user without the right reads as before; each write says what is missing. */
static void a_user_who_may_not_write_reads_and_is_told(void **state)
{
    struct postgres_fixture *fixture = *state;
    postgres_fixture_run(fixture, "CREATE TABLE kept (a INTEGER);"
                                  "DROP ROLE IF EXISTS walkie_reader;"
                                  "CREATE ROLE walkie_reader LOGIN PASSWORD 'hunter2';"
                                  "GRANT SELECT ON kept TO walkie_reader;"
                                  "INSERT INTO kept VALUES (1)");
    char uri[POSTGRES_URI_MAX];
    const char *host = strchr(fixture->uri, '@');
    assert_non_null(host);
    snprintf(uri, sizeof(uri), "postgresql://walkie_reader:hunter2%s", host);
    struct db *db = postgres_fixture_open(uri, DB_OPEN_WRITE_IF_POSSIBLE);
    assert_null(db_why_read_only(db)); /* nobody was asked */
    struct error error = ERROR_NONE;
    struct db_session *session = postgres_fixture_begin(db, DB_WRITE);
    assert_int_equal(
        db_exec(ctx_background(), session, "INSERT INTO kept VALUES (2)", NULL, 0, &error),
        STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "permission denied for table kept"));
    assert_non_null(strstr(error.text, "GRANT it"));
    assert_null(strstr(error.text, "hunter2"));
    db_end(session);
    session = postgres_fixture_begin(db, DB_READ);
    assert_int_equal(postgres_fixture_integer(session, "SELECT count(*) FROM kept"), 1);
    db_end(session);
    db_close(db);
    postgres_fixture_run(fixture, "DROP OWNED BY walkie_reader; DROP ROLE walkie_reader");
}

/* An operator's safeguard is no mistake of the program's: plain BEGIN keeps to it. */
static void a_user_whose_transactions_only_read_writes_nothing(void **state)
{
    struct postgres_fixture *fixture = *state;
    postgres_fixture_run(fixture, "CREATE TABLE guarded (a INTEGER)");
    char uri[POSTGRES_URI_MAX + 64];
    snprintf(uri, sizeof(uri), "%s%soptions=-cdefault_transaction_read_only%%3Don", fixture->uri,
        strchr(fixture->uri, '?') == NULL ? "?" : "&");
    struct db *db = postgres_fixture_open(uri, DB_OPEN_WRITE_IF_POSSIBLE);
    struct error error = ERROR_NONE;
    struct db_session *session = postgres_fixture_begin(db, DB_WRITE);
    assert_int_equal(
        db_exec(ctx_background(), session, "INSERT INTO guarded VALUES (2)", NULL, 0, &error),
        STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "default_transaction_read_only"));
    db_end(session);
    db_close(db);
}

static int start(void **state)
{
    static struct postgres_fixture fixture;
    postgres_fixture_start(&fixture, "db_connect");
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    postgres_fixture_end(*state);
    return ctx_test_no_leaks() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_for_a_connection_hears_the_deadline),
        cmocka_unit_test(connecting_hears_the_cancel_and_the_deadline),
        cmocka_unit_test(a_server_that_does_not_answer_is_unavailable),
        cmocka_unit_test(what_keeps_us_out_is_said_without_the_password),
        cmocka_unit_test(a_user_who_may_not_write_reads_and_is_told),
        cmocka_unit_test(a_user_whose_transactions_only_read_writes_nothing),
        cmocka_unit_test(a_malformed_uri_is_refused_without_the_password),
    };
    return cmocka_run_group_tests_name("db_postgres_connect", tests, start, end);
}
