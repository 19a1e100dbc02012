// What a search came to: the last picture before a change and the first one after it, and what can be done next.

import { el, fill, tell } from './dom.js';
import { Problem } from './api.js';
import { address } from './state.js';
import { secure } from './secure.js';
import { clock } from './time.js';
import { t } from './words.js';

const around = { before: 5 * 60e3, after: 10 * 60e3 }; // what is offered to be secured

/** The two pictures, with what to do about them. */
export function showResult({ before, after, camera, viewing, seen, mark }) {
  const player = el('div', { class: 'result-player', hidden: true });
  const range = { camera, from: new Date(before.at - around.before), to: new Date(Math.min(after.at + around.after, Date.now())) };
  const picture = (one, caption) => el('figure', {}, el('div', { class: 'picture' }, one.copy(), mark()), el('figcaption', {}, `${caption}, `, el('span', { class: 'numbers' }, clock(one.at))));
  const play = el('button', { type: 'button', class: 'main', onclick: () => playFrom(player, { camera, viewing, moment: before.at }) }, t('find.play'));
  return el('div', {},
    el('div', { class: 'result' }, picture(before, t('find.before')), picture(after, t('find.after'))),
    el('div', { class: 'actions left' }, play,
      camera.may.includes('secure') ? el('button', { type: 'button', class: 'secure', onclick: () => secure(range) }, t('find.secure')) : null,
      seen ? el('a', { class: 'button', href: `/seen${address({ camera: camera.id, from: range.from.toISOString(), to: range.to.toISOString() })}` }, t('find.seen')) : null),
    player);
}

/** Plays from a moment on, in the same viewing. */
async function playFrom(place, { camera, viewing, moment }) {
  try {
    const { Screen } = await import('./screen.js');
    const screen = new Screen({ viewing, camera, failed: report });
    screen.video.controls = true;
    const time = el('p', { class: 'numbers result-clock' });
    screen.video.addEventListener('timeupdate', () => { fill(time, screen.moment === undefined ? '' : clock(screen.moment)); });
    fill(place, screen.element, time);
    place.hidden = false;
    fill(time, clock(await screen.show(moment) ?? moment));
    if (!screen.byStills) await screen.video.play();
  } catch (error) {
    report(error);
  }
}

/** What can't be played is told; that somebody stops it is no trouble. */
function report(error) {
  if (error instanceof Problem) tell(error);
  else if (error.name !== 'AbortError') throw error;
}
