// Leaving, in the ways a person can: the cancel button, a closed tab. The work stops, and another tab sees it.
import assert from 'node:assert/strict';

import { LONG, closePage, openPage, shot, until, waitForLog } from './browser.js';

const { SLOW, SLOW_GATEWAY_LOG, SLOW_SERVICE_LOG, TLS, TLS_GATEWAY_LOG } = process.env;

// Until the service is at work on it: who leaves sooner may have started nothing there.
async function startReport(page, site = 1) {
    await page.locator('#timeout').fill(LONG);
    const request = page.waitForRequest(/audit-report/);
    await page.locator('.site').nth(site).click();
    await page.click('#go');
    const headers = await (await request).allHeaders();
    await page.waitForSelector('#run-step:text-matches("page [0-9]")');
    return headers.traceparent.split('-')[1];
}

async function workHasStopped(traceId, gatewayLog = SLOW_GATEWAY_LOG) {
    await waitForLog(gatewayLog, 'http.disconnect', traceId);
    const stopped = await waitForLog(SLOW_SERVICE_LOG, 'ctx.stopped', traceId);
    assert.ok(stopped.stop_latency_ms < 1000, JSON.stringify(stopped));
}

export async function a_cancelled_report_stops_and_its_waterfall_says_so() {
    const page = await openPage(SLOW);
    const traceId = await startReport(page);
    await page.waitForSelector('.span.running:has-text("drawing")');
    await shot(page, 'report-running');
    await page.click('#cancel');
    await page.waitForSelector('#run.cancelled');
    await workHasStopped(traceId);
    await page.waitForSelector('.mark.cancel');
    await page.waitForSelector('.fall-summary:has-text("the client left")');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'run-result');
    await shot(page, 'waterfall-cancelled', { fullPage: true });
    await closePage(page);
}

export async function a_closed_tab_vanishes_from_the_live_calls_of_another() {
    const watcher = await openPage(SLOW, { path: '/#calls' });
    const page = await openPage(SLOW);
    const traceId = await startReport(page);
    const row = watcher.locator('tr', { hasText: traceId.slice(0, 8) });
    await until('both are in the list', async () => (await row.count()) > 1);
    assert.match(await watcher.textContent('#calls-body'), /AuditReport/);
    await shot(watcher, 'calls');
    await closePage(page);
    await workHasStopped(traceId);
    await until('the call is gone from the list', async () => (await row.count()) === 0);
    await closePage(watcher);
}

export async function a_second_report_takes_the_place_of_the_first() {
    const page = await openPage(SLOW);
    const first = await startReport(page, 1);
    const second = await startReport(page, 2); // another site: equal reports share their work
    await workHasStopped(first);
    await page.click('#cancel');
    await workHasStopped(second);
    assert.equal(await page.locator('#run.cancelled').count(), 1);
    await closePage(page);
}

export async function a_page_that_is_left_for_another_stops_its_work() {
    const page = await openPage(SLOW);
    const traceId = await startReport(page);
    await page.goto('about:blank');
    await workHasStopped(traceId);
    await closePage(page);
}

// Over HTTP/2 the connection stays for other tabs: only the stream is reset.
export async function over_https_and_http_2_work_stops_the_same() {
    const other = await openPage(TLS, { path: '/#calls', ignoreHTTPSErrors: true });
    assert.equal(await other.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol), 'h2');
    const page = await other.context().newPage();
    await page.goto(TLS);
    const cancelled = await startReport(page, 1);
    await page.click('#cancel');
    await workHasStopped(cancelled, TLS_GATEWAY_LOG);
    const closed = await startReport(page, 2);
    const row = other.locator('tr', { hasText: closed.slice(0, 8) });
    await until('the call is in the list', async () => (await row.count()) > 0);
    await page.close();
    await workHasStopped(closed, TLS_GATEWAY_LOG);
    await until('the call is gone from the list', async () => (await row.count()) === 0);
    await closePage(other);
}
