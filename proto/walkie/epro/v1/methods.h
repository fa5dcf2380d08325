/* The methods of patient-reported outcomes: one row each, the same for the gateway and the
 * service. */
#ifndef WALKIE_EPRO_V1_METHODS_H
#define WALKIE_EPRO_V1_METHODS_H

#include "rpc/method.h"

extern const struct rpc_method EPRO_PROCESS_PATIENT;
extern const struct rpc_method EPRO_SUBMIT_RESPONSES;

#endif
