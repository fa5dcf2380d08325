/* The methods of edit checks: one row each, the same for the gateway and the service. */
#ifndef WALKIE_CRF_V1_METHODS_H
#define WALKIE_CRF_V1_METHODS_H

#include "rpc/method.h"

extern const struct rpc_method CRF_VALIDATE;

#endif
