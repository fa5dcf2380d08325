#include "auth/access_chain.h"

#include <string.h>

static const char MARK[] = ",\"chain\":\"";
static const char END[] = "\"}\n";

bool access_chain_init(struct access_chain *chain, const struct hmac_key *key)
{
    chain->key = key;
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

enum status access_chain_hash(
    const struct access_chain *chain, struct bytes body, char ret_link[SHA256_HEX_MAX])
{
    if (chain->key == NULL) {
        sha256_update(chain->digest, chain->last, SHA256_HEX_MAX - 1);
        sha256_update(chain->digest, body.data, body.len);
        sha256_finish_hex(chain->digest, ret_link);
        return STATUS_OK;
    }
    const struct hmac_part parts[] = {{chain->last, SHA256_HEX_MAX - 1}, {body.data, body.len}};
    uint8_t mac[HMAC_LEN];
    enum status status = hmac_sign(chain->key, parts, LENGTH_OF(parts), mac);
    if (status == STATUS_OK) {
        sha256_hex(mac, ret_link);
    }
    return status;
}

enum status access_chain_link(const struct access_chain *chain, struct bytes line,
    char ret_link[SHA256_HEX_MAX], struct buffer *out)
{
    struct bytes body = {line.data, line.len - 2}; /* without "}\n" */
    enum status status = access_chain_hash(chain, body, ret_link);
    if (status == STATUS_OK) {
        status = buffer_append(out, body.data, body.len);
    }
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
