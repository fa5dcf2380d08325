// A waterfall in its place: summary, chart, legend, details, and the same as a table. It follows a trace
// while that runs.
//
//     const panel = createWaterfallPanel(node);
//     panel.watch(traceId);             afterMs: of a request that has only just been sent
//     panel.hide();
import { getJson } from './api.js';
import { el, setText } from './dom.js';
import { duration } from './format.js';
import { language, onLanguage, t, wordFor } from './i18n.js';
import { startPoll } from './poll.js';
import { problemNode } from './problem_view.js';
import { createWaterfall } from './waterfall.js';
import { layoutTrace } from './waterfall_layout.js';
import { spanLabel, traceSummary } from './waterfall_words.js';

const EVERY_MS = 400;
const UNKNOWN_MAX = 12; // times that a trace may be unknown before that is said

function table(trace) {
    const heads = [['fall.col_what'], ['fall.col_where'], ['fall.col_start', 'figure'], ['fall.col_took', 'figure'], ['fall.col_status'],
        ['fall.col_wasted', 'figure']];
    const rows = layoutTrace(trace).rows.map((row) => el('tr', {},
        el('th', { scope: 'row' }, spanLabel(row)),
        el('td', {}, row.span.service),
        el('td', { class: 'figure' }, duration(language(), row.start)),
        el('td', { class: 'figure' }, duration(language(), row.end - row.start)),
        el('td', {}, row.isRunning ? t('fall.running') : wordFor('status', row.span.status ?? 'OK')),
        el('td', { class: 'figure' }, row.span.is_wasted ? duration(language(), row.span.wasted_cpu_ms ?? 0) : '–')));
    return el('table', {},
        el('caption', { class: 'visually-hidden' }, t('fall.title')),
        el('thead', {}, el('tr', {}, ...heads.map(([key, kind]) => el('th', { scope: 'col', class: kind ?? null }, t(key))))),
        el('tbody', {}, ...rows));
}

export function createWaterfallPanel(body) {
    const summary = el('p', { class: 'fall-summary' });
    const detail = el('p', { class: 'fall-detail' });
    const waterfall = createWaterfall((text) => setText(detail, text ?? t('fall.hint')));
    const place = el('div', { class: 'fall-place' }, waterfall.chart);
    const legend = el('div');
    const tableTitle = el('summary');
    const tableBody = el('div', { class: 'scroll' });
    const alternative = el('details', { class: 'fall-table' }, tableTitle, tableBody);
    const identityName = el('span');
    const identityCode = el('span', { class: 'code' });
    const identity = el('p', { class: 'hint' }, identityName, ' ', identityCode);
    let trace = null;
    let failure = null;
    let poll = null;
    let unknown = 0;

    function draw() {
        setText(tableTitle, t('fall.as_table'));
        if (failure !== null) {
            const isUnknown = failure.problem?.status === 404;
            body.replaceChildren(isUnknown ? el('p', { class: 'hint' }, t('fall.unknown')) : problemNode(failure));
            return;
        }
        if (trace === null) {
            body.replaceChildren(el('p', { class: 'hint' }, t('fall.waiting')));
            return;
        }
        if (!body.contains(place)) {
            body.replaceChildren(summary, place, legend, detail, alternative, identity);
        }
        setText(summary, traceSummary(trace));
        setText(identityName, t('problem.trace'));
        setText(identityCode, trace.trace_id);
        legend.replaceChildren(waterfall.draw(trace, place.clientWidth));
        tableBody.replaceChildren(table(trace));
    }

    function take(next) {
        trace = next;
        failure = null;
        draw();
        return trace.state === 'running';
    }

    // A trace is unknown for a moment when its request has not arrived yet.
    function refuse(error) {
        unknown++;
        if (error.problem?.status === 404 && unknown < UNKNOWN_MAX) {
            return true;
        }
        failure = error;
        draw();
        return false;
    }

    function hide() {
        poll?.stop();
        poll = null;
        trace = null;
        failure = null;
        unknown = 0;
    }

    function watch(traceId, afterMs = 0) {
        hide();
        draw();
        const path = `/v1/traces/${encodeURIComponent(traceId)}`;
        poll = startPoll(EVERY_MS, (signal) => getJson(path, { signal }).then(take, (error) => {
            if (error.name === 'AbortError') {
                throw error;
            }
            return refuse(error);
        }), afterMs);
    }

    let width = 0;
    new ResizeObserver(() => {
        if (trace !== null && failure === null && place.clientWidth !== width) {
            width = place.clientWidth;
            draw();
        }
    }).observe(body);
    onLanguage(draw);
    return { watch, hide };
}
