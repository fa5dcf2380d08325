#include <string.h>

#include "audit/rules/rules.h"

enum { EXPIRED_DOCUMENTS_MANY = 3 }; /* so many expired together show that nobody looks */

static int64_t mark_state(const struct rule_run *run, enum document_state state)
{
    int64_t count = 0;
    LIST_EACH(struct essential_document, document, &run->facts->ctms.documents) {
        if (document->state == state && document->is_required) {
            document->marks |= run->mark;
            count++;
        }
    }
    return count;
}

static int64_t count_required(const struct audit_facts *facts)
{
    int64_t count = 0;
    LIST_EACH(const struct essential_document, document, &facts->ctms.documents) {
        count += document->is_required && document->state != DOCUMENT_SUPERSEDED;
    }
    return count;
}

void rule_document_missing(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_state(run, DOCUMENT_MISSING);
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(count_required(run->facts)));
    }
}

/* Zone 04 of the TMF Reference Model: the ethics committee's. */
static bool is_ethics_approval(const struct essential_document *document)
{
    return strncmp(document->tmf_ref, "04.", 3) == 0;
}

void rule_document_expired(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_state(run, DOCUMENT_EXPIRED);
    bool is_major = count >= EXPIRED_DOCUMENTS_MANY;
    LIST_EACH(const struct essential_document, document, &run->facts->ctms.documents) {
        is_major = is_major || ((document->marks & run->mark) != 0 && is_ethics_approval(document));
    }
    if (count > 0) {
        verdict_fire_as(verdict, is_major, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(count_required(run->facts)));
    }
}

void rule_document_expiring(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_state(run, DOCUMENT_EXPIRING);
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(EXPIRING_DAYS));
    }
}

void rule_document_one_file(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_absent_isf = 0;
    int64_t n_absent_tmf = 0;
    LIST_EACH(struct essential_document, document, &run->facts->ctms.documents) {
        if (document->is_absent_elsewhere) {
            document->marks |= run->mark;
            n_absent_isf += document->is_tmf;
            n_absent_tmf += !document->is_tmf;
        }
    }
    if (n_absent_isf + n_absent_tmf > 0) {
        verdict_fire(verdict, n_absent_isf + n_absent_tmf);
        verdict_argue(verdict, cell_integer(n_absent_tmf));
        verdict_argue(verdict, cell_integer(n_absent_isf));
    }
}
