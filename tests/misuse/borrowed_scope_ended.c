/* A function that borrows a scope (const) cannot end it.
 * expect: -Wdiscarded-qualifiers */
#include "program.h"

void stop(const struct ctx_scope *scope);
void stop(const struct ctx_scope *scope)
{
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    ctx_scope_end(scope); /* HERE */
}
