// A trace (/v1/traces/{id}) as rows on one time axis. Pure; times are milliseconds from the request's start.
//
//     { axisMs, ticks, deadlineMs, isDeadlineBeyond, cancelMs, isLate (nobody cancelled: the time was up), rows: [{ span, depth, method, start, end, isRunning, wastedFrom }] }
//
// foldRows(plan) puts short steps of one kind under one parent (statements, sections) into one row: { …, parts: [row] }.

export const ROWS_MAX = 400;
const TICKS_WANTED = 5;
const CALL = 'rpc '; // a span of this name and a method is a call; what is below it is done for that method
const DEADLINE_STRETCH = 1.6; // a deadline farther out than this many times the work is named, not drawn to scale

function time(value) {
    return Number.isFinite(value) && value > 0 ? value : 0;
}

// Parents before children, by start; a span whose parent is not there (or that is its own ancestor) is a root.
function inOrder(spans) {
    const known = new Map(spans.map((span) => [span.span_id, span]));
    const children = new Map();
    const roots = [];
    for (const span of spans) {
        if (span.parent_id !== span.span_id && known.has(span.parent_id)) {
            const siblings = children.get(span.parent_id) ?? [];
            siblings.push(span);
            children.set(span.parent_id, siblings);
        } else {
            roots.push(span);
        }
    }
    const rows = [];
    const seen = new Set();
    const byStart = (a, b) => time(a.start_ms) - time(b.start_ms);
    function visit(span, depth, method) {
        if (seen.has(span) || rows.length >= ROWS_MAX) {
            return;
        }
        seen.add(span);
        const called = span.name?.startsWith(CALL) ? span.name.slice(CALL.length) : method;
        rows.push({ span, depth, method });
        (children.get(span.span_id) ?? []).sort(byStart).forEach((child) => visit(child, depth + 1, called));
    }
    roots.sort(byStart).forEach((root) => visit(root, 0, null));
    spans.forEach((span) => visit(span, 0, null)); // a ring has no root
    return rows;
}

export function niceStep(rough) {
    const power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
}

const FOLD_MIN = 3; // fewer stand for themselves
const FOLD_SHARE = 0.04; // of the axis: who takes longer stands for himself, too

function groupRow(parts) {
    return {
        ...parts[0], parts,
        start: Math.min(...parts.map((part) => part.start)),
        end: Math.max(...parts.map((part) => part.end)),
        isRunning: parts.some((part) => part.isRunning),
    };
}

export function foldRows(plan) {
    const { rows } = plan;
    const isLeaf = (i) => i + 1 === rows.length || rows[i + 1].depth <= rows[i].depth;
    const groups = new Map();
    rows.forEach((row, i) => {
        if (isLeaf(i) && row.wastedFrom === null && row.end - row.start < plan.axisMs * FOLD_SHARE) {
            const key = `${row.span.parent_id} ${row.span.name}`;
            groups.set(key, [...(groups.get(key) ?? []), row]);
        }
    });
    const folded = new Map();
    for (const parts of groups.values()) {
        if (parts.length >= FOLD_MIN) {
            parts.forEach((part, i) => folded.set(part, i === 0 ? groupRow(parts) : null));
        }
    }
    return { ...plan, rows: rows.map((row) => (folded.has(row) ? folded.get(row) : row)).filter((row) => row !== null) };
}

function ticksOf(axisMs) {
    const step = niceStep(axisMs / TICKS_WANTED);
    const ticks = [];
    for (let i = 0; i * step <= axisMs * 1.0001; i++) {
        ticks.push(i * step);
    }
    return ticks;
}

// From where on a span's work was for nobody: from when it was told to stop (the cancel, else the deadline). A
// clock that is a little off puts that after its end: then the last of it, as long as the CPU that was wasted.
function wastedFrom(span, start, end, toldMs) {
    if (!span.is_wasted) {
        return null;
    }
    if (toldMs === null || toldMs <= start) {
        return start;
    }
    return toldMs < end ? toldMs : Math.max(start, end - time(span.wasted_cpu_ms));
}

export function layoutTrace(trace) {
    const elapsed = time(trace.elapsed_ms);
    const cancelMs = Number.isFinite(trace.cancelled_ms) ? time(trace.cancelled_ms) : null;
    const deadlineMs = Number.isFinite(trace.deadline_ms) ? time(trace.deadline_ms) : null;
    const rows = inOrder(trace.spans ?? []).map(({ span, depth, method }) => {
        const start = time(span.start_ms);
        const isRunning = span.end_ms === null || span.end_ms === undefined;
        const end = Math.max(start, isRunning ? elapsed : time(span.end_ms));
        return { span, depth, method, start, end, isRunning, wastedFrom: wastedFrom(span, start, end, cancelMs ?? deadlineMs) };
    });
    const workMs = Math.max(elapsed, cancelMs ?? 0, ...rows.map((row) => row.end), 0.001);
    const isDeadlineBeyond = deadlineMs !== null && deadlineMs > workMs * DEADLINE_STRETCH;
    const axisMs = deadlineMs === null || isDeadlineBeyond ? workMs : Math.max(workMs, deadlineMs);
    const isLate = trace.cause === 'deadline_exceeded';
    return { axisMs: axisMs * 1.02, ticks: ticksOf(axisMs), deadlineMs, isDeadlineBeyond, cancelMs, isLate, rows };
}
