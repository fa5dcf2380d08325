// Keyboards and screen readers.
import assert from 'node:assert/strict';

import { LONG, accessibilityProblems, closePage, openPage, until } from './browser.js';
import { RUNNING_TRACE, TRACE_ID, withSamples } from './samples.js';

const { FAST, SLOW } = process.env;

async function tabTo(page, selector) {
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((one) => document.activeElement.matches(one), selector)) {
            return;
        }
    }
    throw new Error(`the Tab key does not reach ${selector}`);
}

// What has the focus has a visible outline.
async function focusIsSeen(page) {
    assert.equal(await page.evaluate(() => {
        const node = document.activeElement;
        const shown = [node, node.closest('.site')].filter(Boolean).map((one) => getComputedStyle(one));
        return shown.some((style) => style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2);
    }), true);
}

export async function a_report_is_made_and_cancelled_with_the_keyboard_alone() {
    const page = await openPage(SLOW);
    await page.waitForSelector('.site');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'skip');
    await focusIsSeen(page);
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    await tabTo(page, '#site-search');
    await focusIsSeen(page);
    await page.keyboard.type('103');
    await tabTo(page, 'input[name="site"]');
    await page.keyboard.press('Space');
    await focusIsSeen(page);
    assert.equal(await page.locator('input[name="site"]:checked').count(), 1);
    await tabTo(page, '#timeout');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getAttribute('#timeout', 'aria-valuetext'), '11 seconds');
    await page.keyboard.press('End');
    assert.equal(await page.inputValue('#timeout'), LONG);
    await tabTo(page, '#go');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#run.running');
    assert.deepEqual(await accessibilityProblems(page), [], 'while it runs');
    await tabTo(page, '#cancel');
    await focusIsSeen(page);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#run.cancelled');
    await until('the end is announced', async () => /Cancelled/.test(await page.textContent('#announcer')));
    await closePage(page);
}

export async function the_waterfall_is_read_with_arrow_keys() {
    const page = await openPage(FAST, { path: `/#history/${TRACE_ID}`, prepare: withSamples });
    await page.waitForSelector('#past .span');
    await tabTo(page, '.span');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    assert.match(await page.textContent('#past .fall-detail'), /wasted CPU 11.5 ms/);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), await page.textContent('#past .fall-detail'));
    await page.keyboard.press('Home');
    assert.match(await page.textContent('#past .fall-detail'), /api-gateway/);
    await closePage(page);
}

// Every 400 ms there is a newer picture; who listens to a step is not told its name again and again.
export async function a_waterfall_that_grows_leaves_the_focus_and_its_name_alone() {
    let elapsed = 300;
    let isDone = false;
    const page = await openPage(FAST, { path: `/#history/${TRACE_ID}`, prepare: async (one) => {
        await withSamples(one);
        await one.route('**/v1/traces/*', (route) => {
            elapsed += 50;
            const spans = RUNNING_TRACE.spans.slice(elapsed > 450 ? 0 : 1).map((span) => (isDone ? { ...span, end_ms: span.end_ms ?? elapsed } : span));
            route.fulfill({ json: { ...RUNNING_TRACE, state: isDone ? 'done' : 'running', elapsed_ms: elapsed, spans } });
        });
    } });
    const focused = () => page.evaluate(() => [document.activeElement.getAttribute('aria-label'), document.activeElement === window.step]);
    await tabTo(page, '.span');
    await page.keyboard.press('ArrowDown');
    const [name] = await focused();
    assert.match(name, /AuditReport.*running/);
    await page.evaluate(() => {
        window.step = document.activeElement;
    });
    await until('there are newer spans, and newer details', async () => (await page.locator('#past .span').count()) === RUNNING_TRACE.spans.length &&
        (await page.textContent('#past .fall-detail')) !== name);
    assert.deepEqual(await focused(), [name, true]);
    isDone = true;
    await until('its end is in its name', async () => !/running/.test((await focused())[0]));
    assert.equal((await focused())[1], true);
    await closePage(page);
}

export async function axe_finds_nothing_wrong_in_any_view_theme_or_language() {
    // The dark theme differs in its colours only.
    for (const [colorScheme, locale, rules] of [['light', 'en-GB', null], ['dark', 'zh-CN', ['color-contrast']]]) {
        const page = await openPage(FAST, { colorScheme, locale, prepare: withSamples });
        await page.locator('.site').nth(2).click();
        await page.selectOption('#report-format', 'json');
        await page.click('#go');
        await page.waitForSelector('.finding');
        await page.waitForSelector('#fall svg.fall');
        const problems = await accessibilityProblems(page, rules);
        for (const view of ['calls', 'overload', 'operations', `history/${TRACE_ID}`]) {
            await page.evaluate((hash) => {
                location.hash = hash;
            }, view);
            await page.waitForSelector(`#view-${view.split('/')[0]} :is(tbody tr, .class) >> visible=true`);
            problems.push(...await accessibilityProblems(page, rules));
        }
        await page.evaluate(() => document.querySelector('#sign-in-dialog').showModal()); // no button where nobody is asked
        problems.push(...await accessibilityProblems(page, rules));
        assert.deepEqual(problems, [], colorScheme);
        await closePage(page);
    }
}
