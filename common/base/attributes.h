/* Compiler attributes under names that say what they are for.
 *
 *     MUST_USE enum status report_open(const char *path, struct report **ret_report);
 *     CLEANUP(report_freep) struct report *report = NULL;
 *     ...
 *     *ret_report = STEAL(report);
 *
 * Not here: anything that hides a return or a loop. */
#ifndef WALKIE_BASE_ATTRIBUTES_H
#define WALKIE_BASE_ATTRIBUTES_H

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_index)                                                     \
    __attribute__((format(printf, format_index, first_index)))
#define RETURNS_NONNULL __attribute__((returns_nonnull))
#define COLD __attribute__((cold, noinline))
#define UNUSED __attribute__((unused))
#define NO_RETURN __attribute__((noreturn))

/* Run `function(&variable)` when the variable goes out of scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Take the value out of a CLEANUP variable: the clean-up then has nothing to do. */
#define STEAL(pointer)                                                                             \
    __extension__({                                                                                \
        __typeof__(pointer) stolen_ = (pointer);                                                   \
        (pointer) = NULL;                                                                          \
        stolen_;                                                                                   \
    })

/* The result is owned and must reach `deallocator` (its 1st argument) on every path: this is what
 * lets gcc -fanalyzer report a lost one. Never together with bare `malloc`, which would let the
 * optimiser assume that the object holds no pointers. clang 14 rejects the arguments. */
#if defined(__GNUC__) && !defined(__clang__)
#define OWNED_UNTIL(deallocator) __attribute__((malloc(deallocator, 1)))
#else
#define OWNED_UNTIL(deallocator)
#endif

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
