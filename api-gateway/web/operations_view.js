// Reports that are made in the background: their state, their end, their file.
import { readBody, request } from './api.js';
import { say } from './announce.js';
import { byId, el } from './dom.js';
import { bytes, clock, percent } from './format.js';
import { language, t, wordFor } from './i18n.js';
import { createLiveTable } from './live_table.js';
import { createLiveView } from './live_view.js';
import { problemWords } from './problem.js';
import { fileName, parseReportPath } from './report_query.js';
import { newIdempotencyKey } from './trace_id.js';
import { LANGUAGE_NAMES } from './words.js';

const EVERY_MS = 1000;

// Start one. Returns the problem-free answer's location.
export async function startOperation(path) {
    const response = await request(path, { headers: { Prefer: 'respond-async', 'Idempotency-Key': newIdempotencyKey() } });
    return response.headers.get('Location');
}

export function saveBlob(blob, name) {
    const url = URL.createObjectURL(blob);
    el('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function progress(operation) {
    const at = operation.progress;
    if (operation.state !== 'running' || !at || !(at.total > 0)) {
        return '';
    }
    return ` ${percent(language(), at.done / at.total)}`;
}

function name(operation) {
    const report = parseReportPath(operation.path);
    return report === null ? operation.path : t('operations.report', {
        site: report.site, format: report.format.toUpperCase(), language: LANGUAGE_NAMES[report.language] ?? report.language,
    });
}

function outcome(operation) {
    if (operation.problem) {
        return problemWords(operation.problem).title;
    }
    if (operation.state === 'done') {
        return bytes(language(), operation.bytes);
    }
    return operation.outcome ? wordFor('outcome', operation.outcome) : '–';
}

async function fetchResult(operation) {
    const response = await request(operation.result);
    const blob = await readBody(() => response.blob());
    saveBlob(blob, fileName(response.headers.get('Content-Disposition'), operation.id));
}

export function startOperationsView() {
    const body = byId('operations-body');
    let view = null;

    async function run(work) {
        try {
            await work();
        } catch (error) {
            say(error.problem ? problemWords(error.problem, error.retryAfterSeconds).title : String(error));
        }
        view.again();
    }

    function action(operation) {
        if (operation.state === 'running') {
            return { label: t('operations.cancel'), run: () => run(() => request(`/v1/operations/${encodeURIComponent(operation.id)}`, { method: 'DELETE' })) };
        }
        return operation.result ? { label: t('operations.fetch'), run: () => run(() => fetchResult(operation)) } : null;
    }

    const table = createLiveTable(body, {
        caption: 'operations.title', empty: 'operations.none', key: (operation) => operation.id,
        columns: [
            { head: 'operations.col_path', isHead: true, text: name },
            { head: 'operations.col_state', text: (operation) => wordFor('state', operation.state) + progress(operation), tone: (operation) => `state ${operation.state}` },
            { head: 'operations.col_created', kind: 'figure', text: (operation) => clock(language(), operation.created) },
            { head: 'operations.col_finished', kind: 'figure', text: (operation) => clock(language(), operation.finished) },
            { head: 'operations.col_outcome', text: outcome },
            {
                head: 'calls.col_trace', kind: 'code', text: (operation) => operation.trace_id?.slice(0, 8) ?? '–',
                link: (operation) => (operation.trace_id ? `#history/${encodeURIComponent(operation.trace_id)}` : null),
            },
            { head: 'operations.col_action', action },
        ],
    });
    view = createLiveView({
        path: '/v1/operations', everyMs: EVERY_MS, body, state: byId('operations-state'),
        show: ({ operations }) => table.show(operations),
    });
    return view;
}
