// The finished file beside the form: a PDF opens in the browser's own viewer, from memory.
import { byId, el } from './dom.js';
import { onLanguage, t } from './i18n.js';

let url = null;
let frame = null;

// Returns the file's address, which holds until the next call; null: there is none yet, and what is below moves up.
export function showPaper(file) {
    if (url !== null) {
        URL.revokeObjectURL(url);
        url = null;
    }
    frame?.remove();
    frame = null;
    byId('paper-blank').hidden = true;
    byId('paper').hidden = true;
    if (file === null) {
        return null;
    }
    url = URL.createObjectURL(file.blob);
    if (file.type.startsWith('application/pdf')) {
        byId('paper').hidden = false;
        frame = el('iframe', { src: `${url}#view=FitH&navpanes=0`, title: t('paper.title') });
        byId('paper').append(frame);
    }
    return url;
}

onLanguage(() => frame?.setAttribute('title', t('paper.title')));
