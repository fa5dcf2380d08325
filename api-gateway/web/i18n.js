// The language of the console, and every place on the page that shows a word of it.
//
//     t('run.pages', { page: 4 })           "page 4"
//     <h2 data-word="run.title">            its text; data-word-label: aria-label; data-word-placeholder
//     onLanguage(draw)                      now, and whenever the language changes
import { keep, kept } from './store.js';
import { LANGUAGES, WORDS } from './words.js';

const ATTRIBUTES = [['data-word-label', 'aria-label'], ['data-word-placeholder', 'placeholder']];
const listeners = [];
let current = LANGUAGES.includes(kept('language')) ? kept('language') : firstChoice();

function firstChoice() {
    const wishes = typeof navigator === 'undefined' ? [] : navigator.languages ?? [];
    const wish = wishes.find((one) => /^(en|zh)\b/i.test(one)) ?? 'en';
    return /^zh/i.test(wish) ? 'zh-CN' : 'en';
}

export function language() {
    return current;
}

export function t(key, values = {}) {
    const row = WORDS[key];
    if (row === undefined) {
        return key;
    }
    return row[LANGUAGES.indexOf(current)].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export function hasWord(prefix, value) {
    return Object.hasOwn(WORDS, `${prefix}.${value}`);
}

// The word for a value from outside ("data_quality"), or the value itself where there is none.
export function wordFor(prefix, value) {
    return hasWord(prefix, value) ? t(`${prefix}.${value}`) : String(value);
}

export function setLanguage(next) {
    current = next;
    keep('language', next);
    showWords();
    listeners.forEach((listener) => listener());
}

export function onLanguage(listener) {
    listeners.push(listener);
    listener();
}

export function showWords() {
    document.documentElement.lang = current;
    for (const node of document.querySelectorAll('[data-word]')) {
        node.textContent = t(node.dataset.word);
    }
    for (const [from, to] of ATTRIBUTES) {
        for (const node of document.querySelectorAll(`[${from}]`)) {
            node.setAttribute(to, t(node.getAttribute(from)));
        }
    }
}
