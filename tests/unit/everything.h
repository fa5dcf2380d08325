/* The descriptors of everything.proto, as a server would hand them out. */
#ifndef WALKIE_TESTS_EVERYTHING_H
#define WALKIE_TESTS_EVERYTHING_H

#include "base/bytes.h"

extern const struct bytes EVERYTHING_DESCRIPTORS;

#endif
