// What a page shows (which camera, which day), behind the # of its address: it is never sent to anybody, can be kept as a
// bookmark, and the browser's back button goes through it.

/** What is asked for now, such as {camera: 'hall', day: '2026-11-21'}. */
export const asked = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

/** The address behind # that asks for something; what is undefined or '' is left out. */
export function address(wanted) {
  return `#${new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== undefined && value !== ''))}`;
}

/** Calls show with what is asked for, now and whenever it changes. */
export function onAsked(show) {
  addEventListener('hashchange', () => show(asked()));
  show(asked());
}
