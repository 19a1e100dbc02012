// What changes on the appliance is told as it happens: what it is now, whoever is told asks for.

/** Calls changed with what is another one than before, such as {status: true}, whenever the API tells so. */
export function onChanged(changed) {
  let before;
  const source = new EventSource('/api/v1/events');
  source.addEventListener('changed', (event) => {
    const now = JSON.parse(event.data);
    const parts = Object.keys(now).filter((name) => before && JSON.stringify(now[name]) !== JSON.stringify(before[name]));
    before = now;
    if (parts.length) changed(Object.fromEntries(parts.map((name) => [name, true])));
  });
  addEventListener('pagehide', () => source.close());
}
