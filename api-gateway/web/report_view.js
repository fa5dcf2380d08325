// The page of the jobs on sites: the form, and beside it what becomes of a job.
import { say } from './announce.js';
import { confirmed } from './confirm.js';
import { byId, setText } from './dom.js';
import { count, seconds } from './format.js';
import { language, onLanguage, t } from './i18n.js';
import { reportJob, validationJob } from './jobs.js';
import { startOperation } from './operations_view.js';
import { may, mayHaveStudy, onPermissions } from './permissions.js';
import { problemWords } from './problem.js';
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

// Which job the form is about: 'report' or 'validation'; its other parts follow.
function startJobChoice() {
    const choices = [...document.querySelectorAll('input[name="job"]')];
    const chosen = () => choices.find((one) => one.checked).value;

    function draw() {
        const isReport = chosen() === 'report';
        byId('format-field').hidden = !isReport;
        byId('scope-field').hidden = isReport;
        setText(byId('report-title'), t(isReport ? 'report.title' : 'validation.page'));
        setText(byId('go'), t(isReport ? 'report.go' : 'validation.go'));
        setText(byId('timeout-hint'), t(isReport ? 'report.timeout_hint' : 'validation.timeout_hint'));
        setText(byId('language-label'), t(isReport ? 'report.language' : 'validation.language'));
    }
    choices.forEach((one) => one.addEventListener('change', draw));
    onLanguage(draw);
    return chosen;
}

// The whole study is offered to those whose scope it is in.
function startScope(picker) {
    const select = byId('validation-scope');

    function draw() {
        const site = picker.chosen();
        const isOffered = site !== null && mayHaveStudy(site.study);
        const study = select.querySelector('[value="study"]');
        setText(study, site === null ? t('validation.scope_study') : t('place.study', { study: site.study }));
        study.disabled = !isOffered;
        if (!isOffered) {
            select.value = 'site';
        }
    }
    picker.onChosen(draw);
    onPermissions(draw);
    onLanguage(draw);
    return () => select.value;
}

export function startReportView() {
    const picker = startSitePicker();
    const timeoutSeconds = startTimeout();
    const jobChosen = startJobChoice();
    const scope = startScope(picker);
    const jobLanguage = byId('report-language');
    const panel = createWaterfallPanel(byId('fall-body'));
    const card = createRunCard({ onTrace: (traceId) => {
        byId('fall').hidden = false;
        panel.watch(traceId, 200);
    } });
    jobLanguage.value = language();

    function validation(site, wish) {
        return validationJob(site, wish, may('write') ? async (found) => {
            const values = { n: count(language(), found.counts.problems) };
            if (await confirmed({ title: t('write.title', values), text: t('write.text'), yes: t('validation.write', values) })) {
                card.start(validationJob(site, { ...wish, isWritten: true }, null));
                byId('cancel').focus(); // what was clicked is gone
            }
        } : null);
    }

    // The job, or null when there is no site yet, which is then said.
    function wanted() {
        const site = picker.chosen();
        setText(byId('form-error'), site === null ? t('site.missing') : '');
        if (site === null) {
            byId('site-search').focus();
            return null;
        }
        const wish = { language: jobLanguage.value, timeoutSeconds: timeoutSeconds() };
        return jobChosen() === 'report' ? reportJob(site, { ...wish, format: byId('report-format').value })
            : validation(site, { ...wish, scope: scope(), isWritten: false });
    }

    byId('report-form').setAttribute('novalidate', '');
    byId('report-form').addEventListener('submit', (event) => {
        event.preventDefault();
        const job = wanted();
        if (job !== null) {
            card.start(job);
        }
    });
    byId('background').addEventListener('click', async () => {
        const job = wanted();
        if (job === null) {
            return;
        }
        try {
            await startOperation(job);
            say(t('operations.started'));
            location.hash = '#operations';
        } catch (error) {
            const words = problemWords(error.problem ?? { status: 0, code: 'SCRIPT', detail: String(error) }, error.retryAfterSeconds ?? null);
            setText(byId('form-error'), [words.title, ...words.lines].join(' '));
        }
    });
    return { open: () => {}, close: () => {}, load: picker.load };
}
