#include "operations/operations_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_folder.h"
#include "obs/log.h"

enum { FOLDER_MAX = 4096, URI_MAX = FOLDER_MAX + 64 };

/* The folder that nobody named. False: there is none. */
static bool default_folder(char ret_folder[FOLDER_MAX])
{
    const char *state = getenv("STATE_DIRECTORY");
    const char *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int len = 0;
    if (state != NULL && state[0] == '/') {
        size_t first = strcspn(state, ":"); /* systemd lists several so */
        len = snprintf(ret_folder, FOLDER_MAX, "%.*s/operations", (int)first, state);
    } else if (xdg != NULL && xdg[0] == '/') {
        len = snprintf(ret_folder, FOLDER_MAX, "%s/walkie/operations", xdg);
    } else if (home != NULL && home[0] == '/') {
        len = snprintf(ret_folder, FOLDER_MAX, "%s/.local/state/walkie/operations", home);
    }
    return len > 0 && len < FOLDER_MAX;
}

static enum status find_folder(
    const char *given, char ret_folder[FOLDER_MAX], struct error *ret_error)
{
    if (given != NULL) {
        (void)snprintf(ret_folder, FOLDER_MAX, "%s", given);
        return STATUS_OK;
    }
    if (!default_folder(ret_folder)) {
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "there is no folder for operations: neither STATE_DIRECTORY, XDG_STATE_HOME nor HOME "
            "is set; see --operations-dir");
    }
    return private_folder_make(ret_folder, ret_error);
}

enum status operations_from_settings(const struct settings *settings,
    const struct operations_options *given, struct operations **ret_operations,
    struct error *ret_error)
{
    const char *uri = settings_text(settings, "operations");
    const char *folder_setting = settings_text(settings, "operations-dir");
    if (uri != NULL && strcmp(uri, "none") == 0) {
        return STATUS_OK;
    }
    char folder[FOLDER_MAX];
    char uri_text[URI_MAX];
    struct operations_options options = *given;
    enum status status = find_folder(folder_setting, folder, ret_error);
    if (status == STATUS_OK) {
        (void)snprintf(uri_text, sizeof(uri_text), "sqlite:%s/operations.sqlite", folder);
        options.uri = uri == NULL ? uri_text : uri;
        options.folder = folder;
        options.keep_ns = settings_duration_ns(settings, "operations-keep");
        options.bytes_max = (uint64_t)settings_integer(settings, "operations-max-mib") << 20;
        options.running_max = (unsigned int)settings_integer(settings, "operations-running");
        options.per_owner_max = (unsigned int)settings_integer(settings, "operations-per-client");
        status = operations_new(&options, ret_operations, ret_error);
    }
    if (status == STATUS_UNAVAILABLE && uri == NULL && folder_setting == NULL) {
        LOG_WARN("operation.none", NULL, log_str("error", ret_error->text));
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        error_prefix(ret_error, "operations");
    }
    return status;
}
