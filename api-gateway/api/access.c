#include "api/request.h"
#include "api/request_metrics.h"
#include "api/request_trace.h"
#include "obs/log.h"

/* The exchange is over: one line says how, and the exchange gives its request back. */
void gateway_on_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    (void)arg;
    struct request *request = http_exchange_data(exchange);
    const struct ctx *ctx = request == NULL ? NULL : request->ctx;
    const char *method = request == NULL ? NULL : http_method(exchange);
    if (summary->is_disconnected) {
        LOG_INFO("http.disconnect", ctx, log_str("method", method),
            log_ms("elapsed_ms", summary->elapsed_ns), log_str("how", summary->disconnect),
            log_i64("status", summary->status_code), log_u64("bytes", summary->bytes_sent));
    } else {
        LOG_INFO("http.response", ctx, log_str("method", method),
            log_ms("elapsed_ms", summary->elapsed_ns), log_i64("status", summary->status_code),
            log_u64("bytes", summary->bytes_sent), log_bool("complete", summary->is_complete));
    }
    request_metrics_count(request, summary);
    if (request != NULL) {
        request_trace_done(request, summary);
    }
    request_unref(request);
}
