// Reports in the background, against the real gateway.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { LONG, closePage, openPage, shot, until } from './browser.js';
import { OPERATIONS } from './samples.js';

const { FAST, SLOW } = process.env;

async function startOperation(page) {
    await page.locator('#timeout').fill(LONG);
    await page.locator('.site').nth(2).click();
    await page.click('#background');
    await page.waitForSelector('#operations-body tbody tr');
}

export async function a_report_in_the_background_is_fetched_when_it_is_done() {
    const page = await openPage(FAST);
    await startOperation(page);
    const row = page.locator('#operations-body tbody tr').first();
    await until('it is done', async () => /done/.test(await row.textContent()));
    const [download] = await Promise.all([page.waitForEvent('download'), row.getByRole('button').click()]);
    assert.match(download.suggestedFilename(), /^audit-report-WLK-301-103-en\.pdf$/);
    assert.equal(readFileSync(await download.path()).subarray(0, 5).toString(), '%PDF-');
    await shot(page, 'operations');
    await closePage(page);
}

export async function a_report_in_the_background_is_cancelled_and_says_what_became_of_it() {
    const page = await openPage(SLOW);
    await startOperation(page);
    const row = page.locator('#operations-body tbody tr').first();
    await row.getByRole('button', { name: 'Cancel' }).click();
    await until('it is cancelled', async () => /cancelled/.test(await row.textContent()));
    assert.match(await row.textContent(), /The work has stopped|Nothing was started|It was cancelled/);
    assert.equal(await row.getByRole('button').count(), 0);
    await closePage(page);
}

export async function older_operations_are_shown_when_asked_for() {
    const all = Array.from({ length: 230 }, (_, i) => ({ ...OPERATIONS.operations[1], id: `op-${i}` }));
    const asked = [];
    const page = await openPage(FAST, { path: '/#operations', prepare: (one) => one.route('**/v1/operations?*', (route) => {
        const query = new URL(route.request().url()).searchParams;
        asked.push(query.get('limit'));
        const from = 1 + all.findIndex(({ id }) => id === query.get('before'));
        const operations = all.slice(from, from + Number(query.get('limit')));
        route.fulfill({ json: { operations, next: from + operations.length < all.length ? operations.at(-1).id : null } });
    }) });
    for (const n of [20, 100, 200]) {
        await until(`${n} are shown`, async () => (await page.locator('#operations-body tbody tr').count()) === n);
        await page.click('#operations-more');
    }
    await until('all are shown', async () => (await page.locator('#operations-body tbody tr').count()) === all.length);
    await until('there are no more', async () => (await page.locator('#operations-more').isHidden()));
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    assert.deepEqual([...new Set(asked)], ['20', '100']);
    await closePage(page);
}
