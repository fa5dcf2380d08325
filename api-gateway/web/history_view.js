// The newest requests, and the waterfall of the one that is chosen.
import { byId } from './dom.js';
import { clock, duration } from './format.js';
import { language, wordFor } from './i18n.js';
import { jobName } from './job_names.js';
import { createLiveTable } from './live_table.js';
import { createLiveView } from './live_view.js';
import { createWaterfallPanel } from './waterfall_panel.js';

const EVERY_MS = 2000;

function what(trace) {
    return jobName(trace.path) ?? `${trace.method} ${trace.path}`;
}

export function startHistoryView() {
    const list = byId('history-body');
    const panel = createWaterfallPanel(byId('past-body'));
    let chosen = null;
    const table = createLiveTable(list, {
        caption: 'history.title', empty: 'history.none', key: (trace) => trace.trace_id,
        columns: [
            {
                head: 'calls.col_trace', isHead: true, kind: 'code', text: (trace) => trace.trace_id.slice(0, 8),
                link: (trace) => `#history/${encodeURIComponent(trace.trace_id)}`,
                tone: (trace) => (trace.trace_id === chosen ? 'chosen' : null),
            },
            { head: 'history.col_started', kind: 'figure', text: (trace) => clock(language(), trace.started) },
            { head: 'history.col_what', text: what },
            { head: 'calls.col_principal', text: (trace) => trace.principal || '–' },
            { head: 'history.col_state', text: (trace) => wordFor('state', trace.state), tone: (trace) => `state ${trace.state}` },
            { head: 'history.col_status', text: (trace) => (trace.state === 'running' ? '–' : wordFor('status', trace.status)), tone: (trace) => (trace.status === 'OK' || trace.state === 'running' ? null : 'alarm') },
            { head: 'history.col_took', kind: 'figure', text: (trace) => duration(language(), trace.elapsed_ms) },
        ],
    });
    const view = createLiveView({
        path: '/v1/traces', everyMs: EVERY_MS, body: list, state: byId('history-state'),
        show: ({ traces }) => table.show(traces),
    });
    return {
        open: (traceId) => {
            const isChoice = list.contains(document.activeElement);
            view.open();
            chosen = traceId || null;
            byId('past').hidden = chosen === null;
            if (chosen !== null) {
                panel.watch(chosen);
            }
            if (chosen !== null && isChoice) {
                byId('past-title').focus(); // what was asked for stands above the list
            }
        },
        close: () => {
            view.close();
            panel.hide();
        },
    };
}
