// The token that a gateway with authentication asks for.
import { onUnauthorized } from './api.js';
import { byId, setText } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { isOpen, onPermissions } from './permissions.js';
import { setToken, token } from './session.js';

export function startSignIn(onSignedIn) {
    const button = byId('sign-in');
    const dialog = byId('sign-in-dialog');
    let wasAsked = false; // views ask every second: a dialog that was closed stays so until there is another token
    let why = 'session.why';

    function draw() {
        setText(button, t(token() === null ? 'session.in' : 'session.out'));
        button.hidden = isOpen() && token() === null && !wasAsked;
        setText(byId('sign-in-why'), t(why));
    }

    function open(reason) {
        why = reason;
        setText(byId('sign-in-why'), t(why));
        if (!dialog.open) {
            dialog.showModal();
        }
    }

    button.addEventListener('click', () => {
        if (token() === null) {
            open('session.why');
        } else {
            setToken(null);
            wasAsked = false;
            draw();
            onSignedIn();
        }
    });
    byId('sign-in-close').addEventListener('click', () => dialog.close());
    byId('sign-in-form').addEventListener('submit', (event) => {
        event.preventDefault();
        setToken(byId('token').value.trim());
        byId('token').value = '';
        wasAsked = false;
        dialog.close();
        draw();
        onSignedIn();
    });
    onUnauthorized(() => {
        if (!wasAsked) {
            wasAsked = true;
            draw();
            open(token() === null ? 'session.asked' : 'session.refused');
        }
    });
    onLanguage(draw);
    onPermissions(draw);
}
