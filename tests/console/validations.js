// Validations of CRFs from the page: found, fetched, written as queries, stopped, and offered to those who may.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { LONG, accessibilityProblems, closePage, openPage, shot, until, waitForLog } from './browser.js';

const { FAST, STUCK, STUCK_GATEWAY_LOG, STUCK_SERVICE_LOG, SECURE, REQUESTER, WRITER_OF_101 } = process.env;

async function choose(page, site, scope = 'site') {
    await page.locator('#timeout').fill(LONG);
    await page.locator('.site', { hasText: site }).click();
    await page.locator('.choice label').nth(1).click();
    await page.selectOption('#validation-scope', scope);
}

async function validate(page) {
    await page.click('#go');
    await page.waitForSelector('#run:is(.done, .failed)');
    await page.waitForSelector('#validation:not([hidden])');
    return page.textContent('#validation');
}

async function openQueries(page) {
    await page.click('#validation-write');
    await page.waitForSelector('#confirm[open]');
    assert.equal(await page.textContent('#confirm-title'), 'Open 2 queries?');
    await page.click('#confirm-yes');
    await page.waitForSelector('#run.done #run-title:text("queries opened")');
    await page.waitForSelector('#validation:not([hidden])');
    return page.textContent('#validation');
}

export async function problems_become_queries_once_and_only_when_that_is_confirmed() {
    const page = await openPage(FAST);
    await choose(page, '104');
    const written = [];
    page.on('request', (request) => /write=1/.test(request.url()) && written.push(request.method()));
    const words = await validate(page);
    assert.match(words, /2 soft[\s\S]*Subjects: 60; forms: 1,579[\s\S]*VS_WEIGHT_CHANGE[\s\S]*104-001[\s\S]*WEIGHT[\s\S]*115\.3/);
    assert.match(await page.getAttribute('#validation a[download]', 'download'), /^crf-validation-WLK-301-104-en\.json$/);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#validation-csv')]);
    assert.equal(download.suggestedFilename(), 'crf-validation-WLK-301-104-en.csv');
    assert.equal(readFileSync(await download.path(), 'utf8').trim().split('\n').length, 3);

    await page.click('#validation-write');
    await page.waitForSelector('#confirm[open]');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'confirm-no');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#confirm', { state: 'hidden' });
    assert.deepEqual(written, []);
    assert.match(await openQueries(page), /Queries opened: 2; there already: 0/);
    assert.equal(await page.locator('#validation-write').count(), 0);
    await validate(page);
    assert.match(await openQueries(page), /Queries opened: 0; there already: 2/);
    assert.deepEqual(written, ['POST', 'POST']);
    await closePage(page);
}

export async function a_whole_study_is_validated_and_its_result_is_read_everywhere() {
    for (const [colorScheme, locale, rules] of [['light', 'en-GB', null], ['dark', 'zh-CN', ['color-contrast']]]) {
        const page = await openPage(FAST, { colorScheme, locale });
        await choose(page, '104', 'study');
        assert.match(await validate(page), /DM_SEX_SUBJECT[\s\S]*111-001/);
        assert.match(await page.textContent('#run-title'), /WLK-301/);
        await page.waitForSelector('#fall .span:has-text("CRF")');
        assert.deepEqual(await accessibilityProblems(page, rules), []);
        await shot(page, `validation-${colorScheme}`, { fullPage: true });
        for (const width of [360, 768, 1920]) {
            await page.setViewportSize({ width, height: 900 });
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `at ${width}`);
        }
        await page.click('#validation-write');
        assert.deepEqual(await accessibilityProblems(page, rules), []);
        await shot(page, `validation-confirm-${colorScheme}`);
        await closePage(page);
    }
}

// Each statement of that service takes longer than any test: the validation stands until somebody ends it.
async function openStuck() {
    const center = { study: 'WLK-301', center: '104', name: null, country: null, subjects: 1, screened: 1, open_findings: null };
    const page = await openPage(STUCK, { prepare: (one) => one.route('**/v1/centers', (route) => route.fulfill({ json: { centers: [center] } })) });
    await choose(page, '104');
    const request = page.waitForRequest(/crf-validations/);
    await page.click('#go');
    const headers = await (await request).allHeaders();
    await page.waitForSelector('#run.running');
    const traceId = headers.traceparent.split('-')[1];
    await until('the service is at work', () => page.evaluate(async (id) => {
        const { calls } = await (await fetch('/v1/calls')).json();
        return calls.some((call) => call.trace_id === id && call.method.endsWith('Validate') && call.state === 'running');
    }, traceId));
    return { page, traceId };
}

async function hasStopped(traceId) {
    await waitForLog(STUCK_GATEWAY_LOG, 'http.disconnect', traceId);
    await waitForLog(STUCK_SERVICE_LOG, 'ctx.stopped', traceId);
}

export async function a_validation_stops_when_it_is_cancelled_or_its_page_is_closed() {
    const { page, traceId } = await openStuck();
    await page.click('#cancel');
    await page.waitForSelector('#run.cancelled');
    await hasStopped(traceId);
    await closePage(page);
    const other = await openStuck();
    await closePage(other.page);
    await hasStopped(other.traceId);
}

async function signIn(page, token) {
    await page.waitForSelector('#sign-in-dialog[open]');
    await page.fill('#token', token);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.site');
}

export async function queries_and_whole_studies_are_offered_to_those_who_may() {
    const isStudyOffered = (page) => page.evaluate(() => !document.querySelector('#validation-scope [value="study"]').disabled);
    const requester = await openPage(SECURE, { expected: [401] });
    await signIn(requester, REQUESTER);
    await choose(requester, '104');
    await until('the whole study is offered', () => isStudyOffered(requester));
    await validate(requester);
    assert.equal(await requester.locator('#validation-write').count(), 0);
    await requester.goto(`${SECURE}/#patient`);
    assert.equal(await requester.locator('#patient-go').isEnabled(), false);
    assert.equal(await requester.locator('#patient-not-allowed').isVisible(), true);
    await closePage(requester);

    const writer = await openPage(SECURE, { expected: [401] });
    await signIn(writer, WRITER_OF_101);
    await until('it may write', () => writer.evaluate(() => !document.getElementById('patient-go').disabled));
    await choose(writer, '101');
    assert.equal(await isStudyOffered(writer), false);
    await validate(writer);
    assert.equal(await writer.locator('#validation-write').count(), 1);
    await closePage(writer);
}
