#include "rpc/admission_page.h"

#include <inttypes.h>

#include "base/clock.h"
#include "rpc/server_internal.h"

struct writer {
    struct rpc_server *server;
    struct buffer *page;
    enum status status;
    unsigned int n_classes;
    unsigned int n_principals;
};

/* Class and method names are literals of ours, principals' names are made printable. */
#define WRITE(writer, ...)                                                                         \
    do {                                                                                           \
        if ((writer)->status == STATUS_OK) {                                                       \
            (writer)->status = buffer_printf((writer)->page, __VA_ARGS__);                         \
        }                                                                                          \
    } while (0)

static double ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void write_principal(void *arg, const char *name, uint64_t n_queued, uint64_t queued_ns)
{
    struct writer *writer = arg;
    WRITE(writer, "%s\n    {\"name\":\"%s\",\"queued\":%" PRIu64 ",\"queued_ms\":%.3f}",
        writer->n_principals++ == 0 ? "" : ",", name, n_queued, ms(queued_ns));
}

/* One line for every size of every method of the class that calls have been seen of. */
static void write_methods(struct writer *writer, unsigned int class_index)
{
    const struct rpc_server_options *options = &writer->server->options;
    const char *separator = "";
    for (size_t i = 0; i <= options->n_bindings; i++) {
        const struct server_method *method = &writer->server->methods[i];
        bool is_builtin = i == options->n_bindings;
        const char *name = is_builtin ? "built in" : options->bindings[i].method->name;
        for (unsigned int size = 0; size < METHOD_SIZES; size++) {
            const struct method_cell *cell = method->times.cells[size];
            if (cell == NULL || method->class_index != class_index) {
                continue;
            }
            WRITE(writer,
                "%s\n    {\"method\":\"%s\",\"size_from\":%" PRIu64
                ",\"samples\":%u,\"p90_ms\":%.3f,\"mean_held_ms\":%.3f}",
                separator, name, size == 0 ? 0 : UINT64_C(1) << (size - 1), cell->time.n_samples,
                ms(service_time_quantile_ns(&cell->time)), ms(service_time_held_ns(&cell->time)));
            separator = ",";
        }
    }
}

static void write_class(void *arg, const char *name, const struct scheduler *scheduler)
{
    struct writer *writer = arg;
    struct scheduler_counts counts;
    scheduler_counts(scheduler, &counts);
    const uint64_t *offers = counts.n_offers;
    const uint64_t *dropped = counts.n_dropped;
    WRITE(writer,
        "%s\n {\"class\":\"%s\",\"running\":%u,\"max_running\":%u,\"queued\":%" PRIu64
        ",\"queue_max\":%u,\"queued_ms\":%.3f,\"paused\":%" PRIu64 ",\"resumed\":%" PRIu64
        ",\n  \"admitted\":%" PRIu64 ",\"probes\":%" PRIu64,
        writer->n_classes == 0 ? "" : ",", name, counts.n_running, counts.max_running,
        counts.n_queued, counts.queue_max, ms(counts.queued_ns), counts.n_paused, counts.n_resumed,
        offers[SCHEDULER_ADMITTED], counts.n_probes);
    WRITE(writer,
        ",\n  \"refused\":{\"queue_full\":%" PRIu64 ",\"doomed\":%" PRIu64 ",\"expired\":%" PRIu64
        ",\"out_of_memory\":%" PRIu64 "},\n  \"dropped\":{\"evicted\":%" PRIu64
        ",\"doomed\":%" PRIu64 ",\"expired\":%" PRIu64 "}",
        offers[SCHEDULER_QUEUE_FULL], offers[SCHEDULER_DOOMED], offers[SCHEDULER_EXPIRED],
        offers[SCHEDULER_NO_MEMORY], dropped[SCHEDULER_QUEUE_FULL], dropped[SCHEDULER_DOOMED],
        dropped[SCHEDULER_EXPIRED]);
    WRITE(writer, ",\n  \"principals\":%" PRIu64 ",\"longest\":[", counts.n_principals);
    writer->n_principals = 0;
    scheduler_each_principal(scheduler, ADMISSION_PAGE_PRINCIPALS_MAX, write_principal, writer);
    WRITE(writer, "],\n  \"learnt\":[");
    write_methods(writer, writer->n_classes);
    WRITE(writer, "]}");
    writer->n_classes++;
}

enum status rpc_admission_page_write(struct rpc_server *server, struct buffer *page)
{
    struct writer writer = {server, page, STATUS_OK, 0, 0};
    WRITE(&writer, "[");
    admission_each_class(server->admission, write_class, &writer);
    WRITE(&writer, "\n]\n");
    return writer.status;
}
