// Ask again and again, while the page is seen: one question at a time, and none after stop().
//
//     const poll = startPoll(1000, async (signal) => { …; return true; });     false: enough
//     poll.stop();

export function startPoll(everyMs, ask, firstAfterMs = 0) {
    const abort = new AbortController();
    let timer = null;
    let isAsking = false;
    let isStopped = false;

    async function round() {
        timer = null;
        if (document.hidden) {
            return; // goes on when it is seen again
        }
        let isWanted = true;
        isAsking = true;
        try {
            isWanted = await ask(abort.signal);
        } catch (error) {
            if (error.name !== 'AbortError') {
                stop();
                throw error;
            }
        }
        isAsking = false;
        if (isWanted === false) {
            stop();
        } else if (!isStopped) {
            timer = setTimeout(round, everyMs);
        }
    }

    function onVisible() {
        if (!document.hidden && timer === null && !isAsking && !isStopped) {
            timer = setTimeout(round, 0);
        }
    }

    function stop() {
        isStopped = true;
        clearTimeout(timer);
        document.removeEventListener('visibilitychange', onVisible);
        abort.abort();
    }

    document.addEventListener('visibilitychange', onVisible);
    timer = setTimeout(round, firstAfterMs);
    return { stop };
}
