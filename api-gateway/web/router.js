// Views by the part of the address after #: "#history/4bf9…" is the view "history" with an argument.
import { byId } from './dom.js';
import { t } from './i18n.js';

export function parseHash(hash, names) {
    const [name, argument = ''] = hash.replace(/^#/, '').split('/');
    if (!names.includes(name)) {
        return { name: names[0], argument: '' };
    }
    try {
        return { name, argument: decodeURIComponent(argument) };
    } catch {
        return { name, argument: '' };
    }
}

// views: { name: { open(argument), close() } }; the first is the one without a #.
export function startRouter(views) {
    const names = Object.keys(views);
    let current = null;

    function show() {
        const { name, argument } = parseHash(location.hash, names);
        const isOther = current !== name;
        if (current !== null) {
            views[current].close();
        }
        for (const one of names) {
            byId(`view-${one}`).hidden = one !== name;
            const link = document.querySelector(`.tabs a[href="#${one}"]`);
            if (one === name) {
                link.setAttribute('aria-current', 'page');
            } else {
                link.removeAttribute('aria-current');
            }
        }
        document.title = `${t(`nav.${name}`)} – Walkie`;
        if (current !== null && isOther) {
            byId('content').focus({ preventScroll: true });
        }
        current = name;
        views[name].open(argument);
    }

    byId('skip').addEventListener('click', (event) => {
        event.preventDefault(); // the address is the view's
        byId('content').focus();
    });
    addEventListener('hashchange', show);
    show();
    return { retitle: () => {
        document.title = `${t(`nav.${current}`)} – Walkie`;
    } };
}
