// Choices that outlive the page. A browser that forbids storage forgets them; nothing else changes.

export function kept(name) {
    try {
        return localStorage.getItem(`walkie.${name}`);
    } catch {
        return null;
    }
}

export function keep(name, value) {
    try {
        localStorage.setItem(`walkie.${name}`, value);
    } catch {
        // Forbidden or full: the choice holds until the page is left.
    }
}
