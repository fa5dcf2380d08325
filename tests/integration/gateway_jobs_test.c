/* The routes of patients' responses and of edit checks, against a service whose answers are known:
 * what of a request reaches the service, and what becomes of each of its ends. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/gateway.h"
#include "api/request_body.h"
#include "api/routes.h"
#include "ctx/test.h"
#include "support/job_service.h"
#include "support/rpc_fixture.h"
#include "walkie/crf/v1/crf.pb-c.h"

enum { ANSWER_MAX = 64 << 10 };

/* --- the gateway, and a client --------------------------------------------------------------- */

static struct rpc_fixture *fixture;
static struct gateway gateway;
static struct http_server *server;
static char answer[ANSWER_MAX];

static int set_up(void **state)
{
    (void)state;
    fixture = rpc_fixture_new("tcp://127.0.0.1:0", job_service_serve);
    live_init(&gateway.live);
    gateway.channel = fixture->channel;
    const struct http_server_options http = {.listen = "127.0.0.1:0",
        .on_request = gateway_on_request,
        .on_done = gateway_on_done,
        .on_error = gateway_on_error,
        .body_max_of = gateway_body_max,
        .arg = &gateway};
    struct error error = ERROR_NONE;
    return http_server_start(&http, &server, &error) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_stop(server);
    rpc_fixture_free(fixture);
    live_finish(&gateway.live);
    return ctx_test_no_leaks() ? 0 : -1;
}

static int dial(void)
{
    const char *address = http_server_address(server);
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void say(int fd, const void *data, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = send(fd, (const char *)data + at, len - at, MSG_NOSIGNAL);
        if (n <= 0) {
            return; /* the server has closed: its answer is what the test looks at */
        }
        at += (size_t)n;
    }
}

/* Ask, with these lines in the header; the whole answer is then in `answer`. */
static int ask_with(
    const char *method, const char *target, const char *lines, const void *body, size_t len)
{
    char head[1024];
    int head_len = snprintf(head, sizeof(head),
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n", method,
        target, lines, len);
    int fd = dial();
    say(fd, head, (size_t)head_len);
    say(fd, body, len);
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

static int ask(const char *method, const char *target)
{
    return ask_with(method, target, "", "", 0);
}

static const char *body_of_answer(void)
{
    const char *end = strstr(answer, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

static void expect_processing(const char *target, int code, const char *body)
{
    assert_int_equal(ask("GET", target), code);
    assert_string_equal(body_of_answer(), body);
    assert_non_null(strstr(answer, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(answer, "\r\nX-Trace-Id: "));
    assert_non_null(strstr(answer, "\r\nCache-Control: private, no-store\r\n"));
}

/* --- GET /process/{patientID} ---------------------------------------------------------------- */

static void a_processed_patient_is_200_with_the_message_of_the_interface(void **state)
{
    (void)state;
    expect_processing(
        "/process/101-001?study=AA-1&center=101&pace=1.5s", 200, "{\"message\":\"处理成功\"}");
    assert_string_equal(job_service_heard.patient, "101-001");
    assert_string_equal(job_service_heard.study, "AA-1");
    assert_string_equal(job_service_heard.site_no, "101");
    assert_int_equal(job_service_heard.pace_ms, 1500);
    expect_processing("/process/%E5%BC%A0", 200, "{\"message\":\"处理成功\"}");
    assert_string_equal(job_service_heard.patient, "张");
    assert_int_equal(job_service_heard.pace_ms, 0);
}

static void what_runs_out_of_time_is_408(void **state)
{
    (void)state;
    expect_processing("/process/slow?timeout=30ms", 408, "{\"error\":\"请求处理超时或被取消\"}");
}

static void whatever_else_fails_is_500_with_its_words(void **state)
{
    (void)state;
    expect_processing("/process/unknown", 500, "{\"error\":\"no patient \\\"unknown\\\"\"}");
    expect_processing("/process/elsewhere", 500, "{\"error\":\"not within the scope\"}");
    assert_int_equal(ask("GET", "/process/busy"), 500);
    assert_memory_equal(body_of_answer(), "{\"error\":\"", 10);
    expect_processing("/process/mute", 500, "{\"error\":\"the handler gave no answer\"}");
}

static void what_is_wrong_before_it_begins_is_a_problem(void **state)
{
    (void)state;
    static const char *const TARGETS[] = {"/process/101-001?pace=soon", "/process/101-001?pace=61s",
        "/process/101-001?pace=0", "/process/101-001?place=1s", "/process/101-001?timeout=x"};
    for (size_t i = 0; i < LENGTH_OF(TARGETS); i++) {
        assert_int_equal(ask("GET", TARGETS[i]), 400);
        assert_non_null(strstr(answer, "\r\nContent-Type: application/problem+json\r\n"));
    }
    assert_int_equal(ask("POST", "/process/101-001"), 405);
    assert_int_equal(ask("HEAD", "/process/101-001"), 405); /* it would write */
}

static bool has_left(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&job_service_heard.mutex);
    bool is_left = job_service_heard.cause == CTX_CAUSE_CLIENT_DISCONNECTED;
    pthread_mutex_unlock(&job_service_heard.mutex);
    return is_left;
}

static bool has_come(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&job_service_heard.mutex);
    bool is_come = strcmp(job_service_heard.patient, "slow") == 0;
    pthread_mutex_unlock(&job_service_heard.mutex);
    return is_come;
}

static void a_client_that_leaves_stops_the_processing(void **state)
{
    (void)state;
    static const char REQUEST[] = "GET /process/slow HTTP/1.1\r\nHost: x\r\n\r\n";
    pthread_mutex_lock(&job_service_heard.mutex);
    job_service_heard.patient[0] = '\0';
    job_service_heard.cause = CTX_CAUSE_NONE;
    pthread_mutex_unlock(&job_service_heard.mutex);
    int fd = dial();
    say(fd, REQUEST, sizeof(REQUEST) - 1);
    assert_true(wait_until(has_come, NULL));
    close(fd);
    assert_true(wait_until(has_left, NULL));
}

static void a_service_that_is_away_is_500(void **state)
{
    (void)state;
    struct rpc_channel *channel = gateway.channel;
    gateway.channel = NULL;
    const struct rpc_channel_options options = {
        .backend = "tcp://127.0.0.1:1", .name = "api-gateway"};
    struct error error = ERROR_NONE;
    assert_int_equal(rpc_channel_new(&options, &gateway.channel, &error), STATUS_OK);
    assert_int_equal(ask("GET", "/process/101-001?timeout=200ms"), 500);
    assert_memory_equal(body_of_answer(), "{\"error\":\"", 10);
    rpc_channel_free(gateway.channel);
    gateway.channel = channel;
}

/* --- POST /v1/patients/{patient}/epro-responses ---------------------------------------------- */

#define RESPONSES "/v1/patients/101-001/epro-responses"
#define FHIR_TYPE "Content-Type: application/fhir+json\r\n"

static void a_batch_reaches_the_service_byte_for_byte(void **state)
{
    (void)state;
    const size_t len_max = 3 << 20;
    uint8_t *body = malloc(len_max + 1);
    assert_non_null(body);
    for (size_t i = 0; i <= len_max; i++) {
        body[i] = test_byte(i);
    }
    assert_int_equal(ask_with("POST", RESPONSES "?pace=1s", FHIR_TYPE, body, len_max), 200);
    assert_int_equal(job_service_heard.body_len, len_max);
    assert_true(job_service_heard.is_body_whole);
    assert_string_equal(job_service_heard.patient, "101-001");
    assert_int_equal(job_service_heard.pace_ms, 1000);
    assert_int_equal(ask_with("POST", RESPONSES, FHIR_TYPE, body, len_max + 1), 413);
    assert_non_null(strstr(answer, "longer than this path takes"));
    free(body);
}

static void each_response_has_its_result_in_the_answer(void **state)
{
    (void)state;
    assert_int_equal(ask_with("POST", RESPONSES, FHIR_TYPE, "{}", 2), 200);
    assert_string_equal(body_of_answer(),
        "{\"study\":\"AA-1\",\"center\":\"101\",\"patient\":\"101-001\",\"counts\":{"
        "\"responses\":2,\"stored\":1,\"unchanged\":0,\"rejected\":1,\"issues\":1,\"issues_left_"
        "out\":0,\"alerts\":1,\"alerts_raised\":1,\"alerts_closed\":0},"
        "\"results\":[{\"index\":0,\"id\":\"r-1\",\"instrument\":\"PHQ-9\",\"due_on\":null,"
        "\"completed_on\":null,\"outcome\":\"stored\",\"score\":12.5,\"score_code\":null,"
        "\"vas\":null,\"severity\":\"moderate\",\"missing_items\":1,\"is_prorated\":true,"
        "\"issues\":[],\"alerts\":[{\"kind\":\"suicidal_ideation\","
        "\"link_id\":\"phq9-9\",\"text\":\"says \\\"more than half\\\"\"}]},"
        "{\"index\":1,\"id\":null,\"instrument\":null,\"due_on\":null,\"completed_on\":null,"
        "\"outcome\":\"rejected\",\"score\":null,\"score_code\":null,\"vas\":71,"
        "\"severity\":null,\"missing_items\":0,\"is_prorated\":false,\"issues\":[{\"kind\":"
        "\"unknown_instrument\",\"link_id\":null,\"text\":\"未知量表\"}],"
        "\"alerts\":[]}]}");
    assert_int_equal(
        ask_with("POST", "/v1/patients/unknown/epro-responses", FHIR_TYPE, "{}", 2), 404);
    assert_non_null(strstr(answer, "application/problem+json"));
}

static void a_body_of_another_type_is_415_and_none_400(void **state)
{
    (void)state;
    static const char *const REFUSED[] = {"", "Content-Type: text/plain\r\n",
        "Content-Type: application/json; charset=latin1\r\n", "Content-Type: application/jsonx\r\n",
        "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"};
    for (size_t i = 0; i < LENGTH_OF(REFUSED); i++) {
        assert_int_equal(ask_with("POST", RESPONSES, REFUSED[i], "{}", 2), 415);
    }
    assert_int_equal(ask_with("POST", RESPONSES, FHIR_TYPE, "", 0), 400);
    assert_int_equal(ask_with("POST", RESPONSES "?pace=soon", FHIR_TYPE, "{}", 2), 400);
}

static void types_are_told_apart_as_http_spells_them(void **state)
{
    (void)state;
    static const char TYPES[] = "application/fhir+json, application/json";
    static const struct {
        const char *type;
        bool is_one;
    } ROWS[] = {{"application/json", true}, {"Application/FHIR+JSON", true},
        {"application/json;charset=utf-8", true}, {"application/json ; charset=\"UTF-8\" ", true},
        {"application/json;", true}, {"application/json; charset=utf-16", false},
        {"application/json; boundary=x", false}, {"application/jso", false}, {"", false},
        {"application/fhir+json, application/json", false}, {"application", false}};
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        assert_int_equal(request_body_is_of(TYPES, ROWS[i].type), ROWS[i].is_one);
    }
}

/* --- POST /v1/centers/{center}/crf-validations ----------------------------------------------- */

static void a_validation_is_a_file_with_its_name_and_hash(void **state)
{
    (void)state;
    assert_int_equal(
        ask("POST", "/v1/centers/101/crf-validations?study=AA-1&format=csv&write=1"), 200);
    assert_string_equal(body_of_answer(), "problems");
    assert_non_null(strstr(answer, "\r\nX-Content-SHA256: 9b871512"));
    assert_non_null(strstr(answer, "filename=\"crf-101.csv\""));
    assert_string_equal(job_service_heard.study, "AA-1");
    assert_string_equal(job_service_heard.site_no, "101");
    assert_int_equal(job_service_heard.format, WALKIE__CRF__V1__RESULT_FORMAT__RESULT_FORMAT_CSV);
    assert_true(job_service_heard.is_written);
    static const char BODY[] = "{\"format\":\"json\",\"write\":0}";
    assert_int_equal(ask_with("POST", "/v1/studies/AA-1/crf-validations",
                         "Content-Type: application/json\r\n", BODY, sizeof(BODY) - 1),
        200);
    assert_string_equal(job_service_heard.study, "AA-1");
    assert_string_equal(job_service_heard.site_no, "");
    assert_int_equal(job_service_heard.format, WALKIE__CRF__V1__RESULT_FORMAT__RESULT_FORMAT_JSON);
    assert_false(job_service_heard.is_written);
    assert_int_equal(ask("POST", "/v1/studies/AA-1/crf-validations?study=AA-1"), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_processed_patient_is_200_with_the_message_of_the_interface),
        cmocka_unit_test(what_runs_out_of_time_is_408),
        cmocka_unit_test(whatever_else_fails_is_500_with_its_words),
        cmocka_unit_test(what_is_wrong_before_it_begins_is_a_problem),
        cmocka_unit_test(a_client_that_leaves_stops_the_processing),
        cmocka_unit_test(a_service_that_is_away_is_500),
        cmocka_unit_test(a_batch_reaches_the_service_byte_for_byte),
        cmocka_unit_test(each_response_has_its_result_in_the_answer),
        cmocka_unit_test(a_body_of_another_type_is_415_and_none_400),
        cmocka_unit_test(types_are_told_apart_as_http_spells_them),
        cmocka_unit_test(a_validation_is_a_file_with_its_name_and_hash),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
