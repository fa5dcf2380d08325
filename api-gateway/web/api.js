// Requests to the gateway. A failure is an ApiError with the problem object; a cancelled one throws
// what fetch throws (AbortError).
import { authorization } from './session.js';

export class ApiError extends Error {
    // problem: of RFC 9457, as the gateway writes it; status 0: no answer at all.
    constructor(problem, retryAfterSeconds = null) {
        super(problem.title ?? problem.code ?? String(problem.status));
        this.problem = problem;
        this.retryAfterSeconds = retryAfterSeconds;
    }
}

const NO_ANSWER = { status: 0, code: 'NO_ANSWER' };
const unauthorized = [];

export function onUnauthorized(listener) {
    unauthorized.push(listener);
}

async function problemOf(response) {
    try {
        const problem = await response.json();
        return { ...problem, status: response.status };
    } catch {
        return { status: response.status, code: 'NO_PROBLEM' };
    }
}

export function retryAfter(response) {
    const value = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    return Number.isFinite(value) ? value : null;
}

export async function request(path, { method = 'GET', headers = {}, signal } = {}) {
    let response;
    try {
        response = await fetch(path, {
            method,
            headers: { ...headers, ...authorization() },
            signal,
            cache: 'no-store',
            credentials: 'same-origin',
        });
    } catch (error) {
        throw error.name === 'AbortError' ? error : new ApiError(NO_ANSWER);
    }
    if (response.ok) {
        return response;
    }
    if (response.status === 401) {
        unauthorized.forEach((listener) => listener());
    }
    throw new ApiError(await problemOf(response), retryAfter(response));
}

export async function getJson(path, options) {
    const response = await request(path, { ...options, headers: { Accept: 'application/json' } });
    return readBody(() => response.json());
}

// A body that breaks off is a failure in words, too.
export async function readBody(read) {
    try {
        return await read();
    } catch (error) {
        throw error.name === 'AbortError' ? error : new ApiError({ status: 0, code: 'BROKEN_OFF' });
    }
}
