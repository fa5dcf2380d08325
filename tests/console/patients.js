// The processing of one patient from the page.
import assert from 'node:assert/strict';

import { accessibilityProblems, closePage, openPage, shot, until } from './browser.js';

const { FAST } = process.env;

async function startProcessing(page, patient, pace) {
    await until('it is allowed', () => page.locator('#patient-go').isEnabled());
    await page.fill('#patient', patient);
    await page.selectOption('#patient-pace', pace);
    const request = page.waitForRequest(/\/process\//);
    await page.click('#patient-go');
    return (await (await request).allHeaders()).traceparent.split('-')[1];
}

export async function a_patient_is_processed_or_it_is_said_why_not() {
    const page = await openPage(FAST, { path: '/#patient', expected: [404, 504] });
    await until('it is allowed', () => page.locator('#patient-go').isEnabled());
    await page.click('#patient-go');
    assert.equal(await page.textContent('#patient-error'), 'Say which patient first.');
    await startProcessing(page, '101-001', '');
    await page.waitForSelector('#patient-run.done');
    assert.match(await page.textContent('#patient-result'), /HTTP 200 · 处理成功/);
    await startProcessing(page, 'nobody', '');
    await page.waitForSelector('#patient-run.failed');
    assert.match(await page.textContent('#patient-result'), /There is no such thing[\s\S]*nobody/);
    assert.deepEqual(await accessibilityProblems(page), []);
    await closePage(page);
}

// Chromium takes a 408 for a connection that was idle for too long and sends the request again by itself.
export async function with_a_second_before_each_step_the_time_is_up_and_it_runs_once() {
    const page = await openPage(FAST, { path: '/#patient', expected: [504], colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    const traceId = await startProcessing(page, '101-001', '1s');
    await page.waitForSelector('#patient-run.failed');
    assert.match(await page.textContent('#patient-result'), /The time was up[\s\S]*HTTP 408 · 请求处理超时或被取消/);
    await until('the waterfall shows the step before', async () => /2 validating|1 loading/.test(await page.textContent('#patient-fall')));
    const n = await page.evaluate(async (id) => (await (await fetch('/v1/traces?all=1')).json()).traces.filter((one) => one.trace_id === id).length, traceId);
    assert.equal(n, 1);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.deepEqual(await accessibilityProblems(page, ['color-contrast']), []);
    await shot(page, 'patient-late', { fullPage: true });
    await closePage(page);
}

export async function a_processing_is_cancelled() {
    const page = await openPage(FAST, { path: '/#patient' });
    await page.route('**/process/*', () => {}); // never answered
    await startProcessing(page, '101-001', '500ms');
    await page.click('#patient-cancel');
    await page.waitForSelector('#patient-run.cancelled');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'patient-result');
    await closePage(page);
}
