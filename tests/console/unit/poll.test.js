import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeTimers } from './support.js';
import { startPoll } from '../../../api-gateway/web/poll.js';

// Lets what was promised happen; no time passes.
async function settle() {
    for (let i = 0; i < 10; i++) {
        await Promise.resolve();
    }
}

let timers = null;

async function after(ms) {
    timers.tick(ms);
    await settle();
}

function start(t) {
    globalThis.document = Object.assign(new EventTarget(), { hidden: false });
    timers = fakeTimers();
    t.after(() => timers.restore());
}

function show(isHidden) {
    document.hidden = isHidden;
    document.dispatchEvent(new Event('visibilitychange'));
}

test('one question at a time, and the next when the answer has come and the time has passed', async (t) => {
    start(t);
    const answers = [];
    const poll = startPoll(1000, () => new Promise((resolve) => answers.push(resolve)));
    await after(0);
    await after(5000);
    show(false);
    await after(0);
    assert.equal(answers.length, 1);
    answers[0](true);
    await settle();
    await after(999);
    assert.equal(answers.length, 1);
    await after(1);
    assert.equal(answers.length, 2);
    poll.stop();
});

test('a page that nobody sees asks nothing, and at once when it is seen again', async (t) => {
    start(t);
    let n = 0;
    const poll = startPoll(1000, async () => {
        n++;
    });
    await after(0);
    show(true);
    await after(60000);
    assert.equal(n, 1);
    show(false);
    await after(0);
    assert.equal(n, 2);
    poll.stop();
});

test('nothing is asked after stop, and a question on its way is taken back', async (t) => {
    start(t);
    let signal = null;
    let n = 0;
    const poll = startPoll(1000, (one) => {
        signal = one;
        n++;
        return new Promise((resolve, reject) => one.addEventListener('abort', () => reject(one.reason)));
    });
    await after(0);
    poll.stop();
    await settle();
    assert.equal(signal.aborted, true);
    show(false);
    await after(10000);
    assert.equal(n, 1);
});

test('an answer of false is enough', async (t) => {
    start(t);
    let n = 0;
    startPoll(1000, async () => {
        n++;
        return n < 2;
    });
    await after(0);
    await after(1000);
    await after(1000);
    await after(1000);
    assert.equal(n, 2);
});
