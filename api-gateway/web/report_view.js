// The report's page: the form, and beside it what becomes of a report.
import { say } from './announce.js';
import { byId, setText } from './dom.js';
import { seconds } from './format.js';
import { language, onLanguage, t } from './i18n.js';
import { startOperation } from './operations_view.js';
import { problemWords } from './problem.js';
import { reportPath } from './report_query.js';
import { createRunCard } from './run_card.js';
import { startSitePicker } from './site_picker.js';
import { keep, kept } from './store.js';
import { createWaterfallPanel } from './waterfall_panel.js';

function startTimeout() {
    const slider = byId('timeout');
    const words = byId('timeout-words');
    const value = () => Number(slider.value);
    slider.value = kept('timeout') ?? slider.value;

    function draw() {
        const text = seconds(language(), value());
        setText(words, text);
        slider.setAttribute('aria-valuetext', text);
        slider.style.setProperty('--share', String((value() - 1) / 59));
    }
    slider.addEventListener('input', () => {
        draw();
        keep('timeout', slider.value);
    });
    onLanguage(draw);
    return value;
}

export function startReportView() {
    const picker = startSitePicker();
    const timeoutSeconds = startTimeout();
    const reportLanguage = byId('report-language');
    const panel = createWaterfallPanel(byId('fall-body'));
    const card = createRunCard({ onTrace: (traceId) => {
        byId('fall').hidden = false;
        panel.watch(traceId, 200);
    } });
    reportLanguage.value = language();

    // The path, or null when there is no site yet, which is then said.
    function wish(format) {
        const site = picker.chosen();
        setText(byId('form-error'), site === null ? t('site.missing') : '');
        if (site === null) {
            byId('site-search').focus();
            return null;
        }
        return {
            site, timeoutSeconds: timeoutSeconds(),
            path: reportPath(site, { format, language: reportLanguage.value, timeoutSeconds: timeoutSeconds() }),
            jsonPath: reportPath(site, { format: 'json', language: reportLanguage.value, timeoutSeconds: timeoutSeconds() }),
        };
    }

    byId('report-form').setAttribute('novalidate', '');
    byId('report-form').addEventListener('submit', (event) => {
        event.preventDefault();
        const wanted = wish(byId('report-format').value);
        if (wanted !== null) {
            card.start(wanted);
        }
    });
    byId('background').addEventListener('click', async () => {
        const wanted = wish(byId('report-format').value);
        if (wanted === null) {
            return;
        }
        try {
            await startOperation(wanted.path);
            say(t('operations.started'));
            location.hash = '#operations';
        } catch (error) {
            const words = problemWords(error.problem ?? { status: 0, code: 'SCRIPT', detail: String(error) }, error.retryAfterSeconds ?? null);
            setText(byId('form-error'), [words.title, ...words.lines].join(' '));
        }
    });
    return { open: () => {}, close: () => {}, load: picker.load };
}
