#include "walkie/crf/v1/methods.h"

#include "base/clock.h"
#include "walkie/crf/v1/crf.pb-c.h"

#define SERVICE "walkie.crf.v1.CrfService/"

/* Seconds of one core each: reports and patients have the other cores and their own workers. */
static const struct rpc_class VALIDATIONS = {
    .name = "crf", .max_running = 2, .queue_max = 64, .is_cpu = true};

enum { SIZE_OF_SITE = 1, SIZE_OF_STUDY = 4 }; /* cells of their own: powers of two apart */

static uint64_t validate_size(struct bytes bytes)
{
    Walkie__Crf__V1__ValidateRequest *request =
        walkie__crf__v1__validate_request__unpack(NULL, bytes.len, bytes.data);
    bool is_site = request != NULL && *request->site_no != '\0';
    walkie__crf__v1__validate_request__free_unpacked(request, NULL);
    return is_site ? SIZE_OF_SITE : SIZE_OF_STUDY;
}

/* Not idempotent: with `is_written` it writes. Making it twice opens no query twice, but whoever
 * lost the answer shall decide that. */
const struct rpc_method CRF_VALIDATE = {
    .name = SERVICE "Validate",
    .kind = RPC_SERVER_STREAM,
    .timeout_default_ns = CLOCK_SECONDS(300),
    .timeout_max_ns = CLOCK_SECONDS(3600),
    .class = &VALIDATIONS,
    .size_of = validate_size,
};
