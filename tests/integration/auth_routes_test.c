/* Every row of the table of routes, asked by strangers and by each role that is too low: none is
 * answered, whoever adds the next one. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/problem.h"
#include "api/routes.h"
#include "auth/authenticator.h"
#include "auth/token.h"

enum { ROLES = ROLE_ADMIN + 1, ANSWER_MAX = 8192 };

static char path[64];
static char tokens[ROLES][TOKEN_TEXT_MAX];
static char narrow[TOKEN_TEXT_MAX]; /* an admin of some sites */
static struct gateway gateway;
static struct http_server *server;

static void append_line(
    FILE *file, const char *name, enum role role, const char *sites, char ret_token[TOKEN_TEXT_MAX])
{
    uint8_t hash[SHA256_LEN];
    char hex[SHA256_HEX_MAX];
    assert_true(token_make(ret_token) && token_hash(bytes_of(ret_token), hash));
    hex_write(hash, sizeof(hash), hex);
    fprintf(file, "%s %s %s sha256:%.*s:%s\n", name, role_word(role), sites, TOKEN_ID_LEN,
        ret_token + TOKEN_ID_AT, hex);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "/tmp/walkie-routes-%d", (int)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    assert_non_null(file);
    for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++) {
        append_line(file, role_word(role), role, "*", tokens[role]);
    }
    append_line(file, "narrow", ROLE_ADMIN, "101,AA-1:102", narrow);
    fclose(file);
    const struct authenticator_options options = {.tokens_path = path};
    struct error error = ERROR_NONE;
    assert_int_equal(authenticator_new(&options, &gateway.authenticator, &error), STATUS_OK);
    gateway.strangers = limits_new(&(struct limits_options){.rate = 1000000});
    assert_non_null(gateway.strangers);
    gateway.allow_faults = true;
    const struct http_server_options http = {.listen = "127.0.0.1:0",
        .on_request = gateway_on_request,
        .on_done = gateway_on_done,
        .on_error = gateway_on_error,
        .arg = &gateway};
    return http_server_start(&http, &server, &error) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_stop(server);
    authenticator_free(gateway.authenticator);
    limits_free(gateway.strangers);
    return unlink(path);
}

/* The status code that a request is answered; `token` NULL: none. */
static int ask(const char *method, const char *target, const char *token)
{
    const char *address = http_server_address(server);
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    char text[1024];
    int len = snprintf(text, sizeof(text),
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n%s%s%s\r\n", method,
        target, token == NULL ? "" : "Authorization: Bearer ", token == NULL ? "" : token,
        token == NULL ? "" : "\r\n");
    assert_int_equal(send(fd, text, (size_t)len, MSG_NOSIGNAL), len);
    char answer[ANSWER_MAX];
    size_t n = 0;
    ssize_t more = 0;
    while ((more = recv(fd, answer + n, sizeof(answer) - 1 - n, 0)) > 0) {
        n += (size_t)more;
    }
    close(fd);
    answer[n] = '\0';
    assert_int_equal(strncmp(answer, "HTTP/1.1 ", 9), 0);
    return (int)strtol(answer + 9, NULL, 10);
}

/* Ask each method of the route with the token. */
static void expect_of_route(const struct route *route, const char *token, int code)
{
    char target[256];
    const char *open = strchr(route->pattern, '{');
    int before = open == NULL ? (int)strlen(route->pattern) : (int)(open - route->pattern);
    snprintf(target, sizeof(target), "%.*s%s%s", before, route->pattern, open == NULL ? "" : "x",
        open == NULL ? "" : strchr(open, '}') + 1);
    for (const char *at = route->method; at != NULL;) {
        char method[16];
        snprintf(method, sizeof(method), "%.*s", (int)strcspn(at, ","), at);
        int got = ask(method, target, token);
        if (got != code) {
            fail_msg("%s %s: %d, not %d", method, target, got, code);
        }
        at = strstr(at, ", ");
        at = at == NULL ? NULL : at + 2;
    }
}

/* Each route whose permission the role does not have. */
static void expect(enum role role, const char *token, int code)
{
    size_t n = 0;
    for (const struct route *route = route_at(0); route != NULL; route = route_at(++n)) {
        if (route->permission != PERMISSION_PUBLIC && !permission_is_of(route->permission, role)) {
            expect_of_route(route, token, code);
        }
    }
    assert_true(n > 0);
}

/* A row that becomes public by mistake would be walked past: they are listed here once more. */
static void nothing_of_a_study_is_public(void **state)
{
    (void)state;
    static const char *const PUBLIC[] = {"/", "/console/{file}", "/healthz", "/readyz",
        "/openapi.json", "/v1/schemas/audit-report/1", "/v1/schemas/crf-validation/1"};
    size_t n_found = 0;
    size_t n = 0;
    for (const struct route *route = route_at(0); route != NULL; route = route_at(++n)) {
        assert_int_not_equal(route->permission, PERMISSION_UNSET);
        bool is_listed = false;
        for (size_t i = 0; i < LENGTH_OF(PUBLIC); i++) {
            is_listed = is_listed || strcmp(PUBLIC[i], route->pattern) == 0;
        }
        if (is_listed != (route->permission == PERMISSION_PUBLIC)) {
            fail_msg("%s: public or not?", route->pattern);
        }
        n_found += is_listed ? 1 : 0;
    }
    assert_int_equal(n_found, LENGTH_OF(PUBLIC));
}

static void a_stranger_is_answered_by_no_route(void **state)
{
    (void)state;
    expect(ROLE_NONE, NULL, 401);
    expect(ROLE_NONE, "wk_00000000_00", 401);
}

static void a_role_that_is_too_low_is_answered_by_no_route(void **state)
{
    (void)state;
    for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++) {
        expect(role, tokens[role], 403);
    }
}

static void a_site_or_study_out_of_scope_is_answered_to_nobody(void **state)
{
    (void)state;
    size_t n = 0;
    size_t n_asked = 0;
    for (const struct route *route = route_at(0); route != NULL; route = route_at(++n)) {
        bool is_scoped =
            strstr(route->pattern, "{center}") != NULL || strstr(route->pattern, "{study}") != NULL;
        if (is_scoped) {
            expect_of_route(route, narrow, 403);
            n_asked++;
        }
    }
    assert_true(n_asked >= 2);
    static const char *const OTHERS[] = {"1010", "10", "%31%30%33", "101%20", "AA-1:101", "*", "1"};
    for (size_t i = 0; i < LENGTH_OF(OTHERS); i++) {
        char target[64];
        snprintf(target, sizeof(target), "/v1/centers/%s/audit-report", OTHERS[i]);
        assert_int_equal(ask("GET", target, narrow), 403);
    }
    /* Another spelling of a path is another path, or none. */
    static const char *const NO_PATHS[] = {"//v1/centers/x/audit-report",
        "/v1/centers//x/audit-report", "/v1/centers/x/audit-report/", "/v1/Centers/x/audit-report",
        "/v1/centers/101;x/y/audit-report"};
    for (size_t i = 0; i < LENGTH_OF(NO_PATHS); i++) {
        assert_int_equal(ask("GET", NO_PATHS[i], narrow), 404);
    }
    static const char *const REFUSED[] = {"/v1/centers/x%2Faudit-report",
        "/v1/centers/101%00/audit-report", "/v1/centers/101/../x/audit-report",
        "/v1/centers/%2e%2e/audit-report"};
    for (size_t i = 0; i < LENGTH_OF(REFUSED); i++) {
        assert_int_equal(ask("GET", REFUSED[i], narrow), 400);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_is_answered_by_no_route),
        cmocka_unit_test(a_role_that_is_too_low_is_answered_by_no_route),
        cmocka_unit_test(nothing_of_a_study_is_public),
        cmocka_unit_test(a_site_or_study_out_of_scope_is_answered_to_nobody),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
