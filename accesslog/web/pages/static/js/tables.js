// Tables that become lists where the page is narrow.

import { el } from './dom.js';

/** A table: its columns, and rows of cells, the first of which names its row. */
export function table(columns, rows, properties = {}) {
  return el('table', { class: 'table', ...properties },
    el('thead', {}, el('tr', {}, columns.map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, rows.map((cells) => el('tr', {}, cells.map((cell, i) => (i === 0
      ? el('th', { scope: 'row', 'data-label': columns[i] }, ...children(cell))
      : el('td', { 'data-label': columns[i] }, ...children(cell))))))));
}

const children = (cell) => [cell].flat(3).filter((one) => one !== null && one !== undefined && one !== false);
