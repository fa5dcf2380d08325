// One job at a time: progress while it is made, what came of it afterwards, and the way to stop it.
import { say, sayProgress } from './announce.js';
import { byId, el, setText } from './dom.js';
import { bytes, count, duration, left, percent } from './format.js';
import { language, onLanguage, t, wordFor } from './i18n.js';
import { startRun } from './job_run.js';
import { hidePreviews } from './jobs.js';
import { showPaper } from './paper.js';
import { problemNode } from './problem_view.js';
import { problemWords } from './problem.js';
import { stageWord } from './stage_words.js';

const TICK_MS = 100;

function stepText(progress, method) {
    if (progress === null) {
        return t('run.asked');
    }
    const parts = [];
    if (progress.stage) {
        parts.push(stageWord(progress.stage, method));
    }
    if (progress.section) {
        parts.push(wordFor('section', progress.section));
    }
    if (progress.page > 0) {
        parts.push(t('run.page', { page: count(language(), progress.page) }));
    }
    return parts.length === 0 ? t('run.asked') : parts.join(' · ');
}

function title(state, wanted) {
    return t(`run.${wanted.kind}_${state}`, { where: wanted.where() });
}

function resultNode(file, tookMs) {
    return el('div', { class: 'result' },
        el('p', { class: 'result-title' }, t('run.ready', { time: duration(language(), tookMs) })),
        el('p', {}, el('a', { class: 'download', href: file.url, download: file.name }, file.name),
            ` ${bytes(language(), file.blob.size)}`),
        file.sha256 ? el('p', { class: 'hint code', title: 'SHA-256' }, `SHA-256 ${file.sha256}`) : null);
}

export function createRunCard({ onTrace }) {
    const bar = byId('bar');
    let run = null; // the one that is shown: its later events are of interest, those of others not
    let draw = () => {};

    function showResult(...nodes) {
        byId('run-result').replaceChildren(...nodes);
    }

    function showState(state, wanted) {
        byId('run').className = `card ${state}`;
        const isRunning = state === 'running';
        byId('run-progress').hidden = !isRunning;
        byId('cancel').hidden = !isRunning;
        setText(byId('run-title'), title(state, wanted));
    }

    function showProgress(progress, endsAt, { rpc }) {
        const total = progress?.total ?? 0;
        const leftMs = endsAt - performance.now();
        if (total > 0) {
            bar.max = total;
            bar.value = Math.min(progress.done, total);
        } else {
            bar.removeAttribute('value');
        }
        const share = total > 0 ? percent(language(), progress.done / total) : t('run.unknown');
        setText(byId('run-step'), stepText(progress, rpc));
        setText(byId('run-done'), share);
        setText(byId('run-left'), progress?.stage === 'file' ? '–' : left(language(), leftMs));
        bar.setAttribute('aria-valuetext', `${share}, ${stepText(progress, rpc)}`);
        sayProgress(t('run.say', { share, left: left(language(), leftMs) }));
    }

    // What is shown beside the file; without it the file is still there.
    async function preview(wanted, file, mine, drawThis) {
        if (run !== mine) {
            return;
        }
        try {
            mine.showPreview = await wanted.preview(file, mine.signal);
        } catch {
            return;
        }
        if (run === mine) {
            drawThis();
        }
    }

    // Closes over one run; draws it again when the language changes.
    function start(wanted) {
        run?.stop();
        let progress = null;
        let state = 'running';
        let result = () => [];
        const endsAt = performance.now() + wanted.timeoutSeconds * 1000;
        const isShown = () => run === mine;
        const ticker = setInterval(() => showProgress(progress, endsAt, wanted), TICK_MS);

        function drawThis() {
            showState(state, wanted);
            showResult(...result());
            if (state === 'running') {
                showProgress(progress, endsAt, wanted);
            }
            hidePreviews();
            mine.showPreview();
        }

        function end(next, words, nodes) {
            clearInterval(ticker);
            if (!isShown()) {
                return;
            }
            const hadFocus = document.activeElement === byId('cancel');
            state = next;
            result = nodes;
            drawThis();
            say(words);
            if (hadFocus) {
                byId('run-result').focus();
            }
        }

        const mine = startRun({ method: wanted.method, path: wanted.path, timeoutMs: wanted.timeoutSeconds * 1000 }, {
            onProgress: (next) => {
                progress = next;
            },
            onDone: (file, tookMs) => {
                if (isShown()) {
                    file.url = showPaper(file);
                }
                end('done', title('done', wanted), () => [resultNode(file, tookMs)]);
                preview(wanted, file, mine, drawThis);
            },
            onFailed: (error, tookMs) => end('failed', problemWords(error.problem ?? {}).title,
                () => [problemNode(error), el('p', { class: 'hint' }, t('run.after', { time: duration(language(), tookMs) }))]),
            onCancelled: (tookMs) => end('cancelled', t('run.say_cancelled'),
                () => [el('p', {}, t('run.cancelled_more', { time: duration(language(), tookMs) })),
                    wanted.kind === 'write' ? el('p', {}, t('run.write_maybe')) : null].filter((node) => node !== null)),
        });
        mine.showPreview = () => {};
        run = mine;
        draw = drawThis;
        byId('run').hidden = false;
        showPaper(null);
        drawThis();
        byId('run').scrollIntoView({ block: 'nearest' }); // on a phone it is below the form
        say(title('running', wanted));
        onTrace(mine.traceId);
    }

    byId('cancel').addEventListener('click', () => run?.stop());
    // Whoever leaves the page has left the report, also where the browser keeps the page to come back to.
    addEventListener('pagehide', () => run?.stop());
    onLanguage(() => draw());
    return { start };
}
