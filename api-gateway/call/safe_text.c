#include "call/safe_text.h"

#include <stdbool.h>

void safe_text_print(const char *text, FILE *stream)
{
    enum { C1_LEAD = 0xc2, C1_FIRST = 0x80, C1_LAST = 0x9f, DELETE = 0x7f };
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool is_c1 = at[0] == C1_LEAD && at[1] >= C1_FIRST && at[1] <= C1_LAST;
        bool is_control = at[0] < ' ' || at[0] == DELETE || is_c1;
        fputc(is_control ? ' ' : at[0], stream);
        at += is_c1 ? 1 : 0;
    }
}
