// Looking the diary through on the appliance: it goes on when the page is left, and is found again when one comes back.

import { get, post } from './api.js';
import { el, fill, tell } from './dom.js';
import { dateTime } from './time.js';
import { language, n, number, t } from './words.js';

const each = 1000; // ms between two questions how far it is

/** Lets a button begin, and shows in a place how far it is and what came of it. */
export function watchLook(button, place) {
  let asked = false; // whether one was asked for whose answer is not there yet: whenever that begins, it is seen
  button.addEventListener('click', () => {
    asked = true;
    button.disabled = true;
    post('/diary/verification').catch(tell).finally(() => { asked = false; follow(); });
    follow();
  });
  let next;
  async function follow() {
    clearTimeout(next);
    let more = false;
    try {
      const state = await get('/diary/verification');
      more = state.running;
      show(state);
    } catch (error) {
      button.disabled = asked;
      if (!asked) tell(error); // or what was asked for tells
    }
    clearTimeout(next);
    if (more || asked) next = setTimeout(follow, each);
  }
  function show(state) {
    button.disabled = state.running || asked;
    fill(place, state.running ? running(state) : state.failed ? el('p', { class: 'note bad' }, t('diary.look-failed')) : state.came ? verdict(state) : el('p', { class: 'quiet' }, t('diary.look-never')));
  }
  follow();
}

const running = (state) => [
  el('progress', { max: state.of, value: Math.min(state.done, state.of), 'aria-label': t('diary.look') }),
  el('p', {}, n('diary.looked', state.done, { of: number(state.of) }), ' ', t('diary.look-leave')),
];

function verdict({ came, ended }) {
  if (came.bad || came.fault) {
    return el('div', { class: 'note bad' }, el('p', {}, el('strong', {}, t('diary.look-bad')), ' ', dateTime(ended)),
      came.found.length ? el('ul', {}, came.found.map((one) => el('li', {}, one[language]))) : null, came.fault ? el('p', {}, came.fault[language]) : null);
  }
  return el('div', { class: came.closed ? 'note warn' : 'note good' },
    el('p', {}, el('strong', {}, t('diary.look-good')), ' ', n('diary.look-entries', came.entries), ' ', dateTime(ended)),
    came.closed ? el('p', {}, t('diary.look-closed')) : null);
}
