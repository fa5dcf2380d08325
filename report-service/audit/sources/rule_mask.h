/* A set of rules, a bit each by their place in the table: which rules a row of the facts supports.
 *
 *     row->marks |= run->mark;
 *     if ((marks & rule_mask_of(i)) != 0) …
 *
 * Wider than 64 bits, because the table is. Not here: the table (rules/rules_table.c). */
#ifndef WALKIE_AUDIT_SOURCES_RULE_MASK_H
#define WALKIE_AUDIT_SOURCES_RULE_MASK_H

#include <stddef.h>

__extension__ typedef unsigned __int128 rule_mask;

enum { RULE_MASK_BITS = 128 };

static inline rule_mask rule_mask_of(size_t index)
{
    return (rule_mask)1 << index;
}

#endif
