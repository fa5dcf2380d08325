// Elements without markup: whatever a server sends becomes a text node, never HTML.
//
//     el('td', { class: 'figure', title: site.name }, site.center, ' ', el('b', {}, '12'))

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === 'function') {
            node.addEventListener(name, value);
        } else if (value !== null && value !== undefined && value !== false) {
            node.setAttribute(name, value === true ? '' : String(value));
        }
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
}

export function el(name, attributes = {}, ...children) {
    return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
}

export function byId(id) {
    return document.getElementById(id);
}

// Text is only written when it is another one: screen readers and selections are left alone.
export function setText(node, text) {
    if (node.textContent !== text) {
        node.textContent = text;
    }
}
