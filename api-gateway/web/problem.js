// A problem of the gateway in words: what happened, who set the limit, what to do.
//
//     problemWords(error.problem, error.retryAfterSeconds)
//         { title: 'The time was up', lines: ['The limit came from …'], traceId: '…' | null }
import { seconds } from './format.js';
import { hasWord, language, t, wordFor } from './i18n.js';
import { WORDS } from './words.js';

function titleOf(problem) {
    for (const key of [`problem.${problem.code}`, `problem.${problem.status}`]) {
        if (Object.hasOwn(WORDS, key)) {
            return t(key);
        }
    }
    return t('problem.other', { status: problem.status });
}

// What to do about it. A limit that somebody else set cannot be chosen longer.
function helpOf(problem) {
    const isOwnLimit = problem.code === 'DEADLINE_EXCEEDED' && problem.deadline_origin?.startsWith('query');
    const key = isOwnLimit ? 'own_limit' : problem.code;
    return hasWord('help', key) ? t(`help.${key}`) : null;
}

function hop(n) {
    return wordFor('hop', n ?? 0);
}

export function problemWords(problem, retryAfterSeconds = null) {
    const lines = [];
    const isLate = problem.code === 'DEADLINE_EXCEEDED';
    if (isLate && problem.deadline_origin) {
        lines.push(t('problem.deadline_by', {
            origin: wordFor('origin', problem.deadline_origin), hop: hop(problem.deadline_hop),
        }));
    }
    if (problem.cause && !(isLate && problem.cause === 'deadline_exceeded')) {
        lines.push(t('problem.cause', { cause: wordFor('cause', problem.cause), hop: hop(problem.cause_hop) }));
    }
    if (problem.outcome) {
        lines.push(wordFor('outcome', problem.outcome));
    }
    if (problem.detail) {
        lines.push(t('problem.detail', { detail: problem.detail }));
    }
    const help = helpOf(problem);
    if (help !== null) {
        lines.push(help);
    }
    if (retryAfterSeconds !== null) {
        lines.push(t('problem.retry', { time: seconds(language(), retryAfterSeconds) }));
    }
    return { title: titleOf(problem), lines, traceId: problem.trace_id ?? null };
}
