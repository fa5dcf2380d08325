#include "walkie/epro/v1/methods.h"

#include "base/clock.h"

#define SERVICE "walkie.epro.v1.EproService/"

/* One patient is a few milliseconds of reading and one short transaction. It has three seconds, and
 * must not wait behind a batch, which may have minutes. Paced ones begin to wait at once: thousands
 * of them may come in one moment. */
static const struct rpc_class PATIENTS = {.name = "epro", .queue_max = 4096};
/* Each has up to 4 MiB in its hands while it waits for a worker, and more while it pauses. */
static const struct rpc_class BATCHES = {.name = "epro-batch", .queue_max = 256};

/* Neither is idempotent: both write, and whoever lost the answer has to look. */
const struct rpc_method EPRO_PROCESS_PATIENT = {
    .name = SERVICE "ProcessPatient",
    .kind = RPC_UNARY,
    .timeout_default_ns = CLOCK_SECONDS(3),
    .timeout_max_ns = CLOCK_SECONDS(3),
    .class = &PATIENTS,
};

/* Its time depends on how many responses there are: on the request's length, which is the default
 * measure. */
const struct rpc_method EPRO_SUBMIT_RESPONSES = {
    .name = SERVICE "SubmitResponses",
    .kind = RPC_UNARY,
    .timeout_default_ns = CLOCK_SECONDS(30),
    .timeout_max_ns = CLOCK_SECONDS(300),
    .class = &BATCHES,
};
