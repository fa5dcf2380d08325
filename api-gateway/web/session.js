// The bearer token: kept for this tab only, sent in a header only, never in an address.

const KEY = 'walkie.token';
let memory = null; // where storage is forbidden

export function token() {
    try {
        return sessionStorage.getItem(KEY) ?? memory;
    } catch {
        return memory;
    }
}

export function setToken(value) {
    memory = value;
    try {
        if (value === null) {
            sessionStorage.removeItem(KEY);
        } else {
            sessionStorage.setItem(KEY, value);
        }
    } catch {
        // It holds until the page is left.
    }
}

export function authorization() {
    const value = token();
    return value === null ? {} : { Authorization: `Bearer ${value}` };
}
