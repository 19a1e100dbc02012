// What stands where on the timeline of a day, from 24 hours to a minute. Nothing here draws or asks: moments are in ms since
// 1970, a view is {from, to} inside the day's {from, to}, and a place is a part of the width, from 0 to 1.

import { hour, hours, beginning, ending, clock } from './time.js';

/** The shortest view, in ms. */
export const least = 60e3;

/** The whole of a day: 23 or 25 hours in the nights in which the clock is changed. */
export const wholeOf = (day) => ({ from: beginning(day).getTime(), to: ending(day).getTime() });

export const length = (view) => view.to - view.from;
export const momentAt = (view, place) => view.from + place * length(view);
export const placeOf = (view, moment) => (moment - view.from) / length(view);
export const within = (bounds, moment) => Math.min(Math.max(moment, bounds.from), bounds.to);

/** A range from one moment to another, whichever comes first: whole seconds, at least one. */
export function ordered(a, b) {
  const [from, to] = [Math.min(a, b), Math.max(a, b)].map((one) => Math.round(one / 1000) * 1000);
  return { from, to: Math.max(to, from + 1000) };
}

/** A range whose one end ('from' or 'to') is moved; where the other end isn't behind it, it is so long. */
export function ended(range, end, moment, long) {
  const other = range?.[end === 'from' ? 'to' : 'from'];
  const far = end === 'from' ? moment + long : moment - long;
  return ordered(moment, other !== undefined && (end === 'from' ? other > moment : other < moment) ? other : far);
}

/** A view so many times as long, in which a moment keeps its place. */
export function zoomed(view, whole, times, moment) {
  const long = Math.min(Math.max(length(view) * times, least), length(whole));
  return shifted({ from: moment - placeOf(view, moment) * long, to: moment - placeOf(view, moment) * long + long }, whole, 0);
}

/** A view so much later, as far as the day goes. */
export function shifted(view, whole, by) {
  const from = Math.min(Math.max(view.from + by, whole.from), whole.to - length(view));
  return { from, to: from + length(view) };
}

/** A view of some length around a moment. */
export function around(moment, long, whole) {
  const size = Math.min(Math.max(long, least), length(whole));
  return shifted({ from: moment - size / 2, to: moment + size / 2 }, whole, 0);
}

/** A view with a moment in it: the same one if it is there already. */
export const showing = (view, whole, moment) => (moment >= view.from && moment <= view.to ? view : around(moment, length(view), whole));

const steps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600].map((s) => s * 1000);
const wide = { hour: 46, clock: 64 }; // px that a name takes

/** The marks of the scale for so many px: {at, name, change}; change is the zone from there on, where the clock is changed. */
export function marks(view, day, px) {
  const step = steps.find((one) => (one / length(view)) * px >= (one < 60e3 ? wide.clock : wide.hour)) ?? steps.at(-1);
  const full = hours(day).map((one, i, all) => ({ at: one.at.getTime(), number: Number(one.name), change: i > 0 && one.zone !== all[i - 1].zone ? one.zone : '' }));
  const list = [];
  for (const one of full) {
    if (step >= 3600e3) {
      if (one.number % (step / 3600e3) === 0 || one.change) list.push({ ...one, name: hour(one.at) });
    } else if (one.at < view.to && one.at + 3600e3 > view.from) {
      for (let at = one.at; at < one.at + 3600e3; at += step) {
        list.push({ at, change: at === one.at ? one.change : '', name: step < 60e3 ? clock(at).split(' ')[0] : hour(at) });
      }
    }
  }
  return apart(list.filter(({ at }) => at >= view.from && at <= view.to), view, px, wide[step < 60e3 ? 'clock' : 'hour']);
}

/** Leaves out marks that would lie over the one before; a change of the clock stays, and the one before it goes. */
function apart(list, view, px, space) {
  const kept = [];
  for (const one of list) {
    const last = kept.at(-1);
    if (last && ((one.at - last.at) / length(view)) * px < space * 0.8) {
      if (!one.change) continue;
      kept.pop();
    }
    kept.push(one);
  }
  return kept;
}

/** Where ranges lie: {x, w, one} in px, each at least so wide that it is seen. What is out of sight is left out. */
export function strokes(list, view, px, narrowest = 1) {
  const scale = px / length(view);
  const out = [];
  for (const one of list) {
    const from = Math.max((one.from - view.from) * scale, 0);
    const to = Math.min((one.to - view.from) * scale, px);
    if (to < 0 || from > px || one.to < view.from || one.from > view.to) continue;
    out.push({ x: from, w: Math.max(to - from, narrowest), one });
  }
  return out;
}

/** What there is at a moment: a gap, what is recorded, or undefined; and the marks that lie over it. A gap of less than `near` ms
 * is found beside it, since it is drawn wider than it is. */
export function at({ recorded, gaps, marks: over }, moment, near = 0) {
  const has = ({ from, to }, more = 0) => from - more <= moment && moment < +to + more;
  return {
    gap: gaps.find((one) => one.cause !== 'clock' && has(one, near)),
    recorded: recorded.find((one) => has(one)),
    marks: over.filter((one) => has(one)),
  };
}

/** The next border of what is recorded behind a moment, or before it where `way` is -1; undefined if there is none. */
export function border({ recorded, gaps }, moment, way) {
  const all = [...recorded, ...gaps].flatMap(({ from, to }) => [+from, +to]).filter((one) => (way > 0 ? one > moment + 500 : one < moment - 500));
  return all.length ? (way > 0 ? Math.min(...all) : Math.max(...all)) : undefined;
}

/** The beginning of what is recorded at a moment or next after it: the moment itself if there is something; undefined if nothing. */
export function nextRecorded({ recorded }, moment) {
  const found = recorded.filter(({ to }) => to > moment).map(({ from }) => Math.max(+from, moment));
  return found.length ? Math.min(...found) : undefined;
}
