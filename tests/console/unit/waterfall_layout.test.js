import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ROWS_MAX, foldRows, layoutTrace, niceStep } from '../../../api-gateway/web/waterfall_layout.js';
import { CANCELLED_TRACE, RUNNING_TRACE } from '../samples.js';

const names = (plan) => plan.rows.map((row) => `${row.depth} ${row.span.name}`);

test('children stand under their parents, in the order in which they began', () => {
    const shuffled = { ...CANCELLED_TRACE, spans: [...CANCELLED_TRACE.spans].reverse() };
    assert.deepEqual(names(layoutTrace(shuffled)), ['0 GET /v1/centers/{center}/audit-report', '1 rpc', '2 AuditReport', '3 queue',
        '3 fetch:ctms', '3 fetch:edc', '3 rules']);
});

test('wasted work is red from the cancel on', () => {
    const rows = layoutTrace(CANCELLED_TRACE).rows;
    const from = Object.fromEntries(rows.map((row) => [row.span.name, row.wastedFrom]));
    assert.deepEqual([from.rpc, from['fetch:edc'], from.rules], [null, 401.2, 410]);
});

test('wasted work that ended before the cancel by its own clock is red at its end', () => {
    const span = { span_id: 'a', start_ms: 0, end_ms: 390, is_wasted: true, wasted_cpu_ms: 12 };
    assert.equal(layoutTrace({ elapsed_ms: 402, cancelled_ms: 401, spans: [span] }).rows[0].wastedFrom, 378);
});

test('short steps of one kind share a row, long and wasted ones stand alone', () => {
    const step = (id, start, end, more) => ({ span_id: id, parent_id: 'p', name: 'sql', start_ms: start, end_ms: end, ...more });
    const spans = [{ span_id: 'p', parent_id: null, name: 'fetch', start_ms: 0, end_ms: 100 }, step('1', 0, 1), step('2', 1, 60),
        step('3', 60, 61), step('4', 61, 62), step('5', 62, 63, { is_wasted: true }), { ...step('6', 63, 64), name: 'other' }];
    const { rows } = foldRows(layoutTrace({ elapsed_ms: 100, spans }));
    assert.deepEqual(rows.map((row) => `${row.span.span_id}:${row.parts?.length ?? ''}`), ['p:', '1:3', '2:', '5:', '6:']);
    assert.deepEqual([rows[1].start, rows[1].end], [0, 62]);
});

test('without a cancel wasted work is red from the deadline on', () => {
    const trace = { ...CANCELLED_TRACE, cancelled_ms: null, deadline_ms: 500 };
    assert.equal(layoutTrace(trace).rows.find((row) => row.span.name === 'fetch:edc').wastedFrom, 500);
});

test('a span that runs ends at the present', () => {
    const plan = layoutTrace(RUNNING_TRACE);
    const edc = plan.rows.find((row) => row.span.name === 'fetch:edc');
    assert.deepEqual([edc.isRunning, edc.end], [true, 300]);
});

test('a deadline far away is named and does not press the work into a corner', () => {
    assert.deepEqual([layoutTrace(RUNNING_TRACE).isDeadlineBeyond, layoutTrace(RUNNING_TRACE).axisMs < 310], [true, true]);
    assert.deepEqual([layoutTrace(CANCELLED_TRACE).isDeadlineBeyond, layoutTrace(CANCELLED_TRACE).axisMs > 900], [false, true]);
});

test('spans whose parents are missing, or that are their own ancestors, are shown once', () => {
    const ring = [{ span_id: 'a', parent_id: 'b', name: 'a' }, { span_id: 'b', parent_id: 'a', name: 'b' },
        { span_id: 'c', parent_id: 'gone', name: 'c' }, { span_id: 'd', parent_id: 'd', name: 'd' }];
    assert.deepEqual(layoutTrace({ elapsed_ms: 1, spans: ring }).rows.map((row) => row.span.name).sort(), ['a', 'b', 'c', 'd']);
});

test('nonsense in a trace is no figure on the axis', () => {
    const plan = layoutTrace({ elapsed_ms: 'x', deadline_ms: null, cancelled_ms: undefined, spans: [{ span_id: 'a', start_ms: -5, end_ms: NaN }] });
    assert.ok(Number.isFinite(plan.axisMs) && plan.axisMs > 0);
    assert.deepEqual([plan.rows[0].start, plan.rows[0].end, plan.cancelMs], [0, 0, null]);
});

test('a trace with very many spans shows as many as a page can hold', () => {
    const spans = Array.from({ length: ROWS_MAX + 50 }, (_, i) => ({ span_id: String(i), parent_id: null, start_ms: i, end_ms: i + 1 }));
    assert.equal(layoutTrace({ elapsed_ms: 1000, spans }).rows.length, ROWS_MAX);
});

test('the axis has a handful of round ticks', () => {
    assert.deepEqual([0.003, 7, 180, 1234, 60000].map((ms) => niceStep(ms / 5)), [0.001, 2, 50, 500, 20000]);
    for (const elapsed of [0.2, 3, 47, 999, 60000]) {
        const { ticks } = layoutTrace({ elapsed_ms: elapsed, spans: [] });
        assert.ok(ticks.length >= 3 && ticks.length <= 7, `${elapsed}: ${ticks}`);
    }
});
