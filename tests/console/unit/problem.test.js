import assert from 'node:assert/strict';
import { test } from 'node:test';

import { setLanguageForTest } from './support.js';
import { problemWords } from '../../../api-gateway/web/problem.js';

test('a deadline says who set it and where', () => {
    setLanguageForTest('en');
    const words = problemWords({ status: 504, code: 'DEADLINE_EXCEEDED', cause: 'deadline_exceeded', detail: 'late', deadline_origin: 'query:timeout', deadline_hop: 0, trace_id: 'ab' });
    assert.deepEqual(words, { title: 'The time was up', traceId: 'ab', lines: ['Whose limit: the time limit you chose (at the gateway).', 'The gateway says: “late”', 'Choose a longer time limit; the waterfall shows which step took the time.'] });
});

test('a refusal says when to come again', () => {
    setLanguageForTest('en');
    assert.equal(problemWords({ status: 429, code: 'RESOURCE_EXHAUSTED' }, 3).lines.at(-1), 'Try again in 3 seconds.');
    setLanguageForTest('zh-CN');
    assert.equal(problemWords({ status: 429, code: 'RESOURCE_EXHAUSTED' }, 3).lines.at(-1), '请在 3秒钟后重试。');
});

test('what is not known is shown as it came', () => {
    setLanguageForTest('en');
    assert.equal(problemWords({ status: 418, code: 'TEAPOT' }).title, 'The gateway answered 418');
    assert.match(problemWords({ status: 500, code: 'INTERNAL', cause: 'gremlins', cause_hop: 7 }).lines[0], /gremlins.*7/);
});
