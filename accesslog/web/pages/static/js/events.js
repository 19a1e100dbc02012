// What changes on the appliance is told as it happens: what it is now, whoever is told asks for.

import { get, Problem } from './api.js';
import { toast } from './dom.js';
import { t } from './words.js';

const pause = 10e3; // before it is listened to again what was refused for another reason than the session
const listeners = new Set();
let source, before;

/** Calls changed with what is another one than before, such as {status: true}, and what is told of all now, whenever the API tells so. */
export function onChanged(changed) {
  listeners.add(changed);
  watchSession();
  heard();
}

/** Takes from the page what it shows of footage once the session has ended elsewhere, as by a log-out in another tab. */
export function watchSession() {
  if (source) return;
  source = new EventSource('/api/v1/events');
  source.addEventListener('changed', (event) => {
    const now = JSON.parse(event.data);
    const parts = Object.keys({ ...before, ...now }).filter((name) => before && JSON.stringify(now[name]) !== JSON.stringify(before[name]));
    before = now;
    heard();
    if (parts.length) listeners.forEach((changed) => changed(Object.fromEntries(parts.map((name) => [name, true])), now));
  });
  source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) refused(); });
}

/** Marks the page once nothing is missed any more. */
function heard() {
  if (before && listeners.size) document.documentElement.dataset.live = 'yes';
}

/** Nothing is told any more. If that is because the session is over, so is what is looked at, and one is led to the log-in. */
async function refused() {
  source = undefined;
  try {
    await get('/session');
  } catch (error) {
    if (error.id === 'no-session') {
      document.dispatchEvent(new Event('session-over'));
      toast(t('common.session-over'), 'warn');
      return;
    }
    if (!(error instanceof Problem)) throw error;
  }
  setTimeout(watchSession, pause);
}

addEventListener('pagehide', () => source?.close());

/**
 * Shows something anew whenever one of some parts has changed, such as keepUp({ holds: again }, place). While a question is asked, while
 * something is pressed, which would not be there any more when it is let go, while somebody stands with the keyboard in one of the places, or
 * while nobody looks, it waits.
 */
export function keepUp(shows, ...places) {
  const due = new Set();
  const busy = () => document.hidden || document.querySelector('dialog[open], :active') || places.some((place) => place.contains(document.activeElement));
  const work = () => {
    if (due.size === 0 || busy()) return;
    const list = [...due];
    due.clear();
    list.forEach((again) => again());
  };
  onChanged((what) => {
    Object.keys(shows).filter((part) => what[part]).forEach((part) => due.add(shows[part]));
    work();
  });
  document.addEventListener('visibilitychange', work);
  for (const over of ['focusout', 'pointerup', 'pointercancel', 'dragend', 'keyup']) document.addEventListener(over, () => setTimeout(work));
  document.addEventListener('close', work, true); // of a dialogue
}
