// A day of a camera, as a list of what there is: the text beside the timeline, for whoever can't see or use that.

import { el, fill } from './dom.js';
import { ranges, recordedOf } from './ranges.js';
import { lengthOf } from './calendar.js';
import { reachTold } from './reach.js';
import { addDays, beginning, clock, dateTime, ending, weekday, zoneAt } from './time.js';
import { n, of, t } from './words.js';

/** Shows a day: what there is of it at its head, and the list. href makes the address of another day. A signal that is aborted
 * stops it. It promises what there is. */
export async function showDay({ day: place, head, list }, { camera, day, requested, href, signal }) {
  place.setAttribute('aria-busy', 'true');
  place.hidden = false;
  const found = await ranges(camera.id, beginning(day), ending(day), { disclosed: true, signal });
  found.marks.push(...requested.marks(camera.id, beginning(day), ending(day)));
  place.removeAttribute('aria-busy');
  const gaps = found.gaps.filter((gap) => gap.cause !== 'clock').length;
  const zones = [...new Set([zoneAt(beginning(day)), zoneAt(new Date(ending(day) - 1))])].join(' / ');
  fill(head,
    el('div', { class: 'row apart day-head' },
      el('a', { class: 'button', href: href(addDays(day, -1)) }, '‹ ', t('footage.day-before')),
      el('h2', { class: 'day-title' }, weekday(beginning(day))),
      ending(day) < new Date() ? el('a', { class: 'button', href: href(addDays(day, 1)) }, t('footage.day-after'), ' ›') : el('span', {})),
    el('p', {}, recordedTold(camera, recordedOf(found.recorded, day)), ' ', gaps > 0 ? n('footage.gaps', gaps) : null, ' ',
      el('span', { class: 'quiet' }, t('footage.zone', { zone: zones }))));
  fill(list, found.recorded.length + found.gaps.length + found.marks.length > 0 ? table(found, ending(day)) : null);
  return found;
}

/** How much of a day was recorded, as far as somebody may know it. */
function recordedTold(camera, length) {
  const told = length > 0 ? t('footage.recorded', { length: lengthOf(length) }) : t('footage.day-nothing');
  if (!camera.limited) return told;
  return length > 0 ? `${told} ${reachTold(camera)}` : reachTold(camera);
}

function table(found, end) {
  const rows = [
    ...found.recorded.map((one) => ({ ...one, kind: one.open ? 'open' : one.loss ? 'loss' : 'recorded' })),
    ...found.gaps.map((one) => ({ ...one, kind: 'gap', detail: of('footage.cause', one.cause) })),
    ...alike(found.marks).map((one) => ({ ...one, detail: [detailOf(one), one.times > 1 ? t('footage.times', { n: one.times }) : ''].filter(Boolean).join(', ') })),
  ].sort((a, b) => a.from - b.from);
  return el('details', { class: 'more', open: rows.length <= 30 }, el('summary', {}, t('footage.list')),
    el('table', { class: 'table' },
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, t('footage.from')), el('th', { scope: 'col' }, t('footage.to')), el('th', { scope: 'col' }, t('footage.what')))),
      el('tbody', {}, rows.map((one) => row(one, end)))));
}

/** Why something is held or restricted, for who may know it; when something was disclosed. */
function detailOf({ kind, why, at, entry }) {
  if (why) return of('footage.why', why);
  return kind === 'disclosure' ? t('footage.disclosed', { at: dateTime(at), entry }) : '';
}

/** Marks, of which those that say the same of the same time are one, with how many they are. */
function alike(marks) {
  const found = new Map();
  for (const one of marks) {
    const key = [one.kind, one.why, +one.from, +one.to, one.entry].join();
    found.set(key, { ...one, times: (found.get(key)?.times ?? 0) + 1 });
  }
  return [...found.values()];
}

/** When something ends; the end of the day is said as people say it, not as the beginning of the next. */
const until = (moment, end) => (moment < end ? clock(moment) : `24:00:00 ${zoneAt(new Date(end - 1))}`);

const tones = { gap: 'warn', hold: 'good', restriction: 'bad', disclosure: 'warn', requested: 'warn' };

const row = (one, end) => el('tr', {},
  el('td', { class: 'numbers', 'data-label': t('footage.from') }, clock(one.from)),
  el('td', { class: 'numbers', 'data-label': t('footage.to') }, one.goesOn || one.open ? t('footage.goes-on') : until(one.to, end)),
  el('td', { 'data-label': t('footage.what') }, el('span', { class: `tag ${tones[one.kind] ?? ''}` }, of('footage.kind', one.kind)), one.detail ? ` ${one.detail}` : null));
