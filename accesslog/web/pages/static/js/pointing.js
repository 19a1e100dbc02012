// What mouse and fingers do on a timeline: the wheel zooms, one finger draws it along, or what it takes hold of, two zoom, a
// tap picks.

const still = 6; // px by which a tap may move

/** Listens to an element. Places are in px from its left and top. `grabs` tells what a press there takes
 * along: undefined if nothing; `drag` is told it. A tap is told it too. */
export function pointing(element, { zoom, pan, hover, tap, grabs, drag }) {
  const down = new Map(); // pointers that are pressed, by their ids
  let moved = 0;
  let holds;
  const placeOf = (event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  element.addEventListener('wheel', (event) => {
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(-event.deltaX);
    else zoom(Math.exp(Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 120) / 300), placeOf(event).x);
  }, { passive: false });
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const place = placeOf(event);
    if (down.size === 0) {
      moved = 0;
      holds = grabs(place.x, place.y, { touch: event.pointerType === 'touch', shift: event.shiftKey });
    }
    down.set(event.pointerId, place);
  });
  element.addEventListener('pointermove', (event) => {
    const place = placeOf(event);
    const before = down.get(event.pointerId);
    if (!before) {
      hover(place.x, place.y);
      return;
    }
    const by = place.x - before.x;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    moved += Math.abs(by) + Math.abs(place.y - before.y);
    down.set(event.pointerId, place);
    if (moved < still) return;
    if (other) zoom(apart(before, other) / apart(place, other), (place.x + other.x) / 2);
    else if (holds) drag(place.x, false, holds);
    else pan(by);
  });
  const up = (event, ended) => {
    const place = down.get(event.pointerId);
    if (!place || !down.delete(event.pointerId) || down.size > 0 || !ended) return;
    if (moved < still) tap(place.x, place.y, holds);
    else if (holds) drag(place.x, true, holds);
  };
  element.addEventListener('pointerup', (event) => up(event, true));
  element.addEventListener('pointercancel', (event) => up(event, false));
  element.addEventListener('pointerleave', () => { if (down.size === 0) hover(); });
}

const apart = (a, b) => Math.max(Math.abs(a.x - b.x), 20);
