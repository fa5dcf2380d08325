/* What operations are counted by. Called with or without locks; threads: any. */
#ifndef WALKIE_GATEWAY_OPERATIONS_METRICS_H
#define WALKIE_GATEWAY_OPERATIONS_METRICS_H

#include "operations/record.h"

/* Show the families before anything happens. */
void operations_metrics_declare(void);

void operations_metrics_running(int64_t n_running); /* operations and streams, now */
void operations_metrics_ended(const struct operation_record *record, bool is_attached);
void operations_metrics_store(bool is_there);

#endif
