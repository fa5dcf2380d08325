/* What protoc says of the messages of all services, for a server that describes itself.
 *
 *     struct rpc_server_options options = {.descriptors = SERVICE_DESCRIPTORS, …};
 *
 * A serialized FileDescriptorSet with all imports and comments, and with walkie/rpc/v1's built-in
 * services. */
#ifndef WALKIE_DESCRIPTORS_H
#define WALKIE_DESCRIPTORS_H

#include "base/bytes.h"

extern const struct bytes SERVICE_DESCRIPTORS;

#endif
