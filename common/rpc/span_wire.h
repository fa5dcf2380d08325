/* How a call's spans travel home: a SpanList of proto/…/envelope.proto, as bytes within END and
 * REPLY.
 *
 *     len = span_wire_pack(&list, bytes);                      the server
 *     span_wire_unpack(bytes, &anchor, log);                   the client: into its own log
 *
 * The two clocks need not agree. The server tells times since it read the call; the client knows
 * when it began to send and when it has read the answer, and puts what the server did between the
 * two: in the middle of the time that the answer was on its way or waited. So the error is at most
 * half of that time, and no span lies outside of its call.
 *
 * Every byte comes from a peer: lengths, numbers, texts and times are bounded.
 *
 * Not here: who records (obs/span.h), which calls ask for it (client_spans.c). */
#ifndef WALKIE_RPC_SPAN_WIRE_H
#define WALKIE_RPC_SPAN_WIRE_H

#include "obs/span.h"

enum {
    SPAN_WIRE_MAX = 16 << 10, /* bytes of a list that we send; larger ones are not looked at */
    SPAN_WIRE_FIELD_LEN = 4,  /* bytes in front of it in a header */
};

struct span_list {
    const char *service;
    uint64_t received_ns; /* what times are told from */
    uint64_t now_ns;
    const struct span_record *records;
    size_t n_records;
    uint64_t n_dropped;
};

/* The list in protobuf, in memory that is the caller's to free; len 0: nothing to tell, or no
 * memory. What does not fit is counted as dropped: leaves first, the shortest first. */
struct buffer span_wire_pack(const struct span_list *list);

/* Where the server's clock lies in ours. */
struct span_anchor {
    uint64_t sent_ns;
    uint64_t read_ns;
    uint64_t received_ns; /* when the server read the call; 0: not known yet, to be set */
};

/* Put a list into a log. *anchor's received_ns is set by the first list and holds for those that
 * follow. False: malformed; the log is as it was. */
MUST_USE bool span_wire_unpack(
    struct bytes packed, struct span_anchor *anchor, struct span_log *log);

/* The moment of receipt when a server says that `elapsed_ns` have passed since. */
uint64_t span_anchor_place(const struct span_anchor *anchor, uint64_t elapsed_ns);

/* "AuditReport" of "walkie.report.v1.ReportService/AuditReport". */
const char *span_method_word(const char *method);

#endif
