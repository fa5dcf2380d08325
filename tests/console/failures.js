// What goes wrong is said in words: the time was up, no room, no identity, no gateway, a slow network.
import assert from 'node:assert/strict';

import { closePage, openPage, shot, until } from './browser.js';

const { FAST, SLOW } = process.env;

function problem(status, code, more = {}, headers = {}) {
    return { status, headers: { 'content-type': 'application/problem+json', ...headers }, body: JSON.stringify({ status, code, title: code, ...more }) };
}

async function ask(page) {
    await page.locator('.site').nth(2).click();
    await page.click('#go');
    await page.waitForSelector('#run.failed');
    return page.textContent('#run-result');
}

export async function a_timeout_says_whose_limit_it_was() {
    const page = await openPage(SLOW, { expected: [504] });
    await page.locator('#timeout').fill('1');
    assert.equal(await page.textContent('#timeout-words'), '1 second');
    const words = await ask(page);
    assert.match(words, /The time was up/);
    assert.match(words, /Whose limit: the time limit you chose \(at the gateway\)[\s\S]*Choose a longer time limit/);
    await page.waitForSelector('.mark.cancel');
    assert.match(await page.textContent('.mark.cancel'), /told to stop/); // nobody cancelled
    await page.waitForSelector('.mark.deadline');
    await shot(page, 'error-timeout');
    await closePage(page);
}

export async function a_refusal_says_when_to_come_again() {
    const page = await openPage(FAST, { expected: [429] });
    await page.route('**/audit-report*', (route) => route.fulfill(problem(429, 'RESOURCE_EXHAUSTED', { detail: 'not enough time' }, { 'Retry-After': '7' })));
    assert.match(await ask(page), /There is no room for it now[\s\S]*not enough time[\s\S]*Try again in 7 seconds/);
    await closePage(page);
}

export async function a_token_is_asked_for_and_travels_in_a_header_only() {
    const seen = [];
    const page = await openPage(FAST, {
        expected: [401],
        prepare: (one) => one.route('**/v1/centers', (route) => {
            const { authorization } = route.request().headers();
            seen.push(authorization);
            return authorization === 'Bearer s3cret' ? route.fallback() : route.fulfill(problem(401, 'UNAUTHENTICATED'));
        }),
    });
    await page.waitForSelector('#sign-in-dialog[open]');
    assert.match(await page.textContent('#sign-in-why'), /asks who you are/);
    await shot(page, 'sign-in');
    await page.fill('#token', 's3cret');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.site');
    assert.deepEqual(seen, [undefined, 'Bearer s3cret']);
    assert.doesNotMatch(page.url(), /s3cret/);
    assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage }).includes('s3cret')), false);
    await page.click('#sign-in');
    await page.waitForSelector('#sign-in-dialog[open]');
    assert.equal(await page.evaluate(() => sessionStorage.getItem('walkie.token')), null);
    await closePage(page);
}

export async function a_gateway_that_is_away_is_named_and_can_be_asked_again() {
    const page = await openPage(FAST, { prepare: (one) => one.route('**/v1/centers', (route) => route.abort()) });
    await page.waitForSelector('.site-list .problem');
    assert.match(await page.textContent('.site-list'), /The gateway cannot be reached/);
    await page.unroute('**/v1/centers');
    await page.click('.site-list button');
    await page.waitForSelector('.site');
    page.complaints = page.complaints.filter((one) => !/ERR_FAILED/.test(one));
    await closePage(page);
}

export async function services_that_do_not_answer_are_counted_where_they_are_missing() {
    const page = await openPage(FAST, { prepare: async (one) => {
        await one.route('**/v1/calls', (route) => route.fulfill({ json: { calls: [], calls_all: 0, unanswered: ['tcp://a:1', 'tcp://b:1'] } }));
        await one.route('**/v1/overload', (route) => route.fulfill({ json: { classes: [], unanswered: ['tcp://a:1'] } }));
    } });
    for (const [view, n] of [['calls', 2], ['overload', 1]]) {
        await page.click(`.tabs a[href="#${view}"]`);
        await until(`${view} says so`, async () => (await page.textContent(`#${view}-missing`)).includes(`did not answer: ${n}.`));
    }
    assert.equal(await page.isVisible('#sign-in'), false); // nobody is asked who he is here
    await closePage(page);
}

export async function a_stream_that_breaks_off_is_no_report() {
    const page = await openPage(FAST);
    await page.route('**/audit-report*', (route) => route.fulfill({
        headers: { 'content-type': 'text/event-stream' }, body: 'event: progress\ndata: {"section":"consent","page":0,"done":5,"total":10}\n\n',
    }));
    assert.match(await ask(page), /The answer broke off before its end/);
    await closePage(page);
}

export async function a_slow_network_shows_progress_and_gets_there() {
    const page = await openPage(FAST, { prepare: async (one) => {
        const session = await one.context().newCDPSession(one);
        await session.send('Network.enable');
        await session.send('Network.emulateNetworkConditions', { offline: false, latency: 60, downloadThroughput: 400e3, uploadThroughput: 100e3 });
    } });
    await page.waitForSelector('.site');
    await page.locator('.site').nth(2).click();
    await page.click('#go');
    await page.waitForSelector('#run.running');
    await page.waitForSelector('#run.done');
    await closePage(page);
}

export async function a_network_that_swallows_everything_is_given_up() {
    const page = await openPage(FAST);
    await page.waitForSelector('.site');
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1000); // else time also goes by itself
    await page.route('**/audit-report*', () => {}); // never answered
    await page.locator('.site').nth(2).click();
    await page.click('#go');
    await page.waitForSelector('#run.running');
    await page.clock.runFor(14000);
    assert.equal(await page.locator('#run.running').count(), 1);
    await page.clock.runFor(2000);
    await page.waitForSelector('#run.failed');
    assert.match(await page.textContent('#run-result'), /The gateway cannot be reached/);
    await closePage(page);
}

export async function without_event_streams_the_report_comes_without_progress() {
    const page = await openPage(FAST, { expected: [503] });
    await page.route('**/audit-report*', (route) => (route.request().headers().accept === 'text/event-stream'
        ? route.fulfill(problem(503, 'UNAVAILABLE', { detail: 'no streams here' })) : route.fallback()));
    await page.locator('.site').nth(2).click();
    await page.click('#go');
    await page.waitForSelector('#run.done');
    await closePage(page);
}
