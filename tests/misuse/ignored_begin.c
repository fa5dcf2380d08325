/* A transaction that may not have begun.
 * expect: -Wunused-result */
#include "db/db.h"
#include "program.h"

void touch(const struct ctx *ctx, struct db *db, struct error *ret_error);
void touch(const struct ctx *ctx, struct db *db, struct error *ret_error)
{
    struct db_session *session = NULL;
    db_begin(ctx, db, DB_WRITE, &session, ret_error); /* HERE */
    db_end(session);
}
