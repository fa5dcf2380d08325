import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createEventParser, readEvents } from '../../../api-gateway/web/event_stream.js';

const STREAM = 'retry: 1\n\n: heartbeat\n\nevent: progress\nid: 3\ndata: {"page":4}\r\n\r\ndata: one\ndata:two\r\rdata\n\nevent: done\ndata: 中文\n\n';
const EVENTS = [
    { event: 'progress', data: '{"page":4}' }, { event: 'message', data: 'one\ntwo' },
    { event: 'message', data: '' }, { event: 'done', data: '中文' },
];

function parse(pieces) {
    const events = [];
    const take = createEventParser((event) => events.push(event));
    pieces.forEach(take);
    return events;
}

function bodyOf(chunks) {
    return new ReadableStream({
        start(controller) {
            chunks.forEach((chunk) => controller.enqueue(chunk));
            controller.close();
        },
    });
}

test('events are the same wherever the pieces are cut', () => {
    for (let i = 0; i <= STREAM.length; i++) {
        for (let k = i; k <= STREAM.length; k += 7) {
            assert.deepEqual(parse([STREAM.slice(0, i), STREAM.slice(i, k), STREAM.slice(k)]), EVENTS);
        }
    }
    assert.deepEqual(parse([...STREAM]), EVENTS);
});

test('a character that is cut in two is still that character', async () => {
    const bytes = new TextEncoder().encode(STREAM);
    const events = [];
    for await (const event of readEvents(bodyOf(Array.from(bytes, (byte) => Uint8Array.of(byte))))) {
        events.push(event);
    }
    assert.deepEqual(events, EVENTS);
});

test('an event that was not finished is not given out', async () => {
    const events = [];
    for await (const event of readEvents(bodyOf([new TextEncoder().encode('data: whole\n\ndata: half')]))) {
        events.push(event);
    }
    assert.deepEqual(events, [{ event: 'message', data: 'whole' }]);
});

test('a heartbeat and an event without data are no events', () => {
    assert.deepEqual(parse([': a\n\nevent: progress\n\n:\n\n']), []);
});

test('a byte order mark at the beginning is not part of the first field', () => {
    assert.deepEqual(parse(['\uFEFFdata: x\n\n']), [{ event: 'message', data: 'x' }]);
});

test('a line without an end is refused before it fills the memory', () => {
    assert.throws(() => parse(['data: '.concat('x'.repeat(2 << 20))]), RangeError);
    assert.throws(() => parse(Array.from({ length: 40 }, () => `data: ${'x'.repeat(60000)}\n`)), RangeError);
});
