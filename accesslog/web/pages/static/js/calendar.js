// A month of a camera: how much of each day there is.

import { el, fill, empty } from './dom.js';
import { daysOf, ranges, recordedOf } from './ranges.js';
import { reachTold } from './reach.js';
import { beginning, dayOf, ending, month as monthName, weekday } from './time.js';
import { language, n, t } from './words.js';

/** The month of a day, some months later. */
export function monthLater(month, count) {
  const [year, number] = month.split('-').map(Number);
  return dayOf(new Date(year, number - 1 + count, 1, 12)).slice(0, 7);
}

/** Hours and minutes of a length, as people say it. */
export function lengthOf(ms) {
  const minutes = Math.floor(ms / 60e3);
  return minutes < 60 ? t('footage.day-minutes', { m: minutes }) : t('footage.length', { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/**
 * Shows a month in a place. href makes the address of a day, turn is called with the month that somebody turns to; first is
 * the first month with footage. A signal that is aborted stops it.
 */
export async function showMonth(place, { camera, month, chosen, first, href, turn, signal }) {
  place.setAttribute('aria-busy', 'true');
  const days = daysOf(month);
  const found = await ranges(camera.id, beginning(days[0]), ending(days.at(-1)), { signal });
  const lengths = days.map((day) => recordedOf(found.recorded, day));
  const some = lengths.filter((length) => length > 0).length;
  place.removeAttribute('aria-busy');
  fill(place,
    el('div', { class: 'row apart calendar-head' },
      turner(t('footage.earlier'), '‹', month > first, () => turn(monthLater(month, -1))),
      el('h2', { class: 'calendar-title' }, camera.name, el('span', { class: 'quiet' }, ' ', monthName(beginning(days[0])))),
      turner(t('footage.later'), '›', month < dayOf(new Date()).slice(0, 7), () => turn(monthLater(month, 1)))),
    grid(days, lengths, chosen, href, camera.limited),
    camera.limited ? el('p', { class: 'note' }, reachTold(camera)) : some > 0 ? el('p', { class: 'quiet' }, n('footage.days', some)) : empty(t('footage.nothing'), t('footage.nothing-about')));
}

const turner = (label, sign, possible, onclick) => el('button', { type: 'button', class: 'turn', 'aria-label': label, title: label, disabled: !possible, onclick }, el('span', { 'aria-hidden': 'true' }, sign));

function grid(days, lengths, chosen, href, limited) {
  const offset = (beginning(days[0]).getDay() + 6) % 7; // a week begins with Monday
  const cells = [...Array(offset).fill(null), ...days.map((day, i) => cell(day, lengths[i], chosen, href, limited))];
  while (cells.length % 7) cells.push(null);
  const weeks = Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(i * 7, i * 7 + 7));
  return el('table', { class: 'calendar' },
    el('thead', {}, el('tr', {}, weekdays().map(([short, long]) => el('th', { scope: 'col', abbr: long }, short)))),
    el('tbody', {}, weeks.map((week) => el('tr', {}, week.map((one) => el('td', {}, one))))));
}

/** The days of the week, short and long; 5 January 2026 was a Monday. */
function weekdays() {
  const names = (style) => Array.from({ length: 7 }, (_, i) => new Intl.DateTimeFormat(language, { weekday: style }).format(new Date(2026, 0, 5 + i, 12)));
  const long = names('long');
  return names('short').map((short, i) => [short, long[i]]);
}

function cell(day, length, chosen, href, limited) {
  const number = String(Number(day.slice(8)));
  if (length === 0) return el('span', { class: 'calendar-day none', title: limited ? null : t('footage.day-none', { day: weekday(beginning(day)) }) }, el('span', { class: 'day-number' }, number));
  const minutes = Math.floor(length / 60e3);
  const short = minutes < 60 ? t('footage.day-minutes', { m: minutes }) : t('footage.day-short', { h: Math.floor(minutes / 60) });
  const bar = el('span', { class: 'day-bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--part', length / (ending(day) - beginning(day)));
  return el('a', { class: 'calendar-day', href: href(day), 'aria-current': day === chosen ? 'date' : null },
    el('span', { class: 'day-number' }, number), el('span', { class: 'unseen' }, ` ${t('footage.day-has', { day: weekday(beginning(day)) })} `),
    bar, el('span', { class: 'day-length' }, short));
}
