// The tables of what was done with footage: short enough for a sheet of paper.

import { el } from './dom.js';
import { clock, dateTime, dayOf, shortDate } from './time.js';
import { bytes, of, t } from './words.js';

const shownRanges = 12; // of one entry

const table = (heads, rows) => el('table', { class: 'table' }, el('thead', {}, el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, head)))),
  el('tbody', {}, rows.map((cells) => el('tr', {}, cells.map((cell, i) => el('td', { 'data-label': heads[i] }, [cell].flat(Infinity)))))));

/** Who it was, by name and role. */
const person = ({ person: name, role }) => [el('strong', {}, name || t('seen.device')), role ? [el('br'), el('span', { class: 'quiet' }, of('seen.role', role.split(' ')[0], role))] : null];

/** Why, with all that was said of it. */
const why = ({ purpose, basis, case: number, remark }) => [purpose, basis, number ? t('seen.case', { number }) : '', remark].filter(Boolean)
  .flatMap((line, i) => (i === 0 ? [line] : [el('br'), el('span', { class: 'quiet' }, line)]));

/** A span of time; the day is said again only where it is another one. */
const span = ({ from, to }) => `${shortDate(from)} ${clock(from)} – ${dayOf(from) === dayOf(to) ? '' : `${shortDate(to)} `}${clock(to)}`;

/** Spans of footage, of which only so many are written out. */
function footage(list, names) {
  const lines = list.slice(0, shownRanges).map((one) => el('li', {}, list.some(({ camera }) => camera !== list[0].camera) ? `${names[one.camera] ?? one.camera}: ` : '', span(one)));
  if (list.length > shownRanges) lines.push(el('li', {}, t('seen.more', { count: list.length - shownRanges })));
  return el('ul', { class: 'ranges numbers' }, lines);
}

export const viewingTable = (list, names) => table([t('seen.who'), t('seen.when'), t('seen.why'), t('seen.what'), t('seen.outcome')],
  list.map(({ start, end }) => [person(start),
    [dateTime(start.time), end ? [el('br'), t('seen.until', { at: dateTime(end.time) })] : null, el('br'), entry(start)],
    why(start),
    end ? delivered(end, names) : [el('span', {}, t('seen.open')), footage(start.footage, names)],
    end ? of('seen.result', end.result) : t('seen.goes-on')]));

const delivered = (end, names) => (end.footage.length ? [footage(end.footage, names), el('span', { class: 'quiet' }, bytes(end.bytes ?? 0))] : t('seen.none-shown'));

const entry = (use) => el('span', { class: 'quiet' }, t('seen.number', { entry: use.entry }));

export const holdTable = (list, names) => table([t('seen.done'), t('seen.who'), t('seen.when'), t('seen.why'), t('seen.what')],
  list.map((use) => [of('seen.op', use.op), person(use), [dateTime(use.time), el('br'), entry(use)], why(use), footage(use.footage, names)]));

export const otherTable = (list, names) => table([t('seen.done'), t('seen.who'), t('seen.when'), t('seen.why'), t('seen.recipient')],
  list.map((use) => [of('seen.op', use.op), person(use), [dateTime(use.time), el('br'), entry(use)], why(use),
    [use.recipient || t('seen.no-recipient'), footage(use.footage, names)]]));

export const refusedTable = (list, names) => table([t('seen.who'), t('seen.when'), t('seen.why'), t('seen.what'), t('seen.because')],
  list.map((use) => [person(use), [dateTime(use.time), el('br'), entry(use)], why(use), footage(use.footage, names), of('seen.refusal', use.result)]));
