// Server-sent events out of bytes, in pieces of any size: a piece may end within a line, within a
// CR LF pair and within a character.
//
//     for await (const { event, data } of readEvents(response.body)) …
//
// Not EventSource: that connects again by itself, and a cancelled report would run a second time.

const EVENT_MAX = 1 << 20; // characters of one event, and of one line: a gateway sends far less

export function createEventParser(onEvent) {
    let rest = '';
    let event = '';
    let data = [];
    let size = 0;
    let isFirst = true;

    function takeLine(line) {
        if (line === '') {
            if (data.length > 0) {
                onEvent({ event: event || 'message', data: data.join('\n') });
            }
            event = '';
            data = [];
            size = 0;
            return;
        }
        const colon = line.indexOf(':');
        if (colon === 0) {
            return; // a comment: the heartbeat
        }
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
        if (name === 'event') {
            event = value;
        } else if (name === 'data') {
            size += value.length;
            data.push(value);
        }
    }

    return function take(text) {
        rest += isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text;
        isFirst = isFirst && text === '';
        for (;;) {
            const end = rest.search(/[\r\n]/);
            // A CR at the very end may be half of CR LF: it waits for what follows.
            if (end < 0 || (rest[end] === '\r' && end + 1 === rest.length)) {
                break;
            }
            const line = rest.slice(0, end);
            rest = rest.slice(end + (rest[end] === '\r' && rest[end + 1] === '\n' ? 2 : 1));
            takeLine(line);
        }
        if (rest.length > EVENT_MAX || size > EVENT_MAX) {
            throw new RangeError('event stream: an event is too long');
        }
    };
}

// Ends when the stream does; an event that was not finished by then is not given out.
export async function* readEvents(body) {
    const ready = [];
    const take = createEventParser((event) => ready.push(event));
    const reader = body.getReader();
    const decoder = new TextDecoder();
    try {
        for (;;) {
            const { done, value } = await reader.read();
            take(done ? decoder.decode() : decoder.decode(value, { stream: true }));
            yield* ready.splice(0);
            if (done) {
                return;
            }
        }
    } finally {
        reader.cancel().catch(() => {});
    }
}
