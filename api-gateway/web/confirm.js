// A question before something that cannot be taken back here.
//
//     if (await confirmed({ title, text, yes })) { … }
import { byId, setText } from './dom.js';

const dialog = byId('confirm');

export function confirmed({ title, text, yes }) {
    setText(byId('confirm-title'), title);
    setText(byId('confirm-text'), text);
    setText(byId('confirm-yes'), yes);
    dialog.returnValue = '';
    dialog.showModal();
    byId('confirm-no').focus();
    return new Promise((resolve) => {
        dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    });
}

byId('confirm-yes').addEventListener('click', () => dialog.close('yes'));
byId('confirm-no').addEventListener('click', () => dialog.close());
