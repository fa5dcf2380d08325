/* How long a report goes on after its caller has cancelled, phase by phase, with the service's real
 * handlers and RPC between the two:
 *
 *     cancel_report_bench --edc URI --ctms URI --lab FILE [--copy-edc URI --copy-ctms URI]
 *         [--site NO] [--tries N] [--json FILE]
 *
 * With --copy-… the study is copied there first (PostgreSQL), and read from there. Fails when a try
 * does not reach its phase, is not cancelled, or leaves anything behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "obs/log.h"
#include "support/database_copy.h"
#include "support/stop_service.h"

enum { TRIES_DEFAULT = 100, TRIES_MAX = 10000 };

struct arguments {
    const char *edc;
    const char *ctms;
    const char *copy_edc;
    const char *copy_ctms;
    const char *lab;
    const char *site_no;
    const char *tries;
    const char *json;
};

static bool parse(int argc, char **argv, struct arguments *arguments)
{
    const struct {
        const char *name;
        const char **value;
    } FLAGS[] = {{"--edc", &arguments->edc}, {"--ctms", &arguments->ctms},
        {"--copy-edc", &arguments->copy_edc}, {"--copy-ctms", &arguments->copy_ctms},
        {"--lab", &arguments->lab}, {"--site", &arguments->site_no}, {"--tries", &arguments->tries},
        {"--json", &arguments->json}};
    bool is_known = true;
    for (int i = 1; i < argc && is_known; i += 2) {
        is_known = false;
        for (size_t k = 0; k < LENGTH_OF(FLAGS) && i + 1 < argc; k++) {
            if (strcmp(argv[i], FLAGS[k].name) == 0) {
                *FLAGS[k].value = argv[i + 1];
                is_known = true;
            }
        }
    }
    return is_known && arguments->edc != NULL && arguments->ctms != NULL && arguments->lab != NULL;
}

static bool copy(const char *from, enum schema_kind kind, const char *to)
{
    struct error error = ERROR_NONE;
    bool is_copied = database_copy(from, kind, to, &error) == STATUS_OK;
    if (!is_copied) {
        fprintf(stderr, "cancel_report_bench: %s\n", error.text);
    }
    return is_copied;
}

static int compare_ns(const void *a, const void *b)
{
    const uint64_t *one = a;
    const uint64_t *two = b;
    return (*one > *two) - (*one < *two);
}

static double ms_at(const uint64_t *sorted_ns, size_t n, size_t percent)
{
    return (double)sorted_ns[(n - 1) * percent / 100] / 1e6;
}

/* False: a try was not what it is to be. */
static bool run_phase(struct stop_service *service, enum stop_phase phase, const char *database,
    size_t n_tries, FILE *json)
{
    static uint64_t stop_ns[TRIES_MAX];
    for (size_t i = 0; i < n_tries; i++) {
        struct stop_result result;
        stop_service_try(service, phase, &result);
        if (!result.is_reached || !result.is_cancelled || result.leftover != NULL) {
            fprintf(stderr, "cancel_report_bench: %s: %s\n", stop_phase_name(phase),
                !result.is_reached     ? "not reached"
                : !result.is_cancelled ? "not cancelled"
                                       : result.leftover);
            return false;
        }
        stop_ns[i] = result.stop_ns;
    }
    qsort(stop_ns, n_tries, sizeof(stop_ns[0]), compare_ns);
    double p50 = ms_at(stop_ns, n_tries, 50);
    double p99 = ms_at(stop_ns, n_tries, 99);
    double worst = ms_at(stop_ns, n_tries, 100);
    printf("%-10s %-12s p50 %8.3f ms, p99 %8.3f ms, worst %8.3f ms of %zu\n", database,
        stop_phase_name(phase), p50, p99, worst, n_tries);
    if (json != NULL) {
        fprintf(json,
            "{\"bench\":\"cancel_report\",\"variant\":\"walkie\",\"database\":\"%s\","
            "\"phase\":\"%s\",\"stop_ms_p50\":%.3f,\"stop_ms_p99\":%.3f,\"stop_ms_max\":%.3f,"
            "\"runs\":%zu}\n",
            database, stop_phase_name(phase), p50, p99, worst, n_tries);
    }
    return true;
}

static bool run(const struct arguments *arguments, size_t n_tries, FILE *json)
{
    bool is_copy = arguments->copy_edc != NULL && arguments->copy_ctms != NULL;
    if (is_copy && !(copy(arguments->edc, SCHEMA_EDC, arguments->copy_edc) &&
                       copy(arguments->ctms, SCHEMA_CTMS, arguments->copy_ctms))) {
        return false;
    }
    const struct stop_options options = {
        .edc_uri = is_copy ? arguments->copy_edc : arguments->edc,
        .ctms_uri = is_copy ? arguments->copy_ctms : arguments->ctms,
        .lab_path = arguments->lab,
        .site_no = arguments->site_no,
    };
    struct stop_service *service = stop_service_new(&options);
    bool is_good = service != NULL;
    for (int phase = 0; phase < STOP_PHASES && is_good; phase++) {
        if (stop_service_has_phase(service, (enum stop_phase)phase)) {
            is_good = run_phase(
                service, (enum stop_phase)phase, is_copy ? "postgresql" : "sqlite", n_tries, json);
        }
    }
    is_good = is_good && stop_service_report(service);
    stop_service_free(service);
    return is_good;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.site_no = "103"};
    const struct log_options log = {.service = "cancel_report", .level = LOG_LEVEL_ERROR};
    if (!parse(argc, argv, &arguments) || log_init(&log, NULL) != STATUS_OK) {
        fprintf(stderr,
            "usage: %s --edc URI --ctms URI --lab FILE [--copy-edc URI --copy-ctms URI]"
            " [--site NO] [--tries N] [--json FILE]\n",
            argv[0]);
        return 2;
    }
    long n_tries = arguments.tries == NULL ? TRIES_DEFAULT : strtol(arguments.tries, NULL, 10);
    if (n_tries < 1 || n_tries > TRIES_MAX) {
        fprintf(stderr, "%s: --tries is from 1 to %d\n", argv[0], TRIES_MAX);
        return 2;
    }
    FILE *json = arguments.json == NULL ? NULL : fopen(arguments.json, "a");
    bool is_good = run(&arguments, (size_t)n_tries, json);
    if (json != NULL && fclose(json) != 0) {
        is_good = false;
    }
    return is_good ? 0 : 1;
}
