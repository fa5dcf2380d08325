#include "traces/tracing.h"

static struct otlp_options otlp_options_of(const struct settings *settings)
{
    return (struct otlp_options){
        .url = settings_text(settings, "otlp"),
        .header = settings_text(settings, "otlp-header"),
        .queue_max = (size_t)settings_integer(settings, "otlp-queue"),
    };
}

enum status tracing_check(const struct settings *settings, struct error *ret_error)
{
    const struct otlp_options options = otlp_options_of(settings);
    if (options.url == NULL) {
        return options.header == NULL ? STATUS_OK
                                      : error_set(ret_error, STATUS_INVALID_ARGUMENT,
                                            "--otlp-header needs --otlp: there is no collector");
    }
    if (settings_integer(settings, "traces-max") == 0) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "--otlp needs traces: --traces-max 0 records none");
    }
    return otlp_check(&options, ret_error);
}

enum status tracing_start(
    const struct settings *settings, struct tracing *ret_tracing, struct error *ret_error)
{
    size_t traces_max = (size_t)settings_integer(settings, "traces-max");
    if (traces_max == 0) {
        return STATUS_OK;
    }
    struct trace_store_options options = {
        .traces_max = traces_max, .bytes_max = TRACES_BYTES_MAX_DEFAULT};
    struct tracing tracing = {.store = NULL};
    if (settings_text(settings, "otlp") != NULL) {
        const struct otlp_options otlp_options = otlp_options_of(settings);
        enum status status = otlp_start(&otlp_options, &tracing.otlp, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        options.on_done = otlp_offer;
        options.arg = tracing.otlp;
    }
    enum status status = trace_store_new(&options, &tracing.store, ret_error);
    if (status != STATUS_OK) {
        tracing_stop(&tracing);
        return status;
    }
    *ret_tracing = tracing;
    return STATUS_OK;
}

void tracing_stop(struct tracing *tracing)
{
    otlp_stop(tracing->otlp);
    trace_store_free(tracing->store);
    *tracing = (struct tracing){.store = NULL};
}
