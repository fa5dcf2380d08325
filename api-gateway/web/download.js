// A file that was fetched, into the browser's downloads.
import { readBody, request } from './api.js';
import { el } from './dom.js';
import { fileName } from './job_path.js';

const HELD_MS = 10000; // the browser reads it after the click

export function saveBlob(blob, name) {
    const url = URL.createObjectURL(blob);
    el('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), HELD_MS);
}

// Throws what request() throws.
export async function saveAnswer(path, { method, signal, otherwise }) {
    const response = await request(path, { method, signal });
    const blob = await readBody(() => response.blob());
    saveBlob(blob, fileName(response.headers.get('Content-Disposition'), otherwise));
}
