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
  const whole = lengthOf(list);
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

/** The moments to begin with: the first key frame, the last one and some between them, or where there is too much to list
 * those, moments that lie evenly. */
export async function overall(where, parts) {
  if (lengthOf(parts) > listed) return spread(parts, most).map(Math.ceil);
  const keys = await keyFrames(where, parts);
  return keys.length < 3 ? keys : [keys[0], ...pick(keys.slice(1, -1), most - 2), keys.at(-1)];
}

/** The key frames between two that are known, as many as one sheet has, evenly; [] if there is none, as over a gap. */
export async function between(where, after, before, parts) {
  const inner = stretches(parts, { from: after + 1, to: before }, []);
  if (lengthOf(inner) > listed) return spread(inner, most).slice(1, -1);
  const keys = await keyFrames(where, inner);
  return pick(keys.filter((at) => at > after && at < before), most - 2);
}

const lengthOf = (list) => list.reduce((sum, { from, to }) => sum + to - from, 0);

/** Spans of at most two hours in which stretches lie that are together no longer. */
export function windows(list) {
  const out = [];
  for (const { from, to } of list) {
    const last = out.at(-1);
    if (last && to - last.from <= listed) last.to = to;
    else out.push({ from, to });
  }
  return out;
}

/** When the key frames of a stream begin that lie in stretches of together at most two hours. */
async function keyFrames({ viewing, camera, stream, signal }, list) {
  const found = new Set();
  for (const { from, to } of windows(list)) {
    const { fragments } = await viewing.timeline(camera, stream, from, to, signal);
    fragments.filter(({ key, sound }) => key && !sound).forEach(({ at }) => found.add(Math.floor(Date.parse(at))));
  }
  return [...found].sort((a, b) => a - b);
}
