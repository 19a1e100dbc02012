// Where a person goes on to: to what has to be done first, else to where he was. A page of elsewhere is nowhere to go on to.

const duties = { password: '/password', second: '/second' };

/** The page that comes next for somebody, whose page asked for was next. */
export function following(me, next) {
  if (me.duty) return duties[me.duty] + (next ? `?next=${encodeURIComponent(next)}` : '') + location.hash;
  const to = new URL(next || '/', location);
  return to.origin === location.origin ? to.pathname + location.hash : '/';
}

export const go = (me, next) => location.replace(following(me, next));
