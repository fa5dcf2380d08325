// Every word of the page is in the table, in both languages, and the table holds no others.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { LANGUAGES, WORDS } from '../../../api-gateway/web/words.js';

const folder = new URL('../../../api-gateway/web/', import.meta.url);
const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
const read = (name) => readFileSync(new URL(name, folder), 'utf8');
const code = scripts.filter((name) => !name.startsWith('words')).map((name) => [name, read(name).replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, '')]);
const page = read('index.html');
const quoted = new Set([...code.map(([, text]) => text).join('\n').matchAll(/'([a-z_]+\.[\w:-]+)'/g)].map((match) => match[1]));
const onPage = [...page.matchAll(/data-word(?:-label|-placeholder)?="([^"]+)"/g)].map((match) => match[1]);

test('every word exists in both languages, with the same holes', () => {
    for (const [key, row] of Object.entries(WORDS)) {
        assert.equal(row.length, LANGUAGES.length, key);
        row.forEach((text) => assert.ok(typeof text === 'string' && text.trim() === text && text !== '', key));
        const holes = row.map((text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join());
        assert.equal(holes[0], holes[1], `${key}: ${holes}`);
    }
});

test('Chinese words are Chinese, English ones are not', () => {
    const same = new Set(['calls.col_poll']);
    for (const [key, [english, chinese]] of Object.entries(WORDS)) {
        assert.doesNotMatch(english, /\p{Script=Han}/u, key);
        assert.ok(same.has(key) || /\p{Script=Han}/u.test(chinese) || !/[a-z]{2}/.test(chinese), `${key}: ${chinese}`);
    }
});

test('every word that the page and the modules ask for is in the table', () => {
    const prefixes = ['view-', 'walkie.'];
    const asked = [...quoted, ...onPage].filter((key) => !prefixes.some((prefix) => key.startsWith(prefix)));
    const files = /\.(js|css|html|svg)$/;
    const missing = asked.filter((key) => !files.test(key) && !Object.hasOwn(WORDS, key));
    assert.deepEqual(missing, []);
});

test('every word in the table is asked for', () => {
    // Keys that are put together at run time: t(`theme.${choice}`), wordFor('stage', …).
    const families = new Set(code.flatMap(([, text]) => [
        ...[...text.matchAll(/`([a-z_]+)\.\$\{/g)].map((match) => match[1]),
        ...[...text.matchAll(/wordFor\('([a-z_]+)'/g)].map((match) => match[1]),
    ]));
    const used = new Set([...quoted, ...onPage]);
    const unused = Object.keys(WORDS).filter((key) => !used.has(key) && !families.has(key.split('.')[0]));
    assert.deepEqual(unused, []);
});

test('no module and no part of the page has words of its own', () => {
    for (const [name, text] of code) {
        const literals = [...text.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map((match) => match[1] ?? match[2]);
        const words = literals.filter((literal) => /\p{Script=Han}/u.test(literal) || /^[A-Z][a-z]+ [a-z]+/.test(literal));
        assert.deepEqual(words, [], name);
    }
    const shown = page.replace(/<noscript>.*<\/noscript>/, '').replace(/<option[^>]*>[^<]*<\/option>/g, '').replace(/<title>.*<\/title>/, '')
        .replace(/<p class="brand">.*<\/p>/, '').replace(/<!doctype html>/, '').replace(/<[^>]*>/g, '');
    assert.equal(shown.trim(), '');
});

test('data never becomes markup, nothing is evaluated, nothing is asked of other hosts', () => {
    for (const [name, text] of code) {
        assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc/, name);
        assert.doesNotMatch(text.replace('http://www.w3.org/2000/svg', ''), /https?:\/\//, name);
    }
    assert.doesNotMatch(page, /https?:\/\/|\son[a-z]+=|\sstyle=|<style|<script(?![^>]*src=)/);
});

test('a module has at most 250 lines, and build and page know every file', () => {
    const list = readFileSync(new URL('CMakeLists.txt', folder), 'utf8');
    for (const name of scripts) {
        assert.ok(read(name).split('\n').length <= 251, name);
        assert.match(list, new RegExp(`\\b${name}\\b`));
        assert.match(page, new RegExp(`(modulepreload" href|module" src)="/console/${name}"`));
    }
});
