import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytes, clock, duration, left, percent, seconds } from '../../../api-gateway/web/format.js';

test('a duration has the unit that people read it in', () => {
    const cases = [[0, '0 ms'], [0.0504, '50 µs'], [0.9996, '1 ms'], [12.34, '12.3 ms'], [812.3, '812 ms'], [999.6, '1 s'],
        [1254, '1.25 s'], [12340, '12.3 s'], [125000, '2 min 5 s'], [-1500, '−1.5 s'], [null, '–'], [NaN, '–']];
    for (const [ms, text] of cases) {
        assert.equal(duration('en', ms), text);
    }
});

test('what is left is never negative and keeps its width', () => {
    assert.deepEqual([59999, 9949, 400, -20].map((ms) => left('en', ms)), ['60 s', '9.9 s', '0.4 s', '0.0 s']);
});

test('a time limit is said in words of either language', () => {
    assert.deepEqual([seconds('en', 1), seconds('en', 10), seconds('zh-CN', 10)], ['1 second', '10 seconds', '10秒钟']);
});

test('sizes and shares are short', () => {
    assert.deepEqual([bytes('en', 999), bytes('en', 1122418), bytes('en', 223082)], ['999 B', '1.1 MB', '223 KB']);
    assert.equal(percent('en', 0.404), '40%');
});

test('an instant that is none is a dash', () => {
    assert.deepEqual([clock('en', null), clock('en', 'soon')], ['–', '–']);
    assert.match(clock('en', '2026-11-25T20:00:00.123Z'), /^\d\d:\d\d:\d\d$/);
});
