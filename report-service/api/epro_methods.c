#include "api/methods.h"
#include "api/service.h"
#include "base/attributes.h"
#include "walkie/epro/v1/methods.h"

/* Which site a patient is of stands in the database: it is asked there (epro_request's `may`). */
static const struct service_method ROWS[] = {
    {{&EPRO_PROCESS_PATIENT, service_process_patient, NULL}, ROLE_WRITER, service_check_writer},
    {{&EPRO_SUBMIT_RESPONSES, service_submit_responses, NULL}, ROLE_WRITER, service_check_writer},
};
const struct service_table SERVICE_EPRO = {ROWS, LENGTH_OF(ROWS)};
