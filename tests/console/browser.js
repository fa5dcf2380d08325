// Chromium for the tests: pages that fail the test when the policy is violated, a script throws or the
// console complains; pictures; and a look into the logs of the services.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { PLAYWRIGHT, CHROMIUM, SHOTS } = process.env;
const require = createRequire(`${PLAYWRIGHT}/`);
const { chromium } = require('playwright-core');

export const WAIT_MS = 15000;
export const LONG = '60'; // seconds that a report may take where the test ends it: a slow machine has time, too
let browser = null;

export async function startBrowser() {
    mkdirSync(SHOTS, { recursive: true });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export async function stopBrowser() {
    await browser?.close();
}

// Answers that the test means to be refused; Chromium writes a line for each of them. A trace may be asked for a moment
// before the gateway has seen its request.
function isExpected(text, url, expected) {
    const code = /the server responded with a status of (\d+)/.exec(text)?.[1];
    return code !== undefined && (expected.includes(Number(code)) || (code === '404' && /\/v1\/traces\/\w+$/.test(url)));
}

// A page on `base`. `expected`: codes of failures that belong to the test. page.complaints has the rest.
export async function openPage(base, { expected = [], path = '/', prepare = null, ...options } = {}) {
    const context = await browser.newContext({
        viewport: { width: 1440, height: 900 }, locale: 'en-GB', colorScheme: 'light', reducedMotion: 'reduce', ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.complaints = [];
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !isExpected(message.text(), message.location().url, expected)) {
            page.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
        }
    });
    page.on('pageerror', (error) => page.complaints.push(`exception: ${error.stack}`));
    page.on('dialog', (dialog) => {
        page.complaints.push(`dialog: ${dialog.message()}`);
        dialog.dismiss().catch(() => {});
    });
    if (prepare !== null) {
        await prepare(page);
    }
    await page.goto(`${base}${path}`);
    return page;
}

// Closes the page; fails when it complained of anything.
export async function closePage(page) {
    await page.context().close();
    if (page.complaints.length > 0) {
        throw new Error(`the browser complains:\n${page.complaints.join('\n')}`);
    }
}

export async function closePages() {
    await Promise.all(browser.contexts().map((context) => context.close()));
}

export async function shot(page, name, options = {}) {
    await page.evaluate(() => scrollTo(0, 0)); // the bar sticks to where the page was scrolled to
    return page.screenshot({ path: `${SHOTS}/${name}.png`, ...options });
}

export async function until(what, condition, limitMs = WAIT_MS) {
    const end = performance.now() + limitMs;
    for (;;) {
        const value = await condition();
        if (value) {
            return value;
        }
        if (performance.now() > end) {
            throw new Error(`in vain, for ${limitMs} ms: ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

// The first line of a JSON log with this event and trace, once there is one.
export function waitForLog(file, event, traceId) {
    return until(`${event} of ${traceId} in ${file}`, () => {
        const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
        const line = lines.find((one) => one.includes(`"event":"${event}"`) && one.includes(traceId));
        return line === undefined ? null : JSON.parse(line);
    });
}

// What axe-core finds wrong, by these rules (null: all that have to do with WCAG, and good practice); the viewer of PDF files within its frame is the browser's own.
export async function accessibilityProblems(page, rules = null) {
    if (!await page.evaluate(() => 'axe' in window)) {
        await page.evaluate(readFileSync(`${PLAYWRIGHT}/node_modules/axe-core/axe.min.js`, 'utf8'));
    }
    const runOnly = rules === null
        ? { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
        : { type: 'rule', values: rules };
    const result = await page.evaluate((options) => window.axe.run(document, options), { iframes: false, resultTypes: ['violations'], runOnly });
    return result.violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.failureSummary}`));
}
