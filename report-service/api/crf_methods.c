#include "api/methods.h"
#include "api/service.h"
#include "walkie/crf/v1/crf.pb-c.h"
#include "walkie/crf/v1/methods.h"

static const struct service_method ROWS[] = {
    {.binding = {&CRF_VALIDATE, service_crf_validate, service_crf_validate_key},
        .role = ROLE_REQUESTER,
        .scope = SCOPE_SITE_OR_STUDY},
};
const struct service_table SERVICE_CRF = {
    ROWS, LENGTH_OF(ROWS), &walkie__crf__v1__crf_service__descriptor};
