// What the views that ask again and again have in common: they ask while they are shown, say when the
// last answer came, and show a failure in words instead of old figures.
import { getJson } from './api.js';
import { setText } from './dom.js';
import { clock, count } from './format.js';
import { language, onLanguage, t } from './i18n.js';
import { startPoll } from './poll.js';
import { problemNode } from './problem_view.js';

// Of an answer that is all backends': how many of them are not in it.
export function missingText(unanswered) {
    return unanswered?.length > 0 ? t('live.unanswered', { n: count(language(), unanswered.length) }) : '';
}

// show(answer) draws it; body is replaced by the problem when there is one, and given back with the next answer. `load`
// where one question at `path` is not enough.
export function createLiveView({ path, load = (signal) => getJson(path, { signal }), everyMs, body, state, show }) {
    let poll = null;
    let last = null;
    let content = null;

    function draw() {
        if (last !== null) {
            show(last);
        }
    }

    function take(answer) {
        if (content !== null) {
            body.replaceChildren(...content);
            content = null;
        }
        last = answer;
        draw();
        setText(state, t('live.at', { time: clock(language(), Date.now()) }));
    }

    function refuse(error) {
        content ??= [...body.childNodes];
        body.replaceChildren(problemNode(error));
        setText(state, '');
    }

    function ask(signal) {
        return load(signal).then(take, (error) => {
            if (error.name === 'AbortError') {
                throw error;
            }
            refuse(error);
        });
    }

    onLanguage(draw);
    return {
        open: () => {
            poll ??= startPoll(everyMs, ask);
        },
        close: () => {
            poll?.stop();
            poll = null;
        },
        again: () => {
            if (poll !== null) { // else nobody looks at it any more
                poll.stop();
                poll = startPoll(everyMs, ask);
            }
        },
    };
}
