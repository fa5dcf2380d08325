#include "api/methods.h"
#include "api/service.h"
#include "base/attributes.h"
#include "walkie/epro/v1/epro.pb-c.h"
#include "walkie/epro/v1/methods.h"

/* Which site a patient is of stands in the database: it is asked there (epro_request's `may`). */
static const struct service_method ROWS[] = {
    {.binding = {&EPRO_PROCESS_PATIENT, service_process_patient, NULL},
        .role = ROLE_WRITER,
        .is_writing = true},
    {.binding = {&EPRO_SUBMIT_RESPONSES, service_submit_responses, NULL},
        .role = ROLE_WRITER,
        .is_writing = true},
};
const struct service_table SERVICE_EPRO = {
    ROWS, LENGTH_OF(ROWS), &walkie__epro__v1__epro_service__descriptor};
