/* walkie-call's command line: settings as every program of ours has them, and around them two
 * words, METHOD and BODY, and --metadata, which may be there several times.
 *
 *     status = options_read(argc, argv, environ, &options, &error);
 *     … settings_duration_ns(options.settings, "timeout") … options.method …
 *     options_finish(&options);
 *
 * Not here: what the words mean to a server. */
#ifndef WALKIE_CALL_OPTIONS_H
#define WALKIE_CALL_OPTIONS_H

#include "base/settings.h"
#include "obs/trace.h"
#include "rpc/metadata.h"

enum { OPTIONS_FLAGS_MAX = 128 };

struct options {
    struct settings *settings;
    const char *method; /* NULL: none given; here and below: borrowed from argv or the settings */
    const char *body;   /* JSON, "@FILE" or "-"; NULL: none */
    struct rpc_metadata metadata;
    struct rpc_metadata_entry entries[RPC_METADATA_ENTRIES_MAX];
    char keys[RPC_METADATA_ENTRIES_MAX][RPC_METADATA_KEY_MAX + 1];
    struct trace trace; /* of the call: --trace's, or a new one */
};

extern const struct settings_program CALL_PROGRAM;

/* Errors: INVALID_ARGUMENT, in words; the settings', see there. `ret_options` stays where it is:
 * the metadata points into it. */
MUST_USE enum status options_read(int argc, char *const *argv, char *const *environment,
    struct options *ret_options, struct error *ret_error);
void options_finish(struct options *options);

#endif
