// What changes on the appliance is told as it happens: what it is now, whoever is told asks for.

/** Calls changed with what is another one than before, such as {status: true}, and what is told of all now, whenever the API tells so. */
export function onChanged(changed) {
  let before;
  const source = new EventSource('/api/v1/events');
  source.addEventListener('changed', (event) => {
    const now = JSON.parse(event.data);
    const parts = Object.keys({ ...before, ...now }).filter((name) => before && JSON.stringify(now[name]) !== JSON.stringify(before[name]));
    before = now;
    document.documentElement.dataset.live = 'yes'; // from here on nothing is missed
    if (parts.length) changed(Object.fromEntries(parts.map((name) => [name, true])), now);
  });
  addEventListener('pagehide', () => source.close());
}

/**
 * Shows something anew whenever one of some parts has changed, such as keepUp({ holds: again }, place). While a question is asked, while
 * somebody stands with the keyboard in one of the places, or while nobody looks, it waits.
 */
export function keepUp(shows, ...places) {
  const due = new Set();
  const busy = () => document.hidden || document.querySelector('dialog[open]') || places.some((place) => place.contains(document.activeElement));
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
  document.addEventListener('focusout', () => setTimeout(work));
  document.addEventListener('close', work, true); // of a dialogue
}
