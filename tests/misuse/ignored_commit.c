/* A commit that the context stopped looks like one that came through.
 * expect: -Wunused-result */
#include "db/db.h"
#include "program.h"

void keep(const struct ctx *ctx, struct db_session *session, struct error *ret_error);
void keep(const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    db_commit(ctx, session, ret_error); /* HERE */
    db_end(session);
}
