#include "api/file_answer.h"

#include <unistd.h>

#include "base/clock.h"
#include "obs/span.h"

enum status file_answer_finish(const struct ctx *ctx, struct spool *spool,
    struct file_answer *ret_file, struct error *ret_error)
{
    uint64_t start_ns = clock_now_ns();
    struct file_answer file;
    file.len = 0;
    file.fd = spool_finish(spool, &file.len, file.sha256, ret_error);
    enum status status = file.fd < 0 ? ret_error->status : STATUS_OK;
    span_add(ctx, "spool", SPAN_INTERNAL, start_ns, status,
        &(struct span_facts){.numbers = {{SPAN_BYTES, file.len}}});
    if (status == STATUS_OK) {
        *ret_file = file;
    }
    return status;
}

void file_answer_close(struct file_answer *file)
{
    close(file->fd);
}

enum status file_answer_send(
    struct rpc_server_call *call, const ProtobufCMessage *head, struct file_answer *file)
{
    enum status status = rpc_call_reply(call, head);
    if (status != STATUS_OK) {
        file_answer_close(file);
        return status;
    }
    rpc_call_finish_with_file(call, file->fd, file->len);
    return STATUS_OK;
}
