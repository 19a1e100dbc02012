// A strip of a span of time: what there is of it, what is missing or withheld, and where one looks. The text beside it says
// the same.

import { el } from './dom.js';
import { clock, dateTime } from './time.js';
import { n, of, t } from './words.js';

const placed = (kind, { from, to }, whole) => {
  const piece = el('span', { class: `strip-${kind}` });
  piece.style.setProperty('left', `${100 * (from - whole.from) / (whole.to - whole.from)}%`);
  piece.style.setProperty('width', `${100 * (to - from) / (whole.to - whole.from)}%`);
  return piece;
};

/** The strip of a whole span; looked is the part in which one looks, and moments are the pictures that are shown. */
export function strip({ whole, parts, withheld, looked, moments }) {
  return el('div', { class: 'strip', 'aria-hidden': 'true' },
    parts.map((one) => placed('recorded', one, whole)),
    withheld.filter(({ code }) => code !== 'nothing').map((one) => placed('withheld', one, whole)),
    placed('looked', looked, whole),
    moments.map((at) => placed('moment', { from: at, to: at }, whole)));
}

/** What is missing of a span, and why. */
export function missingList({ gaps, withheld }) {
  const all = [...gaps.map((one) => ({ ...one, kind: t('find.gap'), why: of('footage.cause', one.cause) })),
    ...withheld.map((one) => ({ ...one, kind: t('find.withheld') }))].sort((a, b) => a.from - b.from);
  if (all.length === 0) return null;
  return el('details', { class: 'more' }, el('summary', {}, n('find.missing', all.length)),
    el('ul', { class: 'steps' }, all.map(({ from, to, kind, why }) => el('li', {}, el('span', { class: 'numbers' }, `${dateTime(from)} – ${clock(to)}`), ` ${kind}: ${why}`))));
}
