// The other views, both languages, both themes, small screens.
import assert from 'node:assert/strict';

import { closePage, openPage, shot, until } from './browser.js';
import { TRACE_ID, withSamples } from './samples.js';

const { FAST } = process.env;

export async function language_and_theme_are_switched_and_remembered() {
    const page = await openPage(FAST, { prepare: withSamples });
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
    await page.click('#language');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
    assert.equal(await page.textContent('#report-title'), '研究中心稽查报告');
    assert.match(await page.textContent('#timeout-words'), /秒/);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await ground();
    assert.notEqual(light, dark);
    await page.click('#theme'); // light, whatever the system says
    assert.equal(await ground(), light);
    await page.reload();
    await page.waitForSelector('.site');
    assert.deepEqual([await ground(), await page.textContent('#report-title')], [light, '研究中心稽查报告']);
    await page.click('#theme');
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await ground(), dark);
    await shot(page, 'start-dark-zh');
    await page.click('#language');
    await shot(page, 'start-dark');
    await closePage(page);
}

export async function every_view_shows_what_the_gateway_tells() {
    const page = await openPage(FAST, { prepare: withSamples });
    await page.waitForSelector('.site');
    await shot(page, 'start');
    await page.click('.tabs a[href="#calls"]');
    await page.waitForSelector('#calls-body tbody tr');
    assert.match(await page.textContent('#calls-body'), /AuditReport.*101.*zhao.*running.*drawing the document 12\/57.*9\.19 s.*400 µs/);
    assert.match(await page.textContent('#calls-body'), /stopping.*420 ms/);
    await shot(page, 'calls-sample');
    await page.click('.tabs a[href="#operations"]');
    await page.waitForSelector('#operations-body tbody tr');
    assert.match(await page.textContent('#operations-body'), /Audit report of site 101, PDF, English.*running 25%.*Cancel.*done.*223 KB.*Download.*failed.*The time was up.*cancelled.*The work has stopped.*Validation of CRFs with queries, study WLK-301, CSV, English/);
    await shot(page, 'operations-sample');
    await page.click('.tabs a[href="#history"]');
    await page.click(`#history-body a[href="#history/${TRACE_ID}"]`);
    await page.waitForSelector('#past svg.fall .wasted');
    assert.match(await page.textContent('#history-body'), /Audit report of site 101.*Processing of patient 101-001.*time was up/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'past-title');
    assert.equal(await page.locator('#past .span .wasted').count(), 3);
    assert.match(await page.textContent('#past .mark.cancel'), /401 ms/);
    await page.click('#past summary');
    assert.match(await page.textContent('#past .fall-table tbody'), /fetch:edc|reading the EDC/);
    await shot(page, 'waterfall-sample', { fullPage: true });
    await page.click('.tabs a[href="#overload"]');
    await until('rates are known', async () => /\d\/s/.test(await page.textContent('.class >> nth=0')));
    assert.match(await page.textContent('.class >> nth=0'), /Reports.*2 of 4 places at work.*Goodput.*Refused as doomed/);
    await shot(page, 'overload');
    await closePage(page);
}

export async function the_layout_fits_from_a_phone_to_a_wall() {
    const page = await openPage(FAST, { viewport: { width: 360, height: 740 }, locale: 'zh-CN', prepare: withSamples });
    await page.locator('.site').nth(2).click();
    await page.click('#go');
    await page.waitForSelector('.finding');
    await page.waitForSelector('#fall svg.fall');
    for (const [width, height] of [[360, 740], [768, 1024], [1920, 1080]]) {
        await page.setViewportSize({ width, height });
        for (const view of ['calls', 'overload', 'operations', `history/${TRACE_ID}`, 'report']) {
            await page.evaluate((hash) => {
                location.hash = hash;
            }, view);
            await page.waitForSelector(`#view-${view.split('/')[0]} :is(tbody tr, .class, .site) >> visible=true`);
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(over <= 0, `${view} at ${width}: ${over} px too wide`);
            const reach = await page.evaluate(() => document.querySelector('.tabs a:last-child').getBoundingClientRect().right);
            assert.ok(reach <= width, `the last view's tab ends at ${reach} of ${width}`);
            const job = await page.evaluate(() => document.querySelector('#operations-body tbody th')?.clientWidth ?? 0);
            assert.ok(view !== 'operations' || job > 80, `an operation's name has ${job} px at ${width}`);
        }
        await until('the waterfall fits', () => page.evaluate(() => {
            const chart = document.querySelector('#fall svg.fall');
            return Math.abs(chart.clientWidth - chart.parentElement.clientWidth) < 2;
        }));
        await shot(page, `width-${width}`, { fullPage: true });
    }
    await closePage(page);
}
