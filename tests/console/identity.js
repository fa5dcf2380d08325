// Signing in at a gateway that asks who one is, with real tokens.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { closePage, openPage, shot } from './browser.js';

const { SECURE, SECURE_GATEWAY_LOG, VIEWER, REQUESTER } = process.env;

async function signIn(page, token) {
    await page.waitForSelector('#sign-in-dialog[open]');
    await page.fill('#token', token);
    await page.keyboard.press('Enter');
}

async function ask(page) {
    await page.locator('.site').nth(2).click();
    await page.click('#go');
    await page.waitForSelector('#run:is(.done, .failed)');
    return page.textContent('#run');
}

export async function who_signs_in_may_do_what_his_role_says() {
    const page = await openPage(SECURE, { expected: [401, 403] });
    await signIn(page, 'wk_nonsense');
    await page.waitForSelector('#sign-in-dialog[open]');
    assert.match(await page.textContent('#sign-in-why'), /did not take the token/);
    await signIn(page, VIEWER);
    assert.match(await ask(page), /You may not do this/);
    await shot(page, 'not-allowed');
    await page.click('#sign-in');
    await signIn(page, REQUESTER);
    await page.waitForSelector('.site');
    assert.match(await ask(page), /report ready/);
    assert.equal(page.url().includes(REQUESTER), false);
    const log = readFileSync(SECURE_GATEWAY_LOG, 'utf8');
    assert.deepEqual([VIEWER, REQUESTER, 'wk_nonsense'].map((token) => log.includes(token)), [false, false, false]);
    await closePage(page);
}
