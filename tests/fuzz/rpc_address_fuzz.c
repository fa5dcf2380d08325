/* Any text as a list of addresses: what is taken says what was written, and nothing else. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/address.h"

enum { TEXT_MAX = RPC_ADDRESSES_TEXT_MAX * 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static void check(const struct rpc_address *address)
{
    struct rpc_address again;
    require(rpc_address_parse(address->url, &again, NULL) == STATUS_OK);
    require(again.transport == address->transport && again.port == address->port);
    require(strcmp(again.host, address->host) == 0);
    require((address->transport == RPC_TRANSPORT_IPC) == (address->host[0] == '\0'));
    require(strpbrk(address->host, "/@[]% ,") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= TEXT_MAX) {
        return 0;
    }
    char text[TEXT_MAX];
    memcpy(text, data, size);
    text[size] = '\0';
    struct rpc_address addresses[RPC_ADDRESSES_MAX];
    size_t n_addresses = 0;
    struct error error = ERROR_NONE;
    if (rpc_address_parse_list(text, addresses, &n_addresses, &error) != STATUS_OK) {
        require(error.status == STATUS_INVALID_ARGUMENT && error.text[0] != '\0');
        return 0;
    }
    require(n_addresses >= 1 && n_addresses <= RPC_ADDRESSES_MAX);
    char joined[TEXT_MAX] = "";
    for (size_t i = 0; i < n_addresses; i++) {
        check(&addresses[i]);
        strcat(strcat(joined, i == 0 ? "" : ","), addresses[i].url);
    }
    require(strcmp(joined, text) == 0);
    return 0;
}
