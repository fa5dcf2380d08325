#include "auth/access_chain.h"

#include <string.h>

static const char MARK[] = ",\"chain\":\"";
static const char END[] = "\"}\n";

bool access_chain_init(struct access_chain *chain)
{
    memset(chain->last, '0', SHA256_HEX_MAX - 1);
    chain->last[SHA256_HEX_MAX - 1] = '\0';
    chain->digest = sha256_new();
    return chain->digest != NULL;
}

void access_chain_finish(struct access_chain *chain)
{
    sha256_free(chain->digest);
    chain->digest = NULL;
}

void access_chain_hash(
    struct sha256 *digest, const char *before, struct bytes body, char ret_link[SHA256_HEX_MAX])
{
    sha256_update(digest, before, SHA256_HEX_MAX - 1);
    sha256_update(digest, body.data, body.len);
    sha256_finish_hex(digest, ret_link);
}

enum status access_chain_link(const struct access_chain *chain, struct bytes line,
    char ret_link[SHA256_HEX_MAX], struct buffer *out)
{
    struct bytes body = {line.data, line.len - 2}; /* without "}\n" */
    access_chain_hash(chain->digest, chain->last, body, ret_link);
    enum status status = buffer_append(out, body.data, body.len);
    return status == STATUS_OK ? buffer_printf(out, "%s%s%s", MARK, ret_link, END) : status;
}

bool access_chain_read(struct bytes line, size_t *ret_body_len, char ret_link[SHA256_HEX_MAX])
{
    const size_t mark_len = sizeof(MARK) - 1;
    const size_t end_len = sizeof(END) - (line.len > 0 && line.data[line.len - 1] == '\n' ? 1 : 2);
    const size_t tail_len = mark_len + SHA256_HEX_MAX - 1 + end_len;
    if (line.len <= tail_len || memcmp(line.data + line.len - tail_len, MARK, mark_len) != 0 ||
        memcmp(line.data + line.len - end_len, END, end_len) != 0) {
        return false;
    }
    *ret_body_len = line.len - tail_len;
    memcpy(ret_link, line.data + *ret_body_len + mark_len, SHA256_HEX_MAX - 1);
    ret_link[SHA256_HEX_MAX - 1] = '\0';
    return true;
}
