// Dark and light: the system's, until somebody chooses. The choice is kept on this computer.
import { setText } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { keep, kept } from './store.js';

const CHOICES = ['system', 'light', 'dark'];

export function startTheme(button) {
    let choice = CHOICES.includes(kept('theme')) ? kept('theme') : 'system';

    function show() {
        document.documentElement.dataset.theme = choice;
        setText(button, t(`theme.${choice}`));
        button.setAttribute('aria-label', `${t('theme.label')}: ${t(`theme.${choice}`)}`);
    }

    button.addEventListener('click', () => {
        choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
        keep('theme', choice);
        show();
    });
    onLanguage(show);
}
