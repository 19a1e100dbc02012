// What was done with footage, put in order: each viewing and each delivery with what it ended with, and the rest by kind.

const kindOf = ({ op, unreadable }) => {
  if (unreadable) return 'unreadable';
  if (op === 'view.refused') return 'refused';
  if (op.startsWith('view.')) return 'viewings';
  return op.startsWith('hold.') || op.startsWith('restrict.') ? 'holds' : 'others';
};

/** Entries that only say how the one before them ended. */
const ends = ['handover.end', 'export.end'];

const goesOn = ['view.more', 'view.activity', 'view.end'];

/** {viewings, refused, holds, others, unreadable}, each in the order of the diary. A viewing has its beginning in `start`
 * and its end, if it has ended, in `end`; so has a delivery, or an export, its end. */
export function sorted(uses) {
  const all = { viewings: [], refused: [], holds: [], others: [], unreadable: [] };
  const byEntry = new Map();
  const begun = new Map();
  for (const use of uses) {
    const kind = kindOf(use);
    const known = kind === 'viewings' && byEntry.get(use.ref);
    if (known) {
      if (use.op === 'view.end') known.end = use;
      else known.more.push(use);
    } else if (kind === 'viewings') {
      const one = { start: use, more: [], end: use.op === 'view.end' ? use : undefined };
      byEntry.set(goesOn.includes(use.op) ? use.ref : use.entry, one); // which may be gone
      all.viewings.push(one);
    } else if (ends.includes(use.op) && begun.has(use.ref)) begun.get(use.ref).end = use;
    else {
      const one = { ...use };
      begun.set(use.entry, one);
      all[kind].push(one);
    }
  }
  return all;
}
