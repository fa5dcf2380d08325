// The processing of one patient's questionnaires: an interface that answers within three seconds, or not at all. A pace
// before each of its five steps shows what its deadline does; the waterfall below, in which step.
import { say } from './announce.js';
import { request } from './api.js';
import { byId, el, setText } from './dom.js';
import { duration, left } from './format.js';
import { language, onLanguage, t } from './i18n.js';
import { processPath } from './job_path.js';
import { may, onPermissions } from './permissions.js';
import { problemNode } from './problem_view.js';
import { newTraceId, traceparent } from './trace_id.js';
import { createWaterfallPanel } from './waterfall_panel.js';
import { PROCESS_LATE } from './words_jobs.js';

const LIMIT_MS = 3000; // the gateway's, for this route
const TICK_MS = 100;
const TRACE_AFTER_MS = 200;

// Problems, not the interface's own answers: after a 408 browsers ask again by themselves.
const ACCEPT = 'application/problem+json, application/json;q=0.9';
const LATE = { status: 408, said: PROCESS_LATE };

// The words of the interface are Chinese, whatever the console's language.
function saidNode(kind, { status, said }, before = '') {
    return el('p', { class: kind }, `${before}HTTP ${status} · `, el('q', { lang: 'zh-CN' }, said));
}

function failureNodes(error) {
    return error.problem?.code === 'DEADLINE_EXCEEDED'
        ? [problemNode(error), el('p', {}, t('patient.late')), saidNode('hint', LATE, `${t('patient.told')} `)] : [problemNode(error)];
}

export function startProcessView() {
    const panel = createWaterfallPanel(byId('patient-fall-body'));
    const cancel = byId('patient-cancel');
    const bar = byId('patient-bar');
    let run = null; // { patient, abort, startedAt, state, tookMs, nodes }

    function drawProgress() {
        const elapsedMs = Math.min(performance.now() - run.startedAt, LIMIT_MS);
        bar.max = LIMIT_MS;
        bar.value = elapsedMs;
        setText(byId('patient-elapsed'), left(language(), elapsedMs));
        setText(byId('patient-left'), left(language(), LIMIT_MS - elapsedMs));
    }

    function title() {
        return t(`patient.${run.state}`, { patient: run.patient });
    }

    function draw() {
        if (run === null) {
            return;
        }
        const isRunning = run.state === 'running';
        byId('patient-run').hidden = false;
        byId('patient-run').className = `card ${run.state}`;
        byId('patient-progress').hidden = !isRunning;
        cancel.hidden = !isRunning;
        setText(byId('patient-run-title'), title());
        byId('patient-result').replaceChildren(...run.nodes());
        if (isRunning) {
            drawProgress();
        }
    }

    function end(mine, state, nodes) {
        clearInterval(mine.ticker);
        if (run !== mine) {
            return;
        }
        const hadFocus = document.activeElement === cancel;
        const tookMs = performance.now() - mine.startedAt;
        mine.state = state;
        mine.nodes = () => [...nodes(), el('p', { class: 'hint' }, t('run.after', { time: duration(language(), tookMs) }))];
        draw();
        say(title());
        if (hadFocus) {
            byId('patient-result').focus();
        }
    }

    async function start(wish) {
        run?.abort.abort();
        const traceId = newTraceId();
        const mine = { patient: wish.patient, abort: new AbortController(), startedAt: performance.now(), state: 'running', nodes: () => [] };
        run = mine;
        mine.ticker = setInterval(drawProgress, TICK_MS);
        draw();
        say(title());
        byId('patient-fall').hidden = false;
        panel.watch(traceId, TRACE_AFTER_MS);
        try {
            const response = await request(processPath(wish), { signal: mine.abort.signal, headers: { Accept: ACCEPT, traceparent: traceparent(traceId) } });
            const { message } = await response.json();
            end(mine, 'done', () => [saidNode('result-title', { status: response.status, said: message })]);
        } catch (error) {
            if (mine.abort.signal.aborted) {
                end(mine, 'cancelled', () => [el('p', {}, t('patient.cancelled_more'))]);
            } else {
                end(mine, 'failed', () => failureNodes(error));
            }
        }
    }

    byId('patient-form').setAttribute('novalidate', '');
    byId('patient-form').addEventListener('submit', (event) => {
        event.preventDefault();
        const value = (id) => byId(id).value.trim();
        const wish = { patient: value('patient'), study: value('patient-study'), center: value('patient-center'), pace: value('patient-pace') };
        setText(byId('patient-error'), wish.patient === '' ? t('patient.missing') : '');
        if (wish.patient === '') {
            byId('patient').focus();
        } else {
            start(wish);
        }
    });
    cancel.addEventListener('click', () => run.abort.abort());
    addEventListener('pagehide', () => run?.abort.abort());
    onPermissions(() => {
        byId('patient-go').disabled = !may('write');
        byId('patient-not-allowed').hidden = may('write');
    });
    onLanguage(draw);
    return { open: () => {}, close: () => {} };
}
