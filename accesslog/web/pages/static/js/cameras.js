// The list of cameras, each with its state: whether it is being recorded now, and if not, since when and why.

import { el, fill, empty } from './dom.js';
import { ranges } from './ranges.js';
import { inNumbers } from './time.js';
import { of, t } from './words.js';

const hour = 3600e3;

/** Shows the cameras as links; href makes the address of one, chosen is the one that is looked at. */
export function showCameras(list, cameras, href, chosen) {
  list.removeAttribute('aria-busy');
  if (cameras.length === 0) {
    fill(list, el('li', {}, empty(t('footage.no-cameras'), t('footage.no-cameras-about'))));
    return;
  }
  fill(list, cameras.map((camera) => el('li', {},
    el('a', { class: 'camera', href: href(camera.id), 'aria-current': camera.id === chosen ? 'true' : null },
      el('span', { class: 'camera-name' }, camera.name),
      el('span', { class: 'camera-state', 'data-state': camera.id })))));
}

/** Marks which camera is looked at, without asking for anything anew. */
export function choose(list, cameras, href, chosen) {
  list.querySelectorAll('a.camera').forEach((link, i) => {
    link.href = href(cameras[i].id);
    if (cameras[i].id === chosen) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
}

/** The state of each camera that may be played, as far as it can be told. */
export async function statesOf(cameras) {
  const played = cameras.filter((camera) => camera.may.includes('play') && !camera.gone);
  return (await Promise.all(played.map(async (camera) => ({ id: camera.id, state: await stateOf(camera) })))).filter(({ state }) => state);
}

/** Shows them. */
export function showStates(list, states) {
  states.forEach(({ id, state }) => fill(list.querySelector(`[data-state="${CSS.escape(id)}"]`), state.recording
    ? el('span', { class: 'tag good' }, t('footage.recording'))
    : [el('span', { class: 'tag warn' }, t('footage.stands')), ' ', state.gap ? t('footage.stands-since', { since: inNumbers(state.gap.from), cause: of('footage.cause', state.gap.cause) }) : null]));
}

/** Whether a camera is being recorded, by what there is of the last hour; undefined if that can't be told. */
async function stateOf(camera) {
  const now = Date.now();
  const last = await ranges(camera.id, new Date(now - hour), new Date(now));
  if (last.recorded.some((one) => one.open)) return { recording: true };
  if (camera.limited && last.gaps.length === 0) return undefined;
  return { recording: false, gap: last.gaps.at(-1) };
}
