// Time as the reader has it: in the zone of the browser, which always stands beside it, so that the hour that comes twice
// in autumn is two hours. A day is told as 2026-10-25; a moment is a Date, or what the API says.

import { language } from './words.js';

export const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

const forms = {
  date: { day: 'numeric', month: 'long', year: 'numeric' },
  shortDate: { day: 'numeric', month: 'numeric', year: 'numeric' },
  weekday: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
  hour: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  exact: { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' },
};
/** Of English the way of Europe: 22/11/2026 is day, month, year. */
const local = language === 'en' ? 'en-GB' : language;
const written = Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, new Intl.DateTimeFormat(local, form)]));
const offsets = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' });
const names = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

const at = (moment) => (moment instanceof Date ? moment : new Date(moment));

export const date = (moment) => written.date.format(at(moment));
export const shortDate = (moment) => written.shortDate.format(at(moment));
export const weekday = (moment) => written.weekday.format(at(moment));
export const month = (moment) => written.month.format(at(moment));
/** 14.03 without a zone: only where the zone stands beside it, as on a scale. */
export const hour = (moment) => written.hour.format(at(moment));
/** 14:03:22 CET */
export const clock = (moment) => `${written.clock.format(at(moment))} ${zoneAt(moment)}`;
/** 14:03:22,250 CET: where two moments are in one second */
export const exact = (moment) => `${written.exact.format(at(moment))} ${zoneAt(moment)}`;
/** 21. november 2026, 14:03:22 CET */
export const dateTime = (moment) => `${date(moment)}, ${clock(moment)}`;
/** 21. 11. 2026, 14:03:22 CET: behind "od" and "do", where the name of the month would be another one */
export const inNumbers = (moment) => `${shortDate(moment)}, ${clock(moment)}`;

/** The zone as people call it then, such as CET or CEST; else its distance from UTC. */
export function zoneAt(moment) {
  const part = (format) => format.formatToParts(at(moment)).find((p) => p.type === 'timeZoneName').value;
  const name = part(names);
  return name.startsWith('GMT') ? part(offsets).replace('GMT', 'UTC') : name;
}

/** The day of a moment. */
export function dayOf(moment) {
  const m = at(moment);
  return `${String(m.getFullYear()).padStart(4, '0')}-${String(m.getMonth() + 1).padStart(2, '0')}-${String(m.getDate()).padStart(2, '0')}`;
}

/** When a day begins. Where the clock jumps over midnight it begins after it. */
export function beginning(day) {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}

/** The day some days later; a day is not 24 hours. */
export function addDays(day, count) {
  const [year, month, date] = day.split('-').map(Number);
  return dayOf(new Date(year, month - 1, date + count, 12));
}

/** When a day ends: when the next one begins. */
export const ending = (day) => beginning(addDays(day, 1));

/** The full hours of a day with what they are called; in autumn one of them comes twice, in spring one is missing. */
export function hours(day) {
  const end = ending(day).getTime();
  const list = [];
  for (let time = beginning(day).getTime(); time < end; time += 3600e3) {
    const moment = new Date(time);
    list.push({ at: moment, name: `${String(moment.getHours()).padStart(2, '0')}`, zone: zoneAt(moment) });
  }
  return list;
}

/** The moments that a clock showed a time on a day: none in the hour that spring leaves out, two in the one that autumn repeats,
 * unless the zone is said as well, as in 2:30 CEST. */
export function moments(day, text) {
  const [, h, m, s = 0, said = ''] = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s+([\p{L}\d:+−-]+))?$/u.exec(text.trim()) ?? [];
  if (h === undefined || h > 23 || m > 59 || s > 59) return [];
  const [year, month, date] = day.split('-').map(Number);
  const utc = Date.UTC(year, month - 1, date, h, m, s);
  const found = new Set();
  for (const around of [utc - 26 * 3600e3, utc, utc + 26 * 3600e3]) {
    const moment = utc + new Date(around).getTimezoneOffset() * 60e3;
    if (new Date(moment).getTimezoneOffset() * 60e3 === moment - utc) found.add(moment);
  }
  return [...found].sort((a, b) => a - b).map((moment) => new Date(moment))
    .filter((moment) => said === '' || zoneAt(moment).toUpperCase() === said.toUpperCase().replace('−', '-'));
}

/** How long something is, as 3:07:09 or 07:09. */
export function span(ms) {
  const seconds = Math.round(ms / 1000);
  const two = (value) => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

/** Puts all moments of a page, <time datetime data-as="dateTime">, into words. */
export function putIntoWords(within = document) {
  const ways = { date, dateTime, clock, shortDate };
  for (const element of within.querySelectorAll('time[datetime][data-as]')) {
    element.textContent = ways[element.dataset.as](element.dateTime);
  }
}
