#include "api/service.h"

enum status service_fail(
    struct rpc_server_call *call, enum status status, const struct error *error)
{
    enum status told = status == STATUS_DATA_LOSS ? STATUS_UNAVAILABLE : status;
    return *error->text == '\0' ? told : rpc_call_fail(call, told, "%s", error->text);
}
