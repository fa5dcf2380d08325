// Answers in the shapes of the gateway, for tests that need one of their choice.

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

const span = (id, parent, service, name, start, end, more = {}) => ({
    span_id: id, parent_id: parent, service, name, start_ms: start, end_ms: end, status: 'OK',
    is_wasted: false, wasted_cpu_ms: 0, attributes: {}, ...more,
});

// A report whose client left at 401 ms of 3 s: two statements went on for a moment.
export const CANCELLED_TRACE = {
    trace_id: TRACE_ID, state: 'done', started: '2026-11-25T20:00:00.123Z', elapsed_ms: 640, deadline_ms: 900,
    deadline_origin: 'query:timeout', cancelled_ms: 401.2, cause: 'client_disconnected', status: 'CANCELLED', http_status: null,
    spans: [
        span('a1', null, 'api-gateway', 'GET /v1/centers/{center}/audit-report', 0, 402, { status: 'CANCELLED' }),
        span('a2', 'a1', 'api-gateway', 'rpc', 1.1, 401.6, { status: 'CANCELLED' }),
        span('b1', 'a2', 'report-service', 'AuditReport', 2.4, 640, { status: 'CANCELLED', is_wasted: true, wasted_cpu_ms: 81.5 }),
        span('b2', 'b1', 'report-service', 'queue', 2.4, 31),
        span('b3', 'b1', 'report-service', 'fetch:edc', 31, 520, { status: 'CANCELLED', is_wasted: true, wasted_cpu_ms: 70, attributes: { database: 'edc', rows: 1204 } }),
        span('b4', 'b1', 'report-service', 'fetch:ctms', 31, 405, { status: 'CANCELLED' }),
        span('b5', 'b1', 'report-service', 'rules', 410, 640, { is_wasted: true, wasted_cpu_ms: 11.5 }),
    ],
};

export const RUNNING_TRACE = {
    ...CANCELLED_TRACE, state: 'running', elapsed_ms: 300, cancelled_ms: null, cause: null, status: null, deadline_ms: 60000,
    spans: CANCELLED_TRACE.spans.slice(0, 6).map((one) => ({ ...one, end_ms: one.end_ms > 300 ? null : one.end_ms, is_wasted: false })),
};

export const CALLS = { calls_all: 4, unanswered: [], calls: [
    { trace_id: TRACE_ID, call_id: null, service: 'api-gateway', backend: null, method: 'GET /v1/centers/{center}/audit-report', path_argument: '101', principal: 'zhao', stage: null, done: 0, total: 0, elapsed_ms: 813, remaining_ms: 9187, last_poll_ms: null, state: 'running' },
    { trace_id: TRACE_ID, call_id: 7, service: 'report-service', backend: 'tcp://127.0.0.1:9090', method: 'walkie.report.v1.ReportService/AuditReport', principal: 'zhao', stage: 'render', done: 12, total: 57, elapsed_ms: 812.3, remaining_ms: 9187.7, last_poll_ms: 0.4, state: 'running' },
    { trace_id: 'aa'.repeat(16), call_id: 8, service: 'report-service', backend: 'tcp://127.0.0.1:9090', method: 'walkie.report.v1.ReportService/Work', principal: '[127.0.0.1]', stage: '', done: 0, total: 0, elapsed_ms: 2100, remaining_ms: 420, last_poll_ms: 120, state: 'stopping' },
    { trace_id: 'bb'.repeat(16), call_id: 9, service: 'report-service', backend: 'tcp://127.0.0.1:9091', method: 'walkie.report.v1.ReportService/AuditReport', principal: 'li', stage: '', done: 0, total: 0, elapsed_ms: 15, remaining_ms: null, last_poll_ms: null, state: 'queued' },
] };

export function overload(n) {
    return { classes: [
        { name: 'reports', running: 2, running_max: 4, queued: 3 + (n % 5), queue_max: 1024, admitted_total: 1204 + 7 * n, refused_total: 88 + (n % 3) * n, doomed_total: 61 + 2 * n, completed_total: 1100 + 6 * n, expired_total: 4, goodput_per_s: 6.2 + Math.sin(n), wasted_cpu_ms_total: 812 },
        { name: 'cpu', running: 0, running_max: 2, queued: 0, queue_max: 1024, admitted_total: 0, refused_total: 0, doomed_total: 0, completed_total: 0, expired_total: 0, goodput_per_s: 0, wasted_cpu_ms_total: 0 },
    ] };
}

export const OPERATIONS = { operations: [
    { id: 'op-1', state: 'running', created: '2026-11-25T20:00:00Z', finished: null, path: '/v1/centers/101/audit-report?format=pdf', progress: { section: 'consent', page: 0, done: 5, total: 20, remaining_ms: 4000 }, result: null, sha256: null, bytes: null, problem: null, outcome: null, trace_id: TRACE_ID, owner: 'zhao', expires: null },
    { id: 'op-2', state: 'done', created: '2026-11-25T19:58:00Z', finished: '2026-11-25T19:58:02Z', path: '/v1/centers/102/audit-report?format=xlsx', progress: null, result: '/v1/operations/op-2/result', sha256: 'ab', bytes: 223082, problem: null, outcome: 'committed', trace_id: TRACE_ID, owner: 'zhao', expires: '2026-11-26T20:00:00Z' },
    { id: 'op-3', state: 'failed', created: '2026-11-25T19:57:00Z', finished: '2026-11-25T19:57:01Z', path: '/v1/centers/103/audit-report?timeout=1s', progress: null, result: null, sha256: null, bytes: null, problem: { status: 504, code: 'DEADLINE_EXCEEDED', detail: 'late' }, outcome: 'stopped', trace_id: TRACE_ID, owner: 'zhao', expires: null },
    { id: 'op-4', state: 'cancelled', created: '2026-11-25T19:56:00Z', finished: '2026-11-25T19:56:01Z', path: '/v1/centers/103/audit-report', progress: null, result: null, sha256: null, bytes: null, problem: null, outcome: 'stopped', trace_id: TRACE_ID, owner: 'zhao', expires: null },
    { id: 'op-5', state: 'done', created: '2026-11-25T19:55:00Z', finished: '2026-11-25T19:55:01Z', path: '/v1/studies/WLK-301/crf-validations?format=csv&write=1', progress: null, result: '/v1/operations/op-5/result', sha256: 'cd', bytes: 4082, problem: null, outcome: 'committed', trace_id: TRACE_ID, owner: 'zhao', expires: '2026-11-26T20:00:00Z' },
] };

export const TRACES = { traces: [
    { trace_id: TRACE_ID, method: 'GET', path: '/v1/centers/101/audit-report', state: 'done', status: 'CANCELLED', elapsed_ms: 640, started: '2026-11-25T20:00:00.123Z' },
    { trace_id: 'bb'.repeat(16), method: 'GET', path: '/v1/centers/103/audit-report', state: 'done', status: 'OK', elapsed_ms: 181.2, started: '2026-11-25T19:59:00.123Z' },
    { trace_id: 'cc'.repeat(16), method: 'GET', path: '/process/101-001', state: 'done', status: 'DEADLINE_EXCEEDED', elapsed_ms: 3000.4, started: '2026-11-25T19:58:00.123Z' },
] };

// The page gets these answers where the real figures depend on the moment.
export async function withSamples(page) {
    let n = 0;
    await page.route('**/v1/traces', (route) => route.fulfill({ json: TRACES }));
    await page.route('**/v1/traces/*', (route) => route.fulfill({ json: CANCELLED_TRACE }));
    await page.route('**/v1/calls', (route) => route.fulfill({ json: CALLS }));
    await page.route('**/v1/overload', (route) => route.fulfill({ json: overload(n++) }));
    await page.route('**/v1/operations?*', (route) => route.fulfill({ json: OPERATIONS }));
}
