// How much moved, by the sizes of stored fragments: inside a viewing only, and of at most two hours at a time.

const longest = 2 * 3600e3;
const quietest = 0.25; // the least that the highest of the curve stands for, above the smallest fragment

/** The curve of a timeline of the API: {values: [{from, to, size}], most}; undefined if there is nothing in it. Fragments with a
 * key frame are larger by it: each kind is held against the smallest of its own. */
export function curveOf(fragments) {
  const pictures = fragments.filter(({ sound, ms }) => !sound && ms > 0);
  if (pictures.length === 0) return undefined;
  const smallest = {};
  const rated = pictures.map(({ at, ms, bytes, key }) => {
    const kind = key ? 'key' : 'rest';
    const rate = bytes / ms;
    smallest[kind] = Math.min(smallest[kind] ?? Infinity, rate);
    return { from: Date.parse(at), to: Date.parse(at) + ms, kind, rate };
  });
  const values = rated.map(({ from, to, kind, rate }) => ({ from, to, size: rate / smallest[kind] - 1 }));
  const sorted = values.map(({ size }) => size).sort((a, b) => a - b);
  return { values, most: Math.max(sorted[Math.floor(sorted.length * 0.98)], quietest) };
}

/** Asks for the curve of what a timeline shows, whenever that has stood still for a moment. */
export class Activity {
  constructor(viewing, timeline) {
    Object.assign(this, { viewing, timeline });
  }

  look(row, view, stream) {
    clearTimeout(this.later);
    if (!row || view.to - view.from > longest || (this.row === row && this.from <= view.from && this.to >= view.to)) return;
    this.later = setTimeout(() => this.load(row, view, stream), 300);
  }

  async load(row, view, stream) {
    this.asking?.abort();
    this.asking = new AbortController();
    const middle = (view.from + view.to) / 2;
    const span = { from: middle - longest / 2, to: Math.min(middle + longest / 2, Date.now()) };
    if (span.to <= span.from) return;
    try {
      const { fragments } = await this.viewing.timeline(row.camera, stream, span.from, span.to, this.asking.signal);
      row.activity = curveOf(fragments);
      Object.assign(this, { row }, span);
      this.timeline.paint();
    } catch (error) {
      if (error.name !== 'AbortError') row.activity = undefined; // what is refused is said where it is played
    }
  }

  close() {
    clearTimeout(this.later);
    this.asking?.abort();
  }
}
