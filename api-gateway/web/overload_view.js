// How each class of work fares: what was let in, what was refused because it could not be done in time,
// what was worth the work. Of all backends together.
import { byId, el, setText, svg } from './dom.js';
import { count, duration } from './format.js';
import { language, onLanguage, t, wordFor } from './i18n.js';
import { createLiveView, missingText } from './live_view.js';
import { createSeries, sparkPoints } from './series.js';

const EVERY_MS = 1000;
const WIDTH = 180;
const HEIGHT = 30;

// Counters are shown with how fast they grow, and the line is that rate.
const COUNTERS = [
    ['admitted_total', 'overload.admitted', ''], ['completed_total', 'overload.completed', ''],
    ['refused_total', 'overload.refused', 'warn'], ['doomed_total', 'overload.doomed', 'warn'],
    ['expired_total', 'overload.expired', 'bad'],
];

function spark(kind) {
    const line = svg('polyline', { points: '' });
    const node = svg('svg', { class: `spark ${kind}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, line);
    return { node, show: (values) => line.setAttribute('points', sparkPoints(values, WIDTH, HEIGHT)) };
}

function createRow(key, kind) {
    const name = el('dt');
    const value = el('b');
    const more = el('span', { class: 'hint' });
    const line = spark(kind);
    const node = el('div', { class: `measure ${kind}` }, name, el('dd', {}, value, more), line.node);
    onLanguage(() => setText(name, t(key)));
    return {
        node,
        show: (text, extra, values) => {
            node.classList.toggle('some', text !== '0');
            setText(value, text);
            setText(more, extra);
            line.show(values);
        },
    };
}

function createCard(name) {
    const gauge = el('p', { class: 'gauge-words' });
    const meter = el('div', { class: 'slots', 'aria-hidden': 'true' });
    const goodput = createRow('overload.goodput', 'good');
    const queue = createRow('overload.queue', '');
    const counters = COUNTERS.map(([field, key, kind]) => ({ field, series: createSeries(), rates: createSeries(), row: createRow(key, kind) }));
    const wasted = el('p', { class: 'hint' });
    const goods = createSeries();
    const queues = createSeries();
    const title = el('span');
    const idle = el('p', { class: 'hint' });
    const measures = el('dl', { class: 'measures' }, goodput.node, queue.node, ...counters.map(({ row }) => row.node));
    const node = el('section', { class: 'card class', 'aria-label': name },
        el('div', { class: 'head' }, el('h2', {}, title), el('span', { class: 'hint code' }, name)), gauge, meter, idle, measures, wasted);
    onLanguage(() => {
        setText(title, wordFor('class', name));
        setText(idle, t('overload.idle'));
    });

    function showCounter({ field, series, rates, row }, one, now) {
        series.add(now, one[field]);
        const rate = series.rate();
        if (rate !== null) {
            rates.add(now, rate);
        }
        row.show(count(language(), one[field]), rate === null ? '' : t('overload.per_second', { n: count(language(), rate) }), rates.values());
    }

    function show(one, now, isNew) {
        if (isNew) {
            goods.add(now, one.goodput_per_s);
            queues.add(now, one.queued);
        }
        setText(gauge, t('overload.running', { n: count(language(), one.running), max: count(language(), one.running_max) }));
        meter.replaceChildren(...Array.from({ length: Math.min(64, one.running_max) }, (_, i) => el('i', { class: i < one.running ? 'busy' : null })));
        goodput.show(new Intl.NumberFormat(language(), { maximumFractionDigits: 1 }).format(one.goodput_per_s), t('overload.a_second'), goods.values());
        queue.show(count(language(), one.queued), t('overload.of', { n: count(language(), one.queue_max) }), queues.values());
        if (isNew) {
            counters.forEach((counter) => showCounter(counter, one, now));
        }
        // A class that nobody has asked for anything takes little room.
        const isIdle = one.queued === 0 && one.running === 0 && COUNTERS.every(([field]) => one[field] === 0);
        measures.hidden = isIdle;
        wasted.hidden = isIdle;
        idle.hidden = !isIdle;
        node.classList.toggle('idle', isIdle);
        setText(wasted, t('overload.wasted', { time: duration(language(), one.wasted_cpu_ms_total) }));
    }
    return { node, show };
}

export function startOverloadView() {
    const body = byId('overload-body');
    const cards = new Map();
    let shown = null;
    return createLiveView({
        path: '/v1/overload', everyMs: EVERY_MS, body, state: byId('overload-state'),
        show: (answer) => {
            const isNew = answer !== shown;
            shown = answer;
            setText(byId('overload-missing'), missingText(answer.unanswered));
            for (const one of answer.classes) {
                if (!cards.has(one.name)) {
                    cards.set(one.name, createCard(one.name));
                    body.append(cards.get(one.name).node);
                }
                cards.get(one.name).show(one, performance.now(), isNew);
            }
        },
    });
}
