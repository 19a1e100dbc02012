// Which key frames are looked at to find a change: some over a whole span, then those between two of them, until none is
// left between. Moments are in ms since 1970.

export const most = 16; // pictures at once
const listed = 2 * 3600e3; // of a timeline at once

/** What spans have in common with what is wanted, without what is missing: [{from, to}]. */
export function stretches(spans, wanted, missing) {
  const inside = spans.map(({ from, to }) => ({ from: Math.max(from, wanted.from), to: Math.min(to, wanted.to) }));
  return missing.reduce((left, gap) => left.flatMap((one) => without(one, gap)), inside).filter(({ from, to }) => from < to);
}

const without = (one, gap) => (gap.to <= one.from || gap.from >= one.to ? [one] : [{ from: one.from, to: gap.from }, { from: gap.to, to: one.to }]);

/** Moments that lie evenly in stretches, as if there were nothing between those; the first and the last are their ends. */
export function spread(list, count) {
  const whole = list.reduce((sum, { from, to }) => sum + to - from, 0);
  return Array.from({ length: count }, (_, i) => {
    let rest = whole * i / (count - 1);
    for (const { from, to } of list) {
      if (rest <= to - from) return from + rest;
      rest -= to - from;
    }
    return list.at(-1).to;
  });
}

/** At most so many of a list, evenly. */
export function pick(list, count) {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.floor((i + 0.5) * list.length / count)]);
}

/** The moments to begin with: the first key frame, the last one and some between them, or where the span is too long to list
 * those, moments that lie evenly. */
export async function overall(where, whole, parts) {
  if (whole.to - whole.from > listed) return spread(parts, most).map(Math.ceil);
  const keys = await keyFrames(where, whole.from, whole.to);
  return keys.length < 3 ? keys : [keys[0], ...pick(keys.slice(1, -1), most - 2), keys.at(-1)];
}

/** The key frames between two that are known, as many as one sheet has, evenly; [] if there is none. */
export async function between(where, after, before, parts) {
  const count = most - 2;
  if (before - after <= listed) {
    const keys = await keyFrames(where, after, before);
    return pick(keys.filter((at) => at > after && at < before), count);
  }
  const inner = stretches(parts, { from: after, to: before }, []);
  return inner.length ? spread(inner, count + 2).slice(1, -1) : [];
}

/** When the key frames of a stream begin, in at most two hours. */
async function keyFrames({ viewing, camera, stream, signal }, from, to) {
  const { fragments } = await viewing.timeline(camera, stream, from, to, signal);
  return [...new Set(fragments.filter(({ key, sound }) => key && !sound).map(({ at }) => Math.floor(Date.parse(at))))].sort((a, b) => a - b);
}
