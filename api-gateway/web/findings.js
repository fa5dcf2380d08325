// The findings of a report out of its JSON (walkie.audit-report/1). Pure.
//
//     findingsOf(json, cellText)   [{ grade, rule, area, text, reference, subjects: ['101-003'], n_evidence }]

export const GRADES = ['critical', 'major', 'minor', 'recommendation'];
export const SUBJECTS_SHOWN_MAX = 4;

// Subjects that rows of tables name beside a finding: { 'finding-IC-01': Set }.
function subjectsByFinding(report) {
    const subjects = new Map();
    const tables = report.sections.flatMap((section) => section.blocks).filter((block) => block.kind === 'table');
    for (const row of tables.flatMap((table) => table.rows)) {
        const anchor = row.links?.finding;
        const subject = row.cells.subject_no;
        if (anchor !== undefined && typeof subject === 'string') {
            if (!subjects.has(anchor)) {
                subjects.set(anchor, new Set());
            }
            subjects.get(anchor).add(subject);
        }
    }
    return subjects;
}

// A statement's holes are filled with its arguments; a share below one is shown as a percentage where
// the number is no integer, as the report itself does.
function statementOf(finding, words, cellText) {
    const template = words[finding.statement] ?? finding.statement;
    return template.replace(/\{(\d)\}/g, (whole, i) => {
        const cell = finding.arguments[Number(i)];
        return cell === undefined ? whole : cellText(cell, words);
    });
}

export function findingsOf(json, cellText) {
    const subjects = subjectsByFinding(json.report);
    return json.report.findings.map((finding) => ({
        grade: finding.grade,
        rule: finding.rule,
        area: json.words[finding.area] ?? finding.area,
        text: statementOf(finding, json.words, cellText),
        reference: finding.reference,
        subjects: [...(subjects.get(finding.anchor) ?? [])],
        nEvidence: finding.n_evidence,
    }));
}

export function tallyOf(findings) {
    return GRADES.map((grade) => ({ grade, n: findings.filter((one) => one.grade === grade).length }))
        .filter((one) => one.n > 0);
}
