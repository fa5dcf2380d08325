// Jobs that are done in the background: their state, their end, their file.
import { getJson, request } from './api.js';
import { say } from './announce.js';
import { byId, setText } from './dom.js';
import { saveAnswer } from './download.js';
import { bytes, clock, count, percent } from './format.js';
import { language, t, wordFor } from './i18n.js';
import { jobNameAndFile } from './job_names.js';
import { createLiveTable } from './live_table.js';
import { createLiveView } from './live_view.js';
import { problemWords } from './problem.js';
import { newIdempotencyKey } from './trace_id.js';

const EVERY_MS = 1000;
const SHOWN_FIRST = 20;
const PAGE_MAX = 100; // of one answer: the gateway's limit
const SHOWN_MAX = 500;

// Start one. Returns the problem-free answer's location.
export async function startOperation({ method, path }) {
    const response = await request(path, { method, headers: { Prefer: 'respond-async', 'Idempotency-Key': newIdempotencyKey() } });
    return response.headers.get('Location');
}

function progress(operation) {
    const at = operation.progress;
    if (operation.state !== 'running' || !at || !(at.total > 0)) {
        return '';
    }
    return ` ${percent(language(), at.done / at.total)}`;
}

function name(operation) {
    return jobNameAndFile(operation.path) ?? operation.path;
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

// The newest operations: pages until there are as many as wanted. { operations, isMore }
async function newest(wanted, signal) {
    const operations = [];
    for (let before = '';;) {
        const limit = Math.min(PAGE_MAX, wanted - operations.length);
        const page = await getJson(`/v1/operations?limit=${limit}${before}`, { signal });
        operations.push(...page.operations);
        if (!page.next || operations.length >= wanted) {
            return { operations, isMore: Boolean(page.next) };
        }
        before = `&before=${encodeURIComponent(page.next)}`;
    }
}

export function startOperationsView() {
    const body = byId('operations-body');
    const more = byId('operations-more');
    let wanted = SHOWN_FIRST;
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
        return operation.result ? { label: t('operations.fetch'), run: () => run(() => saveAnswer(operation.result, { otherwise: operation.id })) } : null;
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
        load: (signal) => newest(wanted, signal), everyMs: EVERY_MS, body, state: byId('operations-state'),
        show: ({ operations, isMore }) => {
            table.show(operations);
            const isMost = operations.length >= SHOWN_MAX;
            setText(byId('operations-most'), isMore && isMost ? t('operations.most', { n: count(language(), SHOWN_MAX) }) : '');
            if (more === document.activeElement && (!isMore || isMost)) {
                byId('content').focus({ preventScroll: true }); // what is hidden cannot have it
            }
            more.hidden = !isMore || isMost;
        },
    });
    more.addEventListener('click', () => {
        wanted = wanted < PAGE_MAX ? PAGE_MAX : Math.min(SHOWN_MAX, wanted + PAGE_MAX);
        view.again();
    });
    return view;
}
