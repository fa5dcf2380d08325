// The waterfall drawn: every hop and stage on one axis, the deadline a line, the cancel a mark, work that
// nobody waited for in red. Arrow keys go through the spans; pointing at one or focusing it tells its details.
import { el, svg } from './dom.js';
import { duration } from './format.js';
import { language, t } from './i18n.js';
import { foldRows, layoutTrace } from './waterfall_layout.js';
import { rowDetails, rowLabel, workOf } from './waterfall_words.js';

const TOP = 34; // the names of the marks
const BOTTOM = 24; // the axis
const NARROW = 560; // below: labels stand over their bars
const END = 68; // room for a duration behind the last bar
const CHARACTER = 6.7; // of a label, about

function geometry(width, n_rows) {
    const isNarrow = width < NARROW;
    const rowHeight = isNarrow ? 36 : 23;
    const left = isNarrow ? 6 : Math.min(250, Math.round(width * 0.3));
    return { width, isNarrow, rowHeight, left, right: width - END, foot: TOP + n_rows * rowHeight + 4, height: TOP + n_rows * rowHeight + 4 + BOTTOM };
}

function cut(text, n_characters) {
    return text.length <= n_characters ? text : `${text.slice(0, Math.max(1, n_characters - 1))}…`;
}

function axis(space, plan, x) {
    return plan.ticks.map((tick) => svg('g', { class: 'tick' },
        svg('line', { x1: x(tick), x2: x(tick), y1: TOP - 4, y2: space.foot }),
        svg('text', { x: x(tick), y: space.foot + 15, 'text-anchor': 'middle' }, duration(language(), tick))));
}

// A vertical mark with its name above the axis; near the right edge the name stands to its left.
function mark(space, at, name, kind, y, shape) {
    const isLate = at > space.right - 60;
    return svg('g', { class: `mark ${kind}` },
        svg('line', { x1: at, x2: at, y1: y - 9, y2: space.foot }), shape ?? null,
        svg('text', { x: at + (isLate ? -7 : 7), y, 'text-anchor': isLate ? 'end' : 'start' }, name));
}

function marks(space, plan, x) {
    const nodes = [];
    if (plan.deadlineMs !== null) {
        const name = t('fall.deadline_at', { time: duration(language(), plan.deadlineMs) });
        nodes.push(plan.isDeadlineBeyond
            ? svg('g', { class: 'mark deadline' }, svg('text', { x: space.width - 4, y: 11, 'text-anchor': 'end' }, `${name} →`))
            : mark(space, x(plan.deadlineMs), name, 'deadline', 11));
    }
    if (plan.cancelMs !== null) {
        const at = x(plan.cancelMs);
        const name = t(plan.isLate ? 'fall.stop_at' : 'fall.cancel_at', { time: duration(language(), plan.cancelMs) });
        nodes.push(mark(space, at, name, 'cancel', 26, svg('path', { d: `M${at - 5} 17h10l-5 8z` })));
    }
    return nodes;
}

function bar(row, y, x, height) {
    if (row.parts !== undefined) {
        return row.parts.flatMap((part) => bar(part, y, x, height));
    }
    const width = Math.max(2, x(row.end) - x(row.start));
    const nodes = [svg('rect', { class: 'whole', x: x(row.start), y, width, height, rx: Math.min(2, width / 4) })];
    if (row.wastedFrom !== null) {
        const from = Math.min(x(row.wastedFrom), x(row.start) + width - 2);
        nodes.push(svg('rect', { class: 'wasted', x: from, y, width: x(row.start) + width - from, height, rx: 2 }));
    }
    return nodes;
}

function sideOf(span) {
    return span.service === 'api-gateway' ? 'gateway' : 'service';
}

// What is in a span's element.
function spanParts(row, i, space, x) {
    const y = TOP + i * space.rowHeight;
    const indent = Math.min(row.depth, 8) * (space.isNarrow ? 3 : 10);
    const barHeight = 11;
    const barY = space.isNarrow ? y + 20 : y + 6;
    const room = space.isNarrow ? space.width - indent : space.left - indent - 22;
    return [
        svg('rect', { class: 'hit', x: 0, y, width: space.width, height: space.rowHeight }),
        svg('circle', { cx: 7 + indent, cy: y + 11, r: 3.5 }),
        svg('text', { class: 'name', x: 16 + indent, y: y + 15 }, cut(rowLabel(row), Math.floor(room / CHARACTER))),
        ...bar(row, barY, x, barHeight),
        svg('text', { class: 'took', x: Math.max(x(row.end), x(row.start) + 2) + 5, y: barY + 10 },
            duration(language(), workOf(row))),
    ];
}

// A row for each span. A span that stays keeps its element, and with it the focus; while it has that and runs, its name
// stays, too, since a screen reader says each new one. onDetail(text): of the row that is looked at; null: of none yet.
export function createWaterfall(onDetail) {
    const backdrop = svg('g');
    const spans = svg('g');
    const chart = svg('svg', { class: 'fall', role: 'group' }, backdrop, spans);
    const known = new Map(); // by span id: { node, row }
    let shown = null; // who is looked at: pointed at, or focused
    let entry = null; // who has the place in the order of the Tab key

    function show(one) {
        shown = one;
        onDetail(rowDetails(one.row));
    }

    function enter(one) {
        entry?.node.setAttribute('tabindex', -1);
        entry = one;
        entry?.node.setAttribute('tabindex', 0);
    }

    function make() {
        const one = { node: svg('g', { role: 'img', tabindex: -1 }), row: null };
        one.node.addEventListener('focus', () => {
            enter(one);
            show(one);
        });
        one.node.addEventListener('pointerenter', () => show(one));
        return one;
    }

    function update(one, row, i, space, x) {
        one.row = row;
        one.node.setAttribute('class', `span ${sideOf(row.span)}${row.isRunning ? ' running' : ''}`);
        if (!row.isRunning || one.node !== document.activeElement) {
            one.node.setAttribute('aria-label', rowDetails(row));
        }
        one.node.replaceChildren(...spanParts(row, i, space, x));
    }

    // What is new comes between what stays, which is not moved unless the order has changed.
    function drawRows(rows, space, x) {
        const hadFocus = spans.contains(document.activeElement);
        const keys = rows.map((row) => row.span.span_id);
        const staying = new Set(keys);
        for (const [key, one] of known) {
            if (!staying.has(key)) {
                one.node.remove();
                known.delete(key);
                shown = shown === one ? null : shown;
                entry = entry === one ? null : entry;
            }
        }
        rows.forEach((row, i) => {
            const one = known.get(keys[i]) ?? make();
            known.set(keys[i], one);
            update(one, row, i, space, x);
            if (spans.children[i] !== one.node) {
                spans.insertBefore(one.node, spans.children[i] ?? null);
            }
        });
        if (entry === null && rows.length > 0) {
            enter(known.get(keys[0]));
        }
        if (hadFocus && !spans.contains(document.activeElement)) {
            entry?.node.focus(); // it went, or changed places
        }
    }

    function draw(trace, width) {
        const plan = foldRows(layoutTrace(trace));
        const space = geometry(Math.max(280, width), plan.rows.length);
        const x = (ms) => space.left + Math.min(1, ms / plan.axisMs) * (space.right - space.left);
        const { height } = space;
        Object.entries({ width: space.width, height, viewBox: `0 0 ${space.width} ${height}`, 'aria-label': t('fall.chart', { n: plan.rows.length }) })
            .forEach(([name, value]) => chart.setAttribute(name, value));
        backdrop.replaceChildren(...axis(space, plan, x), ...marks(space, plan, x));
        drawRows(plan.rows, space, x);
        onDetail(shown === null ? null : rowDetails(shown.row));
        return legendOf(plan);
    }

    chart.addEventListener('keydown', (event) => {
        const nodes = [...spans.children];
        const at = nodes.indexOf(document.activeElement);
        const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
        if (at >= 0 && next !== undefined && nodes[next] !== undefined) {
            event.preventDefault();
            nodes[next].focus();
        }
    });
    return { chart, draw };
}

function legendOf(plan) {
    const kinds = {
        gateway: (row) => sideOf(row.span) === 'gateway',
        service: (row) => sideOf(row.span) === 'service',
        wasted: (row) => row.wastedFrom !== null,
    };
    const shown = Object.keys(kinds).filter((kind) => plan.rows.some(kinds[kind]));
    return el('ul', { class: 'legend' }, ...shown.map((kind) => el('li', { class: kind }, t(`fall.${kind}`))));
}
