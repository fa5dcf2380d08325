// The trace of a request is made here, so that its waterfall can be watched from its first moment.

function hex(n_bytes) {
    const bytes = crypto.getRandomValues(new Uint8Array(n_bytes));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function newTraceId() {
    return hex(16);
}

export function traceparent(traceId) {
    return `00-${traceId}-${hex(8)}-01`;
}

// A key under which the same request, sent twice, is one operation.
export function newIdempotencyKey() {
    return hex(16);
}
