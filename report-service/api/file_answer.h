/* A finished file on its way out: what all handlers that make one do when it is whole.
 *
 *     status = file_answer_finish(ctx, STEAL(spool), &file, &error);
 *     … commit what belongs to it, fill head.content_len and head.sha256 …
 *     return file_answer_send(call, &head.base, &file);
 *
 * Not here: making it (spool.h), its head. */
#ifndef WALKIE_SERVICE_FILE_ANSWER_H
#define WALKIE_SERVICE_FILE_ANSWER_H

#include "api/spool.h"
#include "rpc/server.h"

struct file_answer {
    int fd;
    uint64_t len;
    char sha256[SPOOL_SHA256_TEXT_MAX];
};

/* Takes the spool; `ret_error` is not NULL. The span is "spool". Errors: those of spool_finish. */
MUST_USE enum status file_answer_finish(const struct ctx *ctx, struct spool *spool,
    struct file_answer *ret_file, struct error *ret_error);

/* The head, then the file at the client's pace; the handler is done, and its worker is free. The
 * file is closed in any case. Errors: those of rpc_call_reply. */
MUST_USE enum status file_answer_send(
    struct rpc_server_call *call, const ProtobufCMessage *head, struct file_answer *file);

void file_answer_close(struct file_answer *file); /* it is not to be sent */

#endif
