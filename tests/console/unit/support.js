// The language outside of a browser: no page, no storage.
import { setLanguage } from '../../../api-gateway/web/i18n.js';

export function setLanguageForTest(language) {
    globalThis.document = { documentElement: {}, querySelectorAll: () => [] };
    setLanguage(language);
}
