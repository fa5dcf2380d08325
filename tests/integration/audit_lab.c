#include "audit_lab.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_SITES = 12, N_SUBJECTS = 10, N_RESULTS = 5 };

static void write_results(FILE *file)
{
    fprintf(file, "{\"snapshot_at\":\"2024-10-31T12:00:00Z\"}\n");
    for (int i = 0; i < N_SITES * N_SUBJECTS * N_RESULTS; i++) {
        int site = i / (N_SUBJECTS * N_RESULTS) + 1;
        int subject = i / N_RESULTS % N_SUBJECTS + 1;
        int number = i % N_RESULTS + 1;
        fprintf(file,
            "{\"study\":\"T-1\",\"site_no\":\"%02d\",\"result\":{\"subject_no\":\"%02d-%03d\","
            "\"test\":\"ALT\",\"collected_on\":\"2024-02-01\",\"value\":1.5,\"unit\":null,"
            "\"flag\":\"%s\",\"accession\":\"A%d\"}}\n",
            site, site, subject, number == 1 ? "H" : "N", i);
    }
}

static void make_file(struct audit_lab *lab)
{
    snprintf(lab->path, sizeof(lab->path), "/tmp/walkie-audit-lab-XXXXXX");
    int fd = mkstemp(lab->path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    write_results(file);
    assert_int_equal(fclose(file), 0);
}

struct lab *audit_lab_client(const struct audit_lab *lab, uint64_t timeout_ns)
{
    char url[96];
    snprintf(url, sizeof(url), "http://%s", lab_server_address(lab->server));
    struct lab *client = NULL;
    struct error error = ERROR_NONE;
    const struct lab_options options = {
        .url = url, .timeout_ns = timeout_ns, .user_agent = "report-service/test"};
    if (lab_new(&options, &client, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return client;
}

struct audit_lab *audit_lab_start(const char *path)
{
    struct audit_lab *lab = calloc(1, sizeof(*lab));
    assert_non_null(lab);
    if (path == NULL) {
        make_file(lab);
    }
    struct error error = ERROR_NONE;
    const struct lab_server_options options = {
        .listen = "127.0.0.1:0", .path = path == NULL ? lab->path : path};
    if (lab_server_start(&options, &lab->server, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    lab->client = audit_lab_client(lab, CLOCK_SECONDS(20));
    return lab;
}

void audit_lab_stop(struct audit_lab *lab)
{
    if (lab == NULL) {
        return;
    }
    lab_free(lab->client);
    lab_server_stop(lab->server);
    if (lab->path[0] != '\0') {
        unlink(lab->path);
    }
    free(lab);
}
