/* /debug/admission: what each class of calls does and refuses, who waits, what was learnt.
 *
 *     status = rpc_admission_page_write(server, &page);
 *
 * JSON; the principals are those with most waiting, ADMISSION_PAGE_PRINCIPALS_MAX a class. Written
 * under admission's lock: for people, not for polling many times a second. */
#ifndef WALKIE_RPC_ADMISSION_PAGE_H
#define WALKIE_RPC_ADMISSION_PAGE_H

#include "base/bytes.h"
#include "rpc/server.h"

enum { ADMISSION_PAGE_PRINCIPALS_MAX = 20 };

/* Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status rpc_admission_page_write(struct rpc_server *server, struct buffer *page);

#endif
