// The language outside of a browser: no page, no storage.
import { setLanguage } from '../../../api-gateway/web/i18n.js';

export function setLanguageForTest(language) {
    globalThis.document = { documentElement: {}, querySelectorAll: () => [] };
    setLanguage(language);
}

// Timers that pass when they are told to: fakeTimers() puts them in the place of the real ones and gives { tick(ms), restore() }.
export function fakeTimers() {
    const real = { setTimeout, clearTimeout };
    let now = 0;
    let n = 0;
    const timers = new Map();
    globalThis.setTimeout = (run, ms) => {
        timers.set(++n, { run, at: now + ms });
        return n;
    };
    globalThis.clearTimeout = (id) => timers.delete(id);
    return {
        tick(ms) {
            now += ms;
            for (const [id, { run }] of [...timers].filter(([, timer]) => timer.at <= now)) {
                timers.delete(id);
                run();
            }
        },
        restore: () => Object.assign(globalThis, real),
    };
}
