// node tests/console/run.js: the browser's scenarios, one after the other, in the words of tests/e2e.
// Settings are in the environment: console_test.sh makes them.
import { closePages, startBrowser, stopBrowser } from './browser.js';
import * as access from './access.js';
import * as departures from './departures.js';
import * as failures from './failures.js';
import * as identity from './identity.js';
import * as operations from './operations.js';
import * as patients from './patients.js';
import * as report from './report.js';
import * as validations from './validations.js';
import * as views from './views.js';

const SCENARIO_MS = 60000; // the slowest takes 5 s: one that hangs must not take the others with it

function withLimit(work) {
    let timer;
    const limit = new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`not done after ${SCENARIO_MS} ms`)), SCENARIO_MS);
    });
    return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

const only = process.argv.slice(2);
let failed = 0;
await startBrowser();
for (const suite of [report, validations, patients, departures, operations, failures, identity, views, access]) {
    for (const [name, test] of Object.entries(suite)) {
        if (only.length > 0 && !only.includes(name)) {
            continue;
        }
        const began = performance.now();
        try {
            await withLimit(test());
            console.log(`ok - ${name.replaceAll('_', ' ')} # ${Math.round(performance.now() - began)} ms`);
        } catch (error) {
            failed++;
            console.log(`not ok - ${name.replaceAll('_', ' ')}\n${String(error.stack).replace(/^/gm, '    ')}`);
            await closePages(); // whose reports the next one would share
        }
    }
}
await stopBrowser();
console.log('# the browser has ended');
process.exit(failed === 0 ? 0 : 1);
