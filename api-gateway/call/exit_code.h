/* walkie-call's exit codes, beside those of base/process.h: 0, 2 usage, 69 no service, 70 internal.
 * The README and --help list them; they are never renumbered. */
#ifndef WALKIE_CALL_EXIT_CODE_H
#define WALKIE_CALL_EXIT_CODE_H

#include "base/process.h"
#include "base/status.h"

enum {
    EXIT_CALL_FAILED = 1,   /* the call ended with a status that has no code of its own */
    EXIT_OUTPUT = 74,       /* the answer could not be written: EX_IOERR of sysexits.h */
    EXIT_TIMED_OUT = 124,   /* as timeout(1) has it */
    EXIT_INTERRUPTED = 130, /* as shells have it */
};

/* For a call that ended so, or a step on the way to it that failed so. */
int exit_code_of_call(enum status status);
int exit_code_of_failure(enum status status);

#endif
