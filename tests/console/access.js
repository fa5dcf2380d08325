// Keyboards and screen readers.
import assert from 'node:assert/strict';

import { accessibilityProblems, closePage, openPage, until } from './browser.js';
import { TRACE_ID, withSamples } from './samples.js';

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
        await page.click('#sign-in');
        problems.push(...await accessibilityProblems(page, rules));
        assert.deepEqual(problems, [], colorScheme);
        await closePage(page);
    }
}
