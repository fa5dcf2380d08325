// What a screen reader says by itself: politely, and of things that change all the time only the
// newest, at most every few seconds.
//
//     say(t('run.finished'));               soon
//     sayProgress('40 %');                  when nothing was said for a while

export const PROGRESS_EVERY_MS = 5000;

// Pure but for `show`; `now` gives milliseconds.
export function createAnnouncer(show, now) {
    let saidAt = -Infinity;

    function say(text) {
        saidAt = now();
        show(text);
    }

    function sayProgress(text) {
        if (now() - saidAt >= PROGRESS_EVERY_MS) {
            say(text);
        }
    }

    return { say, sayProgress };
}

const region = typeof document === 'undefined' ? null : document.getElementById('announcer');
export const { say, sayProgress } = createAnnouncer((text) => {
    region.textContent = text;
}, () => performance.now());
