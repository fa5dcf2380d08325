// The preview of findings beside the report.
import { byId, el, setText } from './dom.js';
import { SUBJECTS_SHOWN_MAX, findingsOf, tallyOf } from './findings.js';
import { count, percent } from './format.js';
import { language, t, wordFor } from './i18n.js';

function cellText(cell, words) {
    if (typeof cell === 'number') {
        const isShare = !Number.isInteger(cell) && cell > 0 && cell < 1;
        return isShare ? percent(language(), cell) : new Intl.NumberFormat(language()).format(cell);
    }
    if (typeof cell === 'string') {
        return cell;
    }
    if (cell?.word !== undefined) {
        return words[cell.word] ?? cell.word;
    }
    return cell?.blinded ? t('findings.blinded') : t('findings.no_value');
}

function subjectsText(subjects) {
    const shown = subjects.slice(0, SUBJECTS_SHOWN_MAX).join(', ');
    const more = subjects.length - SUBJECTS_SHOWN_MAX;
    return more > 0 ? t('findings.subjects_more', { subjects: shown, n: count(language(), more) }) : shown;
}

function item(finding) {
    return el('li', { class: `finding ${finding.grade}` },
        el('p', { class: 'finding-head' },
            el('b', { class: 'grade' }, wordFor('grade', finding.grade)),
            el('span', { class: 'code' }, finding.rule),
            el('span', {}, finding.area)),
        el('p', {}, finding.text),
        finding.subjects.length === 0 ? null : el('p', { class: 'hint' }, `${t('findings.subjects')} ${subjectsText(finding.subjects)}`));
}

// `json`: the report; null hides the preview.
export function showFindings(json) {
    byId('findings').hidden = json === null;
    if (json === null) {
        return;
    }
    const findings = findingsOf(json, cellText);
    const tally = tallyOf(findings).map((one) => `${count(language(), one.n)} ${wordFor('grade_count', one.grade)}`);
    setText(byId('findings-tally'), tally.length === 0 ? t('findings.none') : tally.join(' · '));
    byId('findings-list').replaceChildren(...findings.map(item));
}
