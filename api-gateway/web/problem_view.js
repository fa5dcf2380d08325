// A problem on the page.
import { el } from './dom.js';
import { t } from './i18n.js';
import { problemWords } from './problem.js';

export function problemNode(error) {
    const problem = error.problem ?? { status: 0, code: 'SCRIPT', detail: String(error) };
    const words = problemWords(problem, error.retryAfterSeconds ?? null);
    return el('div', { class: 'problem' },
        el('p', { class: 'problem-title' }, words.title),
        ...words.lines.map((line) => el('p', {}, line)),
        words.traceId === null ? null : el('p', { class: 'hint' }, `${t('problem.trace')} `,
            el('a', { href: `#history/${encodeURIComponent(words.traceId)}`, class: 'code' }, words.traceId)));
}
