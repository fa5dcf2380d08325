// Figures as people read them, in the language that is set. Pure: the language is an argument.

function number(language, options, value) {
    return new Intl.NumberFormat(language, options).format(value);
}

export function count(language, value) {
    return number(language, { maximumFractionDigits: 0 }, value);
}

// A share of 1: "40%".
export function percent(language, value) {
    return number(language, { style: 'percent', maximumFractionDigits: 0 }, value);
}

// In words, for people: "10 seconds", "10秒钟".
export function seconds(language, value) {
    return number(language, { style: 'unit', unit: 'second', unitDisplay: 'long' }, value);
}

// For tables and axes, where units are short in both languages: "812 µs", "12.3 ms", "1.25 s", "2 min 5 s".
export function duration(language, ms) {
    if (ms === null || ms === undefined || !Number.isFinite(ms)) {
        return '–';
    }
    if (ms < 0) {
        return `−${duration(language, -ms)}`;
    }
    if (ms > 0 && ms < 0.9995) {
        return `${number(language, { maximumFractionDigits: 0 }, ms * 1000)} µs`;
    }
    if (ms < 999.5) {
        return `${number(language, { maximumFractionDigits: ms < 99.95 ? 1 : 0 }, ms)} ms`;
    }
    if (ms < 119500) {
        return `${number(language, { maximumFractionDigits: ms < 9995 ? 2 : 1 }, ms / 1000)} s`;
    }
    const whole = Math.round(ms / 1000);
    return `${count(language, Math.floor(whole / 60))} min ${whole % 60} s`;
}

// What is left, for a display that changes all the time: whole seconds, tenths below ten.
export function left(language, ms) {
    const digits = ms < 10000 ? 1 : 0;
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return `${number(language, options, Math.max(0, ms) / 1000)} s`;
}

export function bytes(language, value) {
    const units = ['B', 'KB', 'MB', 'GB'];
    let i = 0;
    while (value >= 1000 && i < units.length - 1) {
        value /= 1000;
        i++;
    }
    return `${number(language, { maximumFractionDigits: value < 10 && i > 0 ? 1 : 0 }, value)} ${units[i]}`;
}

// The time of day of an instant as the gateway writes it; "–" for none.
export function clock(language, instant) {
    const at = new Date(instant ?? NaN);
    return Number.isNaN(at.getTime()) ? '–' : at.toLocaleTimeString(language, { hour12: false });
}
