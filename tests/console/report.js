// A whole report with real clicks, against the real gateway and service.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { LONG, closePage, openPage, shot, until } from './browser.js';

const { FAST, SLOW } = process.env;

export async function a_report_is_made_with_real_clicks() {
    const page = await openPage(FAST);
    await page.fill('#site-search', 'china 103');
    await until('one site is left', async () => (await page.locator('.site').count()) === 1);
    await page.click('.site');
    await page.click('#go');
    await page.waitForSelector('.finding');
    assert.match(await page.textContent('#run-title'), /Site 103: report ready/);
    assert.match(await page.getAttribute('.download', 'download'), /^audit-report-WLK-301-103-en\.pdf$/);

    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.download')]);
    const bytes = readFileSync(await download.path());
    assert.equal(bytes.subarray(0, 5).toString(), '%PDF-');

    await until('the PDF opens beside', () => page.frames().some((frame) => frame.url().startsWith('blob:')));
    assert.match(await page.textContent('#findings-tally'), /major/);
    assert.match(await page.textContent('.finding >> nth=0'), /DQ-01[\s\S]*pages[\s\S]*103-001/);
    await page.waitForSelector('svg.fall .span');
    await until('both services are in the waterfall', async () => (await page.locator('.span.gateway').count()) > 0 &&
        (await page.locator('.span.service').count()) > 2);
    await page.locator('.span.service >> nth=1').hover();
    await until('its details are told', async () => /report-service/.test(await page.textContent('.fall-detail')));
    assert.match(await page.getAttribute('.span >> nth=0', 'aria-label'), /took/);
    await shot(page, 'report-done', { fullPage: true });
    await closePage(page);
}

// A page a third of a second; where reports are quick the browser shows the whole of one at once.
export async function progress_moves_and_says_how_much_time_is_left() {
    const page = await openPage(SLOW);
    await page.evaluate(() => {
        window.seen = [];
        new MutationObserver(() => {
            window.seen.push([document.querySelector('#bar').position, document.querySelector('#run-step').textContent,
                document.querySelector('#run-left').textContent, document.querySelector('#bar').getAttribute('aria-valuetext')]);
        }).observe(document.querySelector('#run-progress'), { subtree: true, childList: true, attributes: true, characterData: true });
    });
    await page.locator('#timeout').fill(LONG);
    await page.locator('.site').nth(3).click();
    await page.click('#go');
    await until('pages go by', () => page.evaluate(() => {
        const steps = window.seen.map(([, step]) => step).filter((step) => /page \d/.test(step));
        return new Set(steps).size >= 3;
    }));
    await page.click('#cancel');
    await page.waitForSelector('#run.cancelled');
    const seen = await page.evaluate(() => window.seen);
    const values = seen.map(([value]) => value).filter((value) => value > 0);
    assert.ok(values.length >= 2, JSON.stringify(seen));
    assert.ok(values.every((value, i) => i === 0 || value >= values[i - 1]), `${values}`);
    assert.ok(seen.some(([, step]) => /page \d/.test(step)), JSON.stringify(seen.slice(-3)));
    assert.ok(seen.some(([, , left]) => /^\d+(\.\d)? s$/.test(left)));
    assert.ok(seen.some(([, , , text]) => /^\d+%, /.test(text)));
    await closePage(page);
}

export async function what_data_say_is_text_and_never_markup() {
    const page = await openPage(FAST);
    await page.waitForSelector('.site');
    const evil = page.locator('.site', { hasText: 'onerror' });
    assert.equal(await evil.count(), 1);
    await evil.click();
    await page.click('#go');
    await page.waitForSelector('.finding');
    assert.equal(await page.evaluate(() => 'wasRun' in window), false);
    assert.equal(await page.locator('.site-list img, .findings svg, .findings img').count(), 0);
    assert.match(await page.textContent('#findings-list'), /<svg onload/);
    await closePage(page);
}

export async function a_workbook_is_a_file_to_download_and_json_shows_its_findings() {
    const page = await openPage(FAST);
    await page.locator('.site').nth(2).click();
    for (const [format, type] of [['xlsx', /\.xlsx$/], ['json', /\.json$/]]) {
        await page.selectOption('#report-format', format);
        await page.click('#go');
        await page.waitForSelector('#run.done .download');
        await page.waitForSelector('.finding');
        assert.match(await page.getAttribute('.download', 'download'), type);
        assert.equal(await page.locator('.paper iframe').count(), 0);
    }
    await closePage(page);
}

export async function a_number_that_two_studies_use_is_asked_for_with_its_study() {
    const centers = [['A-1', '101'], ['A-1', '102'], ['B-2', '101']].map(([study, center]) => ({
        study, center, name: null, country: null, subjects: 1, screened: 2, open_findings: null,
    }));
    const page = await openPage(FAST, { expected: [404], prepare: async (one) => {
        await one.route('**/v1/centers', (route) => route.fulfill({ json: { centers } }));
        await one.route('**/audit-report*', (route) => route.fulfill({ status: 404, json: { status: 404, code: 'NOT_FOUND' } }));
    } });
    await page.waitForSelector('.site');
    await page.selectOption('#study', 'B-2');
    assert.equal(await page.locator('.site').count(), 1);
    const queries = [];
    page.on('request', (request) => /audit-report/.test(request.url()) && queries.push(new URL(request.url()).searchParams.get('study')));
    await page.click('.site');
    await page.click('#go');
    await page.waitForSelector('#run.failed');
    await page.selectOption('#study', 'A-1');
    await page.locator('.site').nth(1).click();
    await page.click('#go');
    await until('both were asked for', () => queries.length === 2);
    assert.deepEqual(queries, ['B-2', null]);
    await closePage(page);
}
