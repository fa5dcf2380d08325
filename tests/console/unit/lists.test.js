// Sites, findings, addresses, series, announcements: what is worked out without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PROGRESS_EVERY_MS, createAnnouncer } from '../../../api-gateway/web/announce.js';
import { findingsOf, tallyOf } from '../../../api-gateway/web/findings.js';
import { jobName, jobNameAndFile } from '../../../api-gateway/web/job_names.js';
import { fileName, parseJobPath, processPath, reportPath, validationPath } from '../../../api-gateway/web/job_path.js';
import { coversStudy } from '../../../api-gateway/web/permissions.js';
import { parseHash } from '../../../api-gateway/web/router.js';
import { POINTS_MAX, createSeries, sparkPoints } from '../../../api-gateway/web/series.js';
import { stageWord } from '../../../api-gateway/web/stage_words.js';
import { filterSites, isAmbiguous, studiesOf } from '../../../api-gateway/web/site_filter.js';
import { PROBLEMS_SHOWN_MAX, validationOf } from '../../../api-gateway/web/validation.js';
import { setLanguageForTest } from './support.js';

const SITES = [
    { study: 'A-1', center: '101', name: '北京协安医院', country: 'China' },
    { study: 'A-1', center: '102', name: 'Bayou Heart Center', country: 'US' },
    { study: 'B-2', center: '101', name: null, country: null },
];

test('a search finds number, name and country, every word of it', () => {
    const found = (search, study = '') => filterSites(SITES, search, study).map((site) => `${site.study} ${site.center}`);
    assert.deepEqual(found(' HEART us'), ['A-1 102']);
    assert.deepEqual(found('协安'), ['A-1 101']);
    assert.deepEqual(found('１０１'), ['A-1 101', 'B-2 101']);
    assert.deepEqual(found('101', 'B-2'), ['B-2 101']);
    assert.deepEqual(found('101 heart'), []);
});

test('only a number that two studies use needs the study', () => {
    assert.deepEqual(SITES.map((site) => isAmbiguous(SITES, site)), [true, false, true]);
    assert.deepEqual(studiesOf(SITES), ['A-1', 'B-2']);
});

test('the address of a report holds what was chosen, encoded', () => {
    const options = { format: 'pdf', language: 'zh-CN', timeoutSeconds: 10 };
    assert.equal(reportPath({ center: '101', study: 'A-1' }, options), '/v1/centers/101/audit-report?format=pdf&language=zh-CN&timeout=10s');
    assert.equal(reportPath({ center: 'a/b?', study: 'S &1', isAmbiguous: true }, options),
        '/v1/centers/a%2Fb%3F/audit-report?format=pdf&language=zh-CN&timeout=10s&study=S+%261');
});

test('the address of a validation says of what, and whether it writes', () => {
    const site = { center: '101', study: 'S &1', isAmbiguous: true };
    const wish = { format: 'json', language: 'en', timeoutSeconds: 5 };
    assert.equal(validationPath(site, { ...wish, scope: 'site', isWritten: false }), '/v1/centers/101/crf-validations?format=json&language=en&timeout=5s&study=S+%261');
    assert.equal(validationPath(site, { ...wish, scope: 'study', isWritten: true }), '/v1/studies/S%20%261/crf-validations?format=json&language=en&timeout=5s&write=1');
});

test('the address of a processing has what was said, and no more', () => {
    assert.equal(processPath({ patient: '101/1', pace: '', study: '', center: '' }), '/process/101%2F1');
    assert.equal(processPath({ patient: '7', pace: '1s', study: 'S &1', center: '101' }), '/process/7?pace=1s&study=S+%261&center=101');
});

test('an address says what job it asks for', () => {
    assert.deepEqual(parseJobPath('/v1/centers/a%2Fb/audit-report?format=xlsx&language=zh-CN&timeout=1s'),
        { kind: 'report', of: 'a/b', format: 'xlsx', language: 'zh-CN', isWritten: false });
    assert.deepEqual(parseJobPath('/v1/centers/101/audit-report'), { kind: 'report', of: '101', format: 'pdf', language: 'en', isWritten: false });
    assert.deepEqual(parseJobPath('/v1/studies/A/crf-validations?write=1'),
        { kind: 'study_validation', of: 'A', format: 'json', language: 'en', isWritten: true });
    assert.deepEqual(parseJobPath('/process/101-001?pace=1s'), { kind: 'process', of: '101-001', format: null, language: null, isWritten: false });
    assert.deepEqual(['/v1/centers/101/crf-validations', '/v1/studies/A/audit-reports', '/v1/patients/1/epro-responses'].map((path) => parseJobPath(path).kind),
        ['validation', 'study_reports', 'responses']);
    assert.deepEqual(['/v1/centers/%/audit-report', '/v1/centers', '/process/', ''].map(parseJobPath), [null, null, null, null]);
});

test('jobs are named in both languages, with their files where that is told', () => {
    const path = '/v1/centers/104/crf-validations?format=csv&language=zh-CN&write=1';
    setLanguageForTest('en');
    assert.equal(jobName(path), 'Validation of CRFs with queries, site 104');
    assert.equal(jobNameAndFile(path), 'Validation of CRFs with queries, site 104, CSV, 中文');
    assert.equal(jobNameAndFile('/process/101-001'), 'Processing of patient 101-001');
    assert.deepEqual([jobName('/v1/centers'), jobNameAndFile('/v1/centers')], [null, null]);
    setLanguageForTest('zh-CN');
    assert.equal(jobName('/process/101-001'), '受试者 101-001 ePRO 处理');
    assert.deepEqual([stageWord('render', 'Validate'), stageWord('render', 'AuditReport')], ['写入结果', '绘制文档']);
    setLanguageForTest('en');
});

test('a whole study is within a scope that has all of it, encoded or not', () => {
    const covers = (sites) => coversStudy(sites, 'AA 1');
    assert.deepEqual(['*', '101,AA%201:*', 'AA%201:101', '101', 'AA-1:*', '%:*', ''].map(covers), [true, true, false, false, false, false, false]);
});

test('a validation is told by severity, check and first problems', () => {
    const check = (code, severity, problems, error = null) => ({ code, severity, problems, error });
    const problem = (i) => ({ check: 'B', query: i === 0 ? 'crf_opened' : null });
    const found = validationOf({ words: { crf_opened: 'opened', no_values: 'Values are not provided' }, validation: {
        counts: { problems: 66 }, is_written: true, not_provided: ['no_values'],
        checks: [check('A', 'soft', 60), check('B', 'hard', 2), check('C', 'hard', 4), check('D', 'hard', 0, { line: 1, column: 8, text: 'x' })],
        problems: Array.from({ length: 66 }, (_, i) => problem(i)),
    } });
    assert.deepEqual(found.bySeverity, [{ severity: 'hard', n: 6 }, { severity: 'soft', n: 60 }]);
    assert.deepEqual(found.checks.map(({ code }) => code), ['C', 'B', 'A']);
    assert.deepEqual(found.broken.map(({ code }) => code), ['D']);
    assert.deepEqual([found.problems.length, found.problems[0].query, found.problems[1].query], [PROBLEMS_SHOWN_MAX, 'opened', null]);
    assert.deepEqual(found.notProvided, ['Values are not provided']);
});

test('a file has the name that the gateway gave it', () => {
    assert.equal(fileName('attachment; filename="a.pdf"; filename*=UTF-8\'\'%E6%8A%A5.pdf', 'x'), '报.pdf');
    assert.equal(fileName('attachment; filename="a.pdf"; filename*=UTF-8\'\'%E6%8', 'x'), 'a.pdf');
    assert.equal(fileName(null, 'x'), 'x');
});

test('an address that leads nowhere leads to the first view', () => {
    const names = ['report', 'history'];
    assert.deepEqual(parseHash('#history/4b%2Ff', names), { name: 'history', argument: '4b/f' });
    assert.deepEqual(parseHash('#history/%', names), { name: 'history', argument: '' });
    assert.deepEqual(parseHash('#nope/1', names), { name: 'report', argument: '' });
    assert.deepEqual(parseHash('', names), { name: 'report', argument: '' });
});

test('findings have their text filled in and the subjects that show them', () => {
    const json = {
        words: { s: '{0} of {1} ({2}) {9}', area: 'Consent' },
        report: {
            findings: [{ rule: 'IC-01', grade: 'critical', area: 'area', statement: 's', arguments: [2, 39, 0.25], reference: 'r', anchor: 'finding-IC-01', n_evidence: 2 },
                { rule: 'X', grade: 'minor', area: 'unknown', statement: '<b>{0}</b>', arguments: [], anchor: 'x' }],
            sections: [{ blocks: [{ kind: 'paragraph' }, { kind: 'table', rows: [
                { cells: { subject_no: '101-003' }, links: { finding: 'finding-IC-01' } },
                { cells: { subject_no: '101-003' }, links: { finding: 'finding-IC-01' } },
                { cells: { subject_no: null }, links: { finding: 'finding-IC-01' } }, { cells: {} }] }] }],
        },
    };
    const findings = findingsOf(json, String);
    assert.deepEqual([findings[0].text, findings[0].area, findings[0].subjects], ['2 of 39 (0.25) {9}', 'Consent', ['101-003']]);
    assert.deepEqual([findings[1].text, findings[1].area], ['<b>{0}</b>', 'unknown']);
    assert.deepEqual(tallyOf(findings), [{ grade: 'critical', n: 1 }, { grade: 'minor', n: 1 }]);
});

test('a counter becomes a rate, and a restart is no negative one', () => {
    const series = createSeries();
    assert.equal(series.rate(), null);
    series.add(1000, 10);
    assert.equal(series.rate(), null);
    series.add(3000, 20);
    assert.equal(series.rate(), 5);
    series.add(4000, 0);
    assert.equal(series.rate(), null);
});

test('a series keeps the newest points and draws them to the right edge', () => {
    const series = createSeries();
    for (let i = 0; i < POINTS_MAX + 10; i++) {
        series.add(i, i);
    }
    assert.deepEqual([series.values().length, series.values()[0]], [POINTS_MAX, 10]);
    assert.match(sparkPoints([0, 5], 100, 20), /^\S+,19\.0 100\.0,1\.0$/);
});

test('progress is said now and then, an end at once', () => {
    const said = [];
    let now = 0;
    const { say, sayProgress } = createAnnouncer((text) => said.push(text), () => now);
    sayProgress('1 %');
    now = PROGRESS_EVERY_MS - 1;
    sayProgress('2 %');
    say('done');
    now += PROGRESS_EVERY_MS;
    sayProgress('3 %');
    assert.deepEqual(said, ['1 %', 'done', '3 %']);
});
