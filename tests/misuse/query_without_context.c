/* A statement that nobody can stop: the context is left out.
 * expect: incompatible pointer type|too few arguments also: control reaches end|makes integer */
#include "db/db.h"
#include "program.h"

enum status count(struct db_session *session, struct db_rows **ret_rows, struct error *ret_error);
enum status count(struct db_session *session, struct db_rows **ret_rows, struct error *ret_error)
{
    return db_query(session, "SELECT 1", NULL, 0, ret_rows, ret_error); /* HERE */
}
