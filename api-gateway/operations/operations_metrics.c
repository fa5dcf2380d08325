#include "operations/operations_metrics.h"

#include "obs/metrics.h"

static struct metrics_family ENDED = {.name = "walkie_operations_total",
    .help = "Operations, and reports told as events, that have ended, by how.",
    .kind = METRICS_COUNTER,
    .labels = {"kind", "state"}};
static struct metrics_family RESULTS = {.name = "walkie_operation_result_bytes_total",
    .help = "Bytes of results that were kept.",
    .kind = METRICS_COUNTER,
    .unit = METRICS_BYTES};
static struct metrics_family RUNNING = {.name = "walkie_operations_running",
    .help = "Operations, and reports told as events, that run in this gateway.",
    .kind = METRICS_GAUGE};
static struct metrics_family STORE_UP = {.name = "walkie_operations_store_up",
    .help = "Whether the store of operations answered when it was last asked.",
    .kind = METRICS_GAUGE};

void operations_metrics_declare(void)
{
    static const char *const KINDS[] = {"operation", "events"};
    for (int state = OPERATION_DONE; state <= OPERATION_CANCELLED; state++) {
        for (size_t i = 0; i < LENGTH_OF(KINDS); i++) {
            (void)metrics_child(
                &ENDED, KINDS[i], operation_state_word((enum operation_state)state), NULL);
        }
    }
    (void)metrics_child(&RESULTS, NULL, NULL, NULL);
    operations_metrics_running(0);
    operations_metrics_store(true);
}

void operations_metrics_running(int64_t n_running)
{
    metrics_set(metrics_child(&RUNNING, NULL, NULL, NULL), n_running);
}

void operations_metrics_ended(const struct operation_record *record, bool is_attached)
{
    metrics_add(metrics_child(&ENDED, is_attached ? "events" : "operation",
                    operation_state_word(record->state), NULL),
        1);
    metrics_add(metrics_child(&RESULTS, NULL, NULL, NULL), record->bytes);
}

void operations_metrics_store(bool is_there)
{
    metrics_set(metrics_child(&STORE_UP, NULL, NULL, NULL), is_there);
}
