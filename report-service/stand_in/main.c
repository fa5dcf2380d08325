/* lab-stand-in: a central laboratory for demonstrations, see lab_server.h. */
#include <limits.h>
#include <unistd.h>

#include "base/process.h"
#include "obs/startup.h"
#include "stand_in/lab_server.h"

static const struct setting ROWS[] = {
    {.name = "listen",
        .kind = SETTING_TEXT,
        .default_text = "127.0.0.1:8090",
        .group = "Network",
        .value_name = "ADDRESS",
        .help = "where it serves over HTTP (port 0: any free one)"},
    {.name = "insecure",
        .kind = SETTING_BOOLEAN,
        .group = "Network",
        .help = "allow an address that other machines can reach"},
    {.name = "results",
        .kind = SETTING_TEXT,
        .group = "Data",
        .value_name = "FILE",
        .help = "what it serves: `walkie-data demo` writes such a file (required)"},
    {.name = "fault",
        .kind = SETTING_CHOICE,
        .default_text = "none",
        .choices = "none|delay|hang|503|429|garbage|truncated|reset|drip|type|redirect",
        .group = "Faults",
        .help = "how it answers"},
    {.name = "delay",
        .kind = SETTING_DURATION,
        .default_text = "1s",
        .group = "Faults",
        .help = "of delay and drip (each byte), and what 429 asks for"},
    STARTUP_LOG_SETTINGS,
    STARTUP_LEAK_SETTING,
};

static const struct settings_program PROGRAM = {
    .name = "lab-stand-in",
    .version = WALKIE_VERSION,
    .purpose = "serves a file of laboratory results, well or badly, to try reports with",
    .rows = ROWS,
    .n_rows = LENGTH_OF(ROWS),
};

static enum status check(const struct settings *settings, struct error *ret_error)
{
    const char *listen = settings_text(settings, "listen");
    if (settings_text(settings, "results") == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--results FILE is required");
    }
    if (!settings_boolean(settings, "insecure") && !process_is_local_address(listen)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--listen %s can be reached from other machines; say --insecure if you mean it",
            listen);
    }
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    CLEANUP(settings_free_at) struct settings *settings = NULL;
    int exit_code = startup_settings(&PROGRAM, argc, argv, check, &settings);
    if (exit_code != STARTUP_GO_ON) {
        return exit_code;
    }
    struct lab_server *server = NULL;
    struct error error = ERROR_NONE;
    const struct lab_server_options options = {
        .listen = settings_text(settings, "listen"), .path = settings_text(settings, "results")};
    enum lab_fault fault = LAB_FAULT_NONE;
    if (!lab_fault_parse(settings_text(settings, "fault"), &fault) ||
        lab_server_start(&options, &server, &error) != STATUS_OK) {
        return startup_failed(&PROGRAM, &error);
    }
    lab_server_set_fault(server, fault, UINT_MAX, settings_duration_ns(settings, "delay"));
    LOG_INFO("service.ready", NULL, log_str("address", lab_server_address(server)),
        log_i64("pid", getpid()), log_str("version", WALKIE_VERSION));
    startup_wait_for_stop(settings);
    lab_server_stop(server);
    return 0;
}
