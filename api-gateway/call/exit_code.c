#include "call/exit_code.h"

int exit_code_of_call(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_OK;
    case STATUS_UNAVAILABLE:
        return EXIT_UNAVAILABLE;
    case STATUS_DEADLINE_EXCEEDED:
        return EXIT_TIMED_OUT;
    case STATUS_CANCELLED:
    case STATUS_UNKNOWN:
    case STATUS_INVALID_ARGUMENT:
    case STATUS_NOT_FOUND:
    case STATUS_ALREADY_EXISTS:
    case STATUS_PERMISSION_DENIED:
    case STATUS_RESOURCE_EXHAUSTED:
    case STATUS_FAILED_PRECONDITION:
    case STATUS_ABORTED:
    case STATUS_OUT_OF_RANGE:
    case STATUS_UNIMPLEMENTED:
    case STATUS_INTERNAL:
    case STATUS_DATA_LOSS:
    case STATUS_UNAUTHENTICATED:
        break;
    }
    return EXIT_CALL_FAILED;
}

int exit_code_of_failure(enum status status)
{
    if (status == STATUS_INVALID_ARGUMENT || status == STATUS_NOT_FOUND) {
        return EXIT_USAGE;
    }
    if (status == STATUS_RESOURCE_EXHAUSTED || status == STATUS_INTERNAL ||
        status == STATUS_DATA_LOSS) {
        return EXIT_INTERNAL;
    }
    return exit_code_of_call(status);
}
