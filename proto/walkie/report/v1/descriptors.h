/* What protoc says of the report service's messages, for a server that describes itself.
 *
 *     struct rpc_server_options options = {.descriptors = REPORT_DESCRIPTORS, …};
 *
 * A serialized FileDescriptorSet with all imports and comments, and with walkie/rpc/v1's built-in
 * services. */
#ifndef WALKIE_REPORT_V1_DESCRIPTORS_H
#define WALKIE_REPORT_V1_DESCRIPTORS_H

#include "base/bytes.h"

extern const struct bytes REPORT_DESCRIPTORS;

#endif
