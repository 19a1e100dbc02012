// What there is of a stream: recorded ranges, gaps, holds and restrictions, and on request what was disclosed. It opens no
// footage.

import { get, path } from './api.js';
import { addDays, beginning, ending } from './time.js';

const most = 31 * 24 * 3600e3; // that the API lists at once

/** What there is of a camera from one moment to another, with Dates; with disclosed, what was handed over or shown is among its
 * marks. Nothing is asked of what is still to come. */
export async function ranges(camera, from, to, { stream, disclosed = false, signal } = {}) {
  const all = { recorded: [], gaps: [], marks: [] };
  const end = Math.min(to.getTime(), Date.now());
  for (let begin = from.getTime(); begin < end; begin += most) {
    const last = new Date(Math.min(begin + most, end));
    const span = { from: new Date(begin).toISOString(), to: last.toISOString() };
    const [part, given] = await Promise.all([get(path`/cameras/${camera}/ranges`, { ...span, stream }, { signal }),
      disclosed ? get(path`/cameras/${camera}/disclosed`, span, { signal }) : { disclosed: [] }]);
    part.marks.push(...given.disclosed.map((one) => ({ ...one, kind: 'disclosure' })));
    for (const kind of Object.keys(all)) all[kind].push(...part[kind].map((one) => clipped(one, new Date(begin), last)));
  }
  return all;
}

/** A range within two moments; one that goes on ends with the second. goesOn tells that of a gap. */
function clipped(one, from, to) {
  const begin = new Date(one.from);
  const goesOn = one.to === undefined || one.to === '0001-01-01T00:00:00Z';
  const end = goesOn ? to : new Date(one.to);
  return { ...one, goesOn, from: begin < from ? from : begin, to: end > to ? to : end };
}

/** How much of a day was recorded, in milliseconds. */
export function recordedOf(recorded, day) {
  const begin = beginning(day).getTime();
  const end = ending(day).getTime();
  return recorded.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to.getTime(), end) - Math.max(from.getTime(), begin)), 0);
}

/** The days of a month, told as 2026-11. */
export function daysOf(month) {
  const days = [];
  for (let day = `${month}-01`; day.startsWith(month); day = addDays(day, 1)) days.push(day);
  return days;
}
