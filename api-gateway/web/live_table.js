// A table whose rows come and go: a row that stays keeps its elements, so that focus, selection and a
// screen reader's place stay, too.
//
//     const table = createLiveTable(body, { caption: 'calls.title', empty: 'calls.none', key: (call) => call.call_id,
//         columns: [{ head: 'calls.col_method', text: (call) => call.method, kind: 'figure', link: (call) => href }] });
//     table.show(calls);
//
// A column has `text`; `link` makes it a link, `action` ({ label, run } or null) a button; `tone` adds a class.
import { el, setText } from './dom.js';
import { t } from './i18n.js';

function makeCell(column) {
    const cell = el(column.isHead ? 'th' : 'td', { scope: column.isHead ? 'row' : null, class: column.kind ?? null });
    const inner = column.link ? el('a') : column.action ? el('button', { type: 'button', class: 'small' }) : cell;
    if (inner !== cell) {
        cell.append(inner);
    }
    return { cell, inner };
}

function updateCell({ cell, inner }, column, item) {
    cell.className = [column.kind, column.tone?.(item)].filter(Boolean).join(' ');
    if (column.action) {
        const action = column.action(item);
        inner.hidden = action === null;
        setText(inner, action?.label ?? '');
        inner.onclick = action?.run ?? null;
        return;
    }
    if (column.link) {
        const href = column.link(item);
        if (href === null) {
            inner.removeAttribute('href');
        } else if (inner.getAttribute('href') !== href) {
            inner.setAttribute('href', href);
        }
    }
    setText(inner, column.text(item));
}

export function createLiveTable(body, { caption, empty, key, columns }) {
    const heads = columns.map((column) => el('th', { scope: 'col', class: column.kind === 'figure' ? 'figure' : null }));
    const rows = el('tbody');
    const title = el('caption', { class: 'visually-hidden' });
    const table = el('table', {}, title, el('thead', {}, el('tr', {}, ...heads)), rows);
    const nothing = el('p', { class: 'nothing' });
    const known = new Map();
    body.replaceChildren(table, nothing);

    function rowOf(item) {
        const id = key(item);
        if (!known.has(id)) {
            const cells = columns.map(makeCell);
            known.set(id, { cells, row: el('tr', {}, ...cells.map(({ cell }) => cell)) });
        }
        return known.get(id);
    }

    function show(items) {
        setText(title, t(caption));
        setText(nothing, t(empty));
        table.hidden = items.length === 0;
        nothing.hidden = items.length > 0;
        heads.forEach((head, i) => setText(head, t(columns[i].head)));
        const ids = new Set(items.map(key));
        for (const [id, { row }] of known) {
            if (!ids.has(id)) {
                row.remove();
                known.delete(id);
            }
        }
        items.forEach((item, i) => {
            const { row, cells } = rowOf(item);
            cells.forEach((cell, k) => updateCell(cell, columns[k], item));
            if (rows.children[i] !== row) {
                rows.insertBefore(row, rows.children[i] ?? null);
            }
        });
    }

    return { show };
}
