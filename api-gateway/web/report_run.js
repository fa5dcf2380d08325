// One report from the click to the file. What happens is told by callbacks; stop() ends it, and with it
// the request: the gateway then cancels the work.
//
//     const run = startRun(path, { onProgress, onDone, onFailed, onCancelled });
//     run.traceId; run.stop();
import { ApiError, readBody, request } from './api.js';
import { readEvents } from './event_stream.js';
import { fileName } from './report_query.js';
import { newTraceId, traceparent } from './trace_id.js';

async function fileOf(response, facts) {
    const blob = await readBody(() => response.blob());
    return {
        ...facts,
        blob,
        sha256: response.headers.get('X-Content-SHA256') ?? facts.sha256,
        name: fileName(response.headers.get('Content-Disposition'), 'audit-report'),
        type: blob.type,
    };
}

function parse(data) {
    try {
        return JSON.parse(data);
    } catch {
        throw new ApiError({ status: 0, code: 'UNREADABLE' });
    }
}

// Reads events until one ends the work.
async function follow(response, onProgress) {
    const events = readEvents(response.body);
    for (;;) {
        const { done, value } = await readBody(() => events.next());
        if (done) {
            throw new ApiError({ status: 0, code: 'BROKEN_OFF' });
        }
        if (value.event === 'progress') {
            onProgress(parse(value.data));
        } else if (value.event === 'error') {
            const problem = parse(value.data);
            throw new ApiError(problem, problem.retry_after ?? null);
        } else if (value.event === 'done') {
            return parse(value.data);
        }
    }
}

async function work(path, traceId, signal, onProgress) {
    const headers = { Accept: 'text/event-stream', traceparent: traceparent(traceId) };
    const response = await request(path, { headers, signal });
    if (!(response.headers.get('Content-Type') ?? '').startsWith('text/event-stream')) {
        return fileOf(response, {});
    }
    const facts = await follow(response, onProgress);
    return fileOf(await request(facts.result ?? path, { signal }), facts);
}

export function startRun(path, { onProgress, onDone, onFailed, onCancelled }) {
    const abort = new AbortController();
    const traceId = newTraceId();
    const startedAt = performance.now();
    const elapsed = () => performance.now() - startedAt;
    work(path, traceId, abort.signal, onProgress).then(
        (file) => (abort.signal.aborted ? onCancelled(elapsed()) : onDone(file, elapsed())),
        (error) => (abort.signal.aborted ? onCancelled(elapsed()) : onFailed(error, elapsed())),
    );
    return { traceId, startedAt, signal: abort.signal, stop: () => abort.abort() };
}
