// The result of a validation: counts, checks that found something, the first problems, the files, and the second step.
//
//     showValidation({ found, file, onCsv, onWrite });       onWrite null: whoever looks at it may not
//     showValidation(null);                                  there is none
import { byId, el, setText } from './dom.js';
import { count } from './format.js';
import { language, t, wordFor } from './i18n.js';
import { problemNode } from './problem_view.js';
import { PROBLEMS_SHOWN_MAX } from './validation.js';

const n = (value) => count(language(), value);

// columns: [[word of its head, kind, (item) => text]]; the first one is the rows' head.
function table(title, columns, items) {
    const cell = (item, [, kind, text], i) => el(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : null, class: kind }, text(item) ?? '–');
    return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
        el('table', {},
            el('caption', {}, title),
            el('thead', {}, el('tr', {}, ...columns.map(([head, kind]) => el('th', { scope: 'col', class: kind }, t(head))))),
            el('tbody', {}, ...items.map((item) => el('tr', {}, ...columns.map((column, i) => cell(item, column, i)))))));
}

function checksTable({ checks }) {
    return table(t('validation.checks'), [
        ['validation.col_check', 'code', (check) => check.code],
        ['validation.col_severity', null, (check) => wordFor('severity', check.severity)],
        ['validation.col_problems', 'figure', (check) => n(check.problems)],
        ['validation.col_evaluated', 'figure', (check) => n(check.evaluated)],
        ['validation.col_not_applicable', 'figure', (check) => n(check.not_applicable)],
        ['validation.col_message', 'long', (check) => check.message],
    ], checks);
}

function problemsTable({ problems, counts, isWritten }) {
    const title = counts.problems > PROBLEMS_SHOWN_MAX
        ? t('validation.problems_first', { shown: n(problems.length), n: n(counts.problems) }) : t('validation.problems');
    const columns = [
        ['validation.col_subject', null, (problem) => problem.subject_no],
        ['validation.col_visit', null, (problem) => problem.visit],
        ['validation.col_form', null, (problem) => problem.form],
        ['validation.col_item', null, (problem) => problem.item],
        ['validation.col_value', 'figure', (problem) => problem.value],
        ['validation.col_severity', null, (problem) => wordFor('severity', problem.severity)],
        ['validation.col_message', 'long', (problem) => problem.message],
    ];
    return table(title, isWritten ? [...columns, ['validation.col_query', null, (problem) => problem.query]] : columns, problems);
}

function facts({ counts, isWritten, notProvided, broken }) {
    const lines = [t('validation.read', { subjects: n(counts.subjects), forms: n(counts.forms), items: n(counts.items) }),
        t('validation.ran', { checks: n(counts.checks), evaluated: n(counts.evaluated), none: n(counts.not_applicable) })];
    if (counts.forms_missing > 0) {
        lines.push(t('validation.missing', { n: n(counts.forms_missing) }));
    }
    if (counts.too_costly > 0) {
        lines.push(t('validation.too_costly', { n: n(counts.too_costly) }));
    }
    if (isWritten) {
        lines.push(t('validation.written', { opened: n(counts.queries_opened), known: n(counts.queries_known) }));
    }
    return [
        el('p', { class: 'hint' }, lines.join(' ')),
        ...notProvided.map((text) => el('p', { class: 'hint' }, text)),
        ...broken.map((check) => el('p', { class: 'alarm' }, t('validation.broken', {
            check: check.code, line: n(check.error.line), column: n(check.error.column), text: check.error.text,
        }))),
    ];
}

function csvButton(onCsv) {
    const failure = el('div', { class: 'failure' });
    const button = el('button', { type: 'button', id: 'validation-csv', click: async () => {
        button.disabled = true;
        failure.replaceChildren();
        try {
            await onCsv();
        } catch (error) {
            failure.replaceChildren(problemNode(error));
        }
        button.disabled = false;
    } }, t('validation.csv'));
    return [button, failure];
}

function actions(file, found, onCsv, onWrite) {
    const [csv, failure] = csvButton(onCsv);
    const isOffered = onWrite !== null && found !== null && !found.isWritten && found.counts.problems > 0;
    const write = isOffered ? el('button', { type: 'button', class: 'primary', id: 'validation-write', click: onWrite },
        t('validation.write', { n: n(found.counts.problems) })) : null;
    return [el('div', { class: 'actions' },
        el('a', { class: 'button', href: file.url, download: file.name }, t('validation.json')), csv, write), failure];
}

// `found` null: the file is too long to be shown.
export function showValidation(shown) {
    byId('validation').hidden = shown === null;
    if (shown === null) {
        return;
    }
    const { found, file, onCsv, onWrite } = shown;
    const tally = found === null ? '' : found.bySeverity.map((one) => `${n(one.n)} ${wordFor('severity_count', one.severity)}`).join(' · ');
    setText(byId('validation-tally'), tally);
    const parts = found === null ? [el('p', { class: 'hint' }, t('validation.too_long'))]
        : [...facts(found), ...(found.counts.problems === 0 ? [el('p', { class: 'nothing' }, t('validation.none'))]
            : [checksTable(found), problemsTable(found)])];
    byId('validation-body').replaceChildren(...actions(file, found, onCsv, onWrite), ...parts);
}
