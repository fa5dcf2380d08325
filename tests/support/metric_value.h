/* What a series of the metrics' page says now.
 *
 *     unsigned long before = metric_value("walkie_http_h2_floods_total{kind=\"queue\"}");
 */
#ifndef WALKIE_TESTS_METRIC_VALUE_H
#define WALKIE_TESTS_METRIC_VALUE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "obs/metrics.h"

/* 0: there is none. */
static inline unsigned long metric_value(const char *series)
{
    CLEANUP(buffer_finish) struct buffer page = BUFFER_EMPTY(8 << 20);
    assert_int_equal(metrics_page_write(NULL, &page), STATUS_OK);
    assert_int_equal(buffer_append(&page, "", 1), STATUS_OK);
    size_t len = strlen(series);
    const char *found = strstr((const char *)page.data, series);
    while (found != NULL && found[len] != ' ') {
        found = strstr(found + len, series);
    }
    return found == NULL ? 0 : strtoul(found + len, NULL, 10);
}

#endif
