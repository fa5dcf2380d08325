// The calls that are being worked on right now, at every backend.
import { byId, setText } from './dom.js';
import { count, duration } from './format.js';
import { language, t, wordFor } from './i18n.js';
import { createLiveTable } from './live_table.js';
import { createLiveView, missingText } from './live_view.js';
import { stageWord } from './stage_words.js';

const EVERY_MS = 1000;

// "walkie.report.v1.ReportService/AuditReport" is AuditReport; "GET /v1/echo", at the gateway, stays.
function shortMethod(method) {
    return method.includes(' ') ? method : method.slice(method.lastIndexOf('/') + 1);
}

function progress(call) {
    const stage = call.stage ? stageWord(call.stage, shortMethod(call.method)) : '–';
    return call.total > 0 ? `${stage} ${count(language(), call.done)}/${count(language(), call.total)}` : stage;
}

const time = (name) => (call) => duration(language(), call[name]);

const COLUMNS = [
    { head: 'calls.col_method', isHead: true, text: (call) => shortMethod(call.method) },
    { head: 'calls.col_site', text: (call) => call.site ?? '–' },
    { head: 'calls.col_principal', text: (call) => call.principal || '–' },
    { head: 'calls.col_state', text: (call) => wordFor('state', call.state), tone: (call) => `state ${call.state}` },
    { head: 'calls.col_stage', text: progress },
    { head: 'calls.col_elapsed', kind: 'figure', text: time('elapsed_ms') },
    { head: 'calls.col_left', kind: 'figure', text: time('remaining_ms'), tone: (call) => (call.remaining_ms !== null && call.remaining_ms < 1000 ? 'alarm' : null) },
    { head: 'calls.col_poll', kind: 'figure', text: time('last_poll_ms') },
    { head: 'calls.col_backend', text: (call) => call.backend ?? wordFor('service', call.service) },
    {
        head: 'calls.col_trace', kind: 'code', text: (call) => call.trace_id?.slice(0, 8) ?? '–',
        link: (call) => (call.trace_id ? `#history/${encodeURIComponent(call.trace_id)}` : null),
    },
];

// Which site it is about is known of the gateway's request; its calls have the same trace.
function withSites(calls) {
    const sites = new Map(calls.filter((call) => call.path_argument && call.method.includes('{center}'))
        .map((call) => [call.trace_id, call.path_argument]));
    return calls.map((call) => ({ ...call, site: sites.get(call.trace_id) }));
}

export function startCallsView() {
    const body = byId('calls-body');
    const table = createLiveTable(body, {
        caption: 'calls.title', empty: 'calls.none', columns: COLUMNS,
        key: (call) => `${call.service} ${call.backend} ${call.trace_id} ${call.call_id}`,
    });
    return createLiveView({
        path: '/v1/calls', everyMs: EVERY_MS, body, state: byId('calls-state'),
        show: ({ calls, unanswered }) => {
            table.show(withSites(calls));
            setText(byId('calls-missing'), missingText(unanswered));
        },
    });
}
