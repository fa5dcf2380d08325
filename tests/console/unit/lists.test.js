// Sites, findings, addresses, series, announcements: what is worked out without a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PROGRESS_EVERY_MS, createAnnouncer } from '../../../api-gateway/web/announce.js';
import { findingsOf, tallyOf } from '../../../api-gateway/web/findings.js';
import { fileName, parseReportPath, reportPath } from '../../../api-gateway/web/report_query.js';
import { parseHash } from '../../../api-gateway/web/router.js';
import { POINTS_MAX, createSeries, sparkPoints } from '../../../api-gateway/web/series.js';
import { filterSites, isAmbiguous, studiesOf } from '../../../api-gateway/web/site_filter.js';

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

test('an address says in words what it asks for', () => {
    assert.deepEqual(parseReportPath('/v1/centers/a%2Fb/audit-report?format=xlsx&language=zh-CN&timeout=1s'), { site: 'a/b', format: 'xlsx', language: 'zh-CN' });
    assert.deepEqual(parseReportPath('/v1/centers/101/audit-report'), { site: '101', format: 'pdf', language: 'en' });
    assert.deepEqual(['/v1/centers/%/audit-report', '/v1/studies/A/audit-reports', ''].map(parseReportPath), [null, null, null]);
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
