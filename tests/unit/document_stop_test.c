/* Stopping: a cancel at any checkpoint, a writer that fails at any piece, a deadline in the middle
 * of the fonts. Each time the right status comes back and nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "audit/document/sink.h"
#include "ctx/aside.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"
#include "support/sample_pdf.h"
#include "support/sample_report.h"

enum { N_ROWS = 60, N_STEPS_MAX = 5000 };

struct trap {
    const struct ctx_scope *scope;
    uint64_t n_seen;
    uint64_t springs_at; /* checkpoint; 0: never */
    bool was_in_fonts;
};

static void spring(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    struct trap *trap = arg;
    (void)done;
    (void)total;
    trap->n_seen++;
    trap->was_in_fonts = trap->was_in_fonts || stage[0] == 'f';
    if (trap->n_seen == trap->springs_at) {
        ctx_cancel(trap->scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
}

/* Draw with a cancel at checkpoint k. The trap tells how many there were. */
static enum status draw_with_cancel_at(const struct report *report, uint64_t k, struct trap *trap)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    *trap = (struct trap){.scope = scope, .springs_at = k};
    struct ctx_watch watch = {.on_progress = spring, .arg = trap};
    CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
    struct pdf pdf = sample_pdf_draw(watched->ctx, report, LANGUAGE_ZH_CN, 0);
    sample_pdf_finish(&pdf);
    return pdf.status;
}

static void a_cancel_at_any_checkpoint_stops_the_document(void **state)
{
    struct report *report = *state;
    struct trap trap;
    assert_int_equal(draw_with_cancel_at(report, 0, &trap), STATUS_OK);
    assert_true(trap.was_in_fonts);
    uint64_t n = trap.n_seen;
    assert_in_range(n, 40, N_STEPS_MAX);
    for (uint64_t k = 1; k <= n; k++) {
        assert_int_equal(draw_with_cancel_at(report, k, &trap), STATUS_CANCELLED);
        assert_in_range(trap.n_seen, k, k + 1);
    }
}

static void a_failing_writer_stops_the_document_at_any_piece(void **state)
{
    struct report *report = *state;
    struct pdf whole = sample_pdf_draw(ctx_background(), report, LANGUAGE_EN, 0);
    assert_int_equal(whole.status, STATUS_OK);
    assert_in_range(whole.n_pieces, 5, 1000);
    for (size_t k = 1; k <= whole.n_pieces; k++) {
        struct pdf pdf = sample_pdf_draw(ctx_background(), report, LANGUAGE_EN, k);
        assert_int_equal(pdf.status, STATUS_ABORTED);
        assert_int_equal(pdf.n_pieces, k);
        sample_pdf_finish(&pdf);
    }
    sample_pdf_finish(&whole);
}

/* --- cancels between two writes of cairo's ------------------------------------------------------
 */

static struct {
    const struct ctx_scope *scope;
    _Atomic uint64_t n_writes; /* also by the thread that embeds the fonts */
    uint64_t cancel_at;        /* 0: never */
} tap;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
cairo_status_t __real_sink_take(void *sink, const unsigned char *data, unsigned int len);
cairo_status_t __wrap_sink_take(void *sink, const unsigned char *data, unsigned int len);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

cairo_status_t __wrap_sink_take(void *sink, const unsigned char *data, unsigned int len)
{
    if (atomic_fetch_add(&tap.n_writes, 1) + 1 == tap.cancel_at) {
        ctx_cancel(tap.scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
    return __real_sink_take(sink, data, len);
}

static enum status draw_with_cancel_at_write(const struct report *report, uint64_t k)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    tap.scope = scope;
    tap.n_writes = 0;
    tap.cancel_at = k;
    struct pdf pdf = sample_pdf_draw(scope->ctx, report, LANGUAGE_EN, 0);
    sample_pdf_finish(&pdf);
    assert_int_equal(ctx_aside_drain(ctx_background()), STATUS_OK);
    tap.scope = NULL;
    tap.cancel_at = 0;
    return pdf.status;
}

/* cairo 1.16 aborted the process when a page with a destination failed half-way. */
static void a_cancel_in_the_middle_of_a_page_stops_the_document(void **state)
{
    enum { N_TRIES = 50 };
    struct report *report = *state;
    assert_int_equal(draw_with_cancel_at_write(report, 0), STATUS_OK);
    uint64_t n_writes = tap.n_writes;
    assert_true(n_writes > 2 * N_TRIES);
    for (uint64_t i = 0; i < N_TRIES; i++) {
        uint64_t k = 1 + i * (n_writes - 1) / N_TRIES;
        assert_int_equal(draw_with_cancel_at_write(report, k), STATUS_CANCELLED);
        assert_true(tap.n_writes < n_writes / 2 || k > n_writes / 5); /* the pages: one fifth */
    }
}

struct canceller {
    const struct ctx_scope *scope;
    struct ctx_watch *watch;
    size_t n_font_pieces;
};

static enum status cancel_in_fonts(void *arg, struct bytes piece)
{
    struct canceller *canceller = arg;
    (void)piece;
    const char *stage = atomic_load(&canceller->watch->stage);
    if (stage != NULL && stage[0] == 'f') {
        canceller->n_font_pieces++;
        ctx_cancel(canceller->scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
    return STATUS_OK;
}

static void a_cancel_while_fonts_are_written_is_heard(void **state)
{
    struct report *report = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct ctx_watch watch = {.stage = NULL};
    CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
    struct canceller canceller = {.scope = scope, .watch = &watch};
    struct document_options options = {.language = LANGUAGE_ZH_CN};
    assert_int_equal(
        document_write_pdf(watched->ctx, report, &options, cancel_in_fonts, &canceller, NULL),
        STATUS_CANCELLED);
    assert_int_equal(canceller.n_font_pieces, 1);
}

static void a_page_delay_listens_too(void **state)
{
    struct report *report = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    struct document_options options = {.language = LANGUAGE_EN, .page_delay_ns = CTX_SECONDS(3600)};
    struct pdf pdf = {.bytes = BUFFER_EMPTY(SAMPLE_PDF_BYTES_MAX)};
    assert_int_equal(document_write_pdf(scope->ctx, report, &options, sample_pdf_write, &pdf, NULL),
        STATUS_DEADLINE_EXCEEDED);
    sample_pdf_finish(&pdf);
}

static void a_context_that_is_done_draws_nothing(void **state)
{
    struct report *report = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    struct pdf pdf = sample_pdf_draw(scope->ctx, report, LANGUAGE_EN, 0);
    assert_int_equal(pdf.status, STATUS_CANCELLED);
    assert_int_equal(pdf.n_pieces, 0);
    sample_pdf_finish(&pdf);
}

static int make_report(void **state)
{
    *state = sample_report_new(&(struct sample_options){.n_rows = N_ROWS});
    return 0;
}

static int free_report(void **state)
{
    report_free(*state);
    return ctx_test_no_leaks() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancel_at_any_checkpoint_stops_the_document),
        cmocka_unit_test(a_cancel_in_the_middle_of_a_page_stops_the_document),
        cmocka_unit_test(a_failing_writer_stops_the_document_at_any_piece),
        cmocka_unit_test(a_cancel_while_fonts_are_written_is_heard),
        cmocka_unit_test(a_page_delay_listens_too),
        cmocka_unit_test(a_context_that_is_done_draws_nothing),
    };
    return cmocka_run_group_tests(tests, make_report, free_report);
}
