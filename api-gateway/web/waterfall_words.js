// What is said of a span, a trace and their ends, for eyes and for screen readers.
import { duration } from './format.js';
import { language, t, wordFor } from './i18n.js';
import { jobName, methodName } from './job_names.js';
import { stageWord } from './stage_words.js';

const ATTRIBUTES_SHOWN_MAX = 8;

// A request is named by what it asks for, a section by what it is, a method by what it does; other steps by their names.
export function spanLabel({ span, method }) {
    const { what, path } = span.attributes ?? {};
    if (span.name === 'section' && what) {
        return wordFor('section', what);
    }
    if (span.name?.startsWith('rpc ')) {
        return t('fall.call', { what: methodName(span.name.slice('rpc '.length)) });
    }
    if (span.name === method) {
        return methodName(span.name);
    }
    return (path && jobName(path)) || stageWord(span.name, method);
}

export function rowLabel(row) {
    return row.parts === undefined ? spanLabel(row)
        : t('fall.several', { what: stageWord(row.span.name, row.method), n: row.parts.length });
}

// How long a row's steps took together.
export function workOf(row) {
    return (row.parts ?? [row]).reduce((sum, part) => sum + part.end - part.start, 0);
}

function attributesText(attributes) {
    return Object.entries(attributes ?? {}).slice(0, ATTRIBUTES_SHOWN_MAX)
        .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ');
}

function groupDetails(row) {
    const longest = row.parts.reduce((most, part) => (part.end - part.start > most.end - most.start ? part : most));
    return [
        `${rowLabel(row)} (${row.span.service})`,
        t('fall.from_to', { from: duration(language(), row.start), took: duration(language(), workOf(row)) }),
        t('fall.longest', { what: attributesText(longest.span.attributes), took: duration(language(), longest.end - longest.start) }),
    ].join(' · ');
}

export function rowDetails(row) {
    if (row.parts !== undefined) {
        return groupDetails(row);
    }
    const { span } = row;
    const parts = [
        `${spanLabel(row)} (${span.service})`,
        t('fall.from_to', { from: duration(language(), row.start), took: duration(language(), row.end - row.start) }),
        row.isRunning ? t('fall.running') : wordFor('status', span.status ?? 'OK'),
    ];
    if (span.is_wasted) {
        parts.push(t('fall.wasted_cpu', { time: duration(language(), span.wasted_cpu_ms ?? 0) }));
    }
    const attributes = attributesText(span.attributes);
    return (attributes === '' ? parts : [...parts, attributes]).join(' · ');
}

// Under a waterfall's title: how it ended, how long it took, whose deadline it had.
export function traceSummary(trace) {
    const parts = [
        trace.state === 'running' ? t('fall.running') : wordFor('status', trace.status),
        duration(language(), trace.elapsed_ms),
    ];
    if (trace.http_status !== null && trace.http_status !== undefined) {
        parts.splice(1, 0, `HTTP ${trace.http_status}`);
    }
    if (Number.isFinite(trace.deadline_ms)) {
        parts.push(t('fall.deadline_of', {
            time: duration(language(), trace.deadline_ms), origin: wordFor('origin', trace.deadline_origin ?? 'none'),
        }));
    }
    if (trace.cause && trace.cause !== 'deadline_exceeded') { // which is the status
        parts.push(wordFor('cause', trace.cause));
    }
    return parts.join(' · ');
}
