// The tables of what was done with footage: short enough for a sheet of paper.

import { outcome } from './deliveries.js';
import { el } from './dom.js';
import { clock, date, dateTime, dayOf, inNumbers, zoneAt } from './time.js';
import { bytes, n, of, t } from './words.js';

const shownRanges = 100; // of one entry

const table = (heads, rows) => el('table', { class: 'table' }, el('thead', {}, el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, head)))),
  el('tbody', {}, rows.map((cells) => el('tr', {}, cells.map((cell, i) => el('td', { 'data-label': heads[i], class: heads[i] === t('seen.when') ? 'when' : null }, [cell].flat(Infinity)))))));

/** Who it was, by name and role. */
const person = ({ person: name, role }) => [el('strong', {}, name || t('seen.device')), role ? [el('br'), el('span', { class: 'quiet' }, of('seen.role', role.split(' ')[0], role))] : null];

/** Why, with all that was said of it. */
const why = ({ purpose, basis, case: number, remark }) => [purpose || basis, purpose ? basis : '', number ? t('seen.case', { number }) : '', remark || (purpose || basis ? '' : t('seen.not-said'))].filter(Boolean)
  .flatMap((line, i) => (i === 0 ? [line] : [el('br'), el('span', { class: 'quiet' }, line)]));

/** Spans of footage, by camera, day and zone, of which only so many are written out: single pictures have but one moment. */
function footage(list, names) {
  const lines = new Map();
  for (const { camera, from, to } of list.slice(0, shownRanges)) {
    const line = `${list.some((one) => one.camera !== list[0].camera) ? `${names[camera] ?? camera}, ` : ''}${date(from)} (${zoneAt(from)})`;
    lines.set(line, [...(lines.get(line) ?? []), times(from, to)]);
  }
  const rest = list.length - shownRanges;
  return el('ul', { class: 'ranges numbers' }, [...lines].map(([line, all]) => el('li', {}, `${line}: ${all.join(', ')}`)),
    rest > 0 ? el('li', {}, n('seen.more', rest)) : null);
}

/** From when to when; the zone and the day of the end only where they are others than those of the beginning. */
function times(from, to) {
  const [begin, end] = [clock(from), clock(to)].map((text) => text.slice(0, 8));
  if (dayOf(from) !== dayOf(to)) return `${begin} – ${dateTime(to)}`;
  if (zoneAt(from) !== zoneAt(to)) return `${begin} – ${clock(to)}`;
  return begin === end ? begin : `${begin}–${end}`;
}

export const viewingTable = (list, names) => table([t('seen.who'), t('seen.when'), t('seen.why'), t('seen.what'), t('seen.outcome')],
  list.map(({ start, more, end }) => [person(start),
    [dateTime(start.time), end ? [el('br'), t('seen.until', { at: inNumbers(end.time) })] : null, el('br'), entry(start)],
    why(start),
    [shown(start, more, end, names), activity([start, ...more], names)],
    end ? of('seen.result', end.result) : t('seen.goes-on')]));

/** What was shown. Where a failure of the appliance cut a viewing off, nobody knows more than what it had opened. */
function shown(start, more, end, names) {
  const opened = [start, ...more].filter(({ op }) => !['view.activity', 'view.end'].includes(op)).flatMap((use) => use.footage);
  if (!end) return [el('span', {}, t('seen.open')), footage(opened, names)];
  if (end.footage.length) return [footage(end.footage, names), el('span', { class: 'quiet' }, bytes(end.bytes ?? 0))];
  if (end.result !== 'interrupted') return el('span', {}, looked([start, ...more]).length ? t('seen.no-footage') : t('seen.none-shown'));
  return opened.length ? [el('span', {}, t('seen.at-most')), footage(opened, names)] : t('seen.not-said');
}

/** The course of footage that was looked at: when something moved, without a picture. */
const looked = (all) => all.filter(({ op }) => op === 'view.activity').flatMap((use) => use.footage);

function activity(all, names) {
  const list = looked(all);
  return list.length ? [el('span', {}, t('seen.activity')), footage(list, names)] : [];
}

const entry = (use) => el('span', { class: 'quiet' }, t('seen.number', { entry: use.entry }));

export const holdTable = (list, names) => table([t('seen.done'), t('seen.who'), t('seen.when'), t('seen.why'), t('seen.what')],
  list.map((use) => [of('seen.op', use.op), person(use), [dateTime(use.time), el('br'), entry(use)], why(use), footage(use.footage, names)]));

/** What was done, and of a delivery whether it came through whole. */
const done = (use) => [of('seen.op', use.op), use.op === 'handover' ? [el('br'), outcome(use.end)] : null];

export const otherTable = (list, names) => table([t('seen.done'), t('seen.who'), t('seen.when'), t('seen.why'), t('seen.recipient')],
  list.map((use) => [done(use), person(use), [dateTime(use.time), el('br'), entry(use)], why(use),
    [use.recipient || t('seen.no-recipient'), footage(use.end?.footage.length ? use.end.footage : use.footage, names)]]));

export const refusedTable = (list, names) => table([t('seen.who'), t('seen.when'), t('seen.why'), t('seen.what'), t('seen.because')],
  list.map((use) => [person(use), [dateTime(use.time), el('br'), entry(use)], why(use), footage(use.footage, names), of('seen.refusal', use.result)]));
