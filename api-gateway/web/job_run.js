// One job from the click to the file. What happens is told by callbacks; stop() ends it, and with it
// the request: the gateway then cancels the work.
//
//     const run = startRun({ method, path, timeoutMs }, { onProgress, onDone, onFailed, onCancelled });
//     run.traceId; run.stop();
//
// The gateway ends a job at its deadline. Where not even that arrives (a network that is gone), the run ends by
// itself a little later.
import { ApiError, readBody, request } from './api.js';
import { readEvents } from './event_stream.js';
import { fileName } from './job_path.js';
import { newTraceId, traceparent } from './trace_id.js';

const GRACE_MS = 5000;

async function fileOf(response, facts) {
    const blob = await readBody(() => response.blob());
    return {
        ...facts,
        blob,
        sha256: response.headers.get('X-Content-SHA256') ?? facts.sha256,
        name: fileName(response.headers.get('Content-Disposition'), 'result'),
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

// A gateway that keeps no operations has no event streams: the file then comes without progress.
async function ask({ method, path }, trace, signal) {
    try {
        return await request(path, { method, headers: { Accept: 'text/event-stream', traceparent: trace }, signal });
    } catch (error) {
        if (error.problem?.status !== 503) {
            throw error;
        }
        return request(path, { method, headers: { traceparent: trace }, signal });
    }
}

async function work(job, traceId, signal, onProgress, onFile) {
    const response = await ask(job, traceparent(traceId), signal);
    if (!(response.headers.get('Content-Type') ?? '').startsWith('text/event-stream')) {
        onFile();
        return fileOf(response, {});
    }
    const facts = await follow(response, onProgress);
    onFile();
    return fileOf(await request(facts.result, { signal }), facts);
}

export function startRun(job, { onProgress, onDone, onFailed, onCancelled }) {
    const abort = new AbortController();
    const traceId = newTraceId();
    const startedAt = performance.now();
    const elapsed = () => performance.now() - startedAt;
    let isSilent = false;
    const silence = setTimeout(() => {
        isSilent = true;
        abort.abort();
    }, job.timeoutMs + GRACE_MS);

    function fail(error) {
        clearTimeout(silence);
        if (isSilent) {
            onFailed(new ApiError({ status: 0, code: 'NO_ANSWER' }), elapsed());
        } else if (abort.signal.aborted) {
            onCancelled(elapsed());
        } else {
            onFailed(error, elapsed());
        }
    }

    // The file may take longer than the work did.
    function onFile() {
        clearTimeout(silence);
        onProgress({ stage: 'file', done: 1, total: 1 });
    }

    work(job, traceId, abort.signal, onProgress, onFile)
        .then((file) => (abort.signal.aborted ? onCancelled(elapsed()) : onDone(file, elapsed())), fail);
    return { traceId, startedAt, signal: abort.signal, stop: () => abort.abort() };
}
