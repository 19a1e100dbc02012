// The bar of the open viewing: it says for as long as one is open that it is logged, as whom and for what.

import { byId, el, fill } from './dom.js';
import { t } from './words.js';

/** Shows the bar. end is what its button does; its text is given by the page that knows what ends. */
export function showBar({ entry, name, purpose, button, end }) {
  const bar = byId('viewing-bar');
  fill(bar,
    el('p', {}, el('strong', {}, t('common.viewing-number', { entry })), ' ', t('common.viewing-logged', { name, purpose })),
    el('button', { type: 'button', onclick: end }, button));
  bar.hidden = false;
  return bar;
}

export function hideBar() {
  byId('viewing-bar').hidden = true;
}

// In full screen nothing is seen but the element that fills it: the bar and what is told in passing are in it for as long.
const homes = ['viewing-bar', 'toasts'].map(byId).filter(Boolean).map((element) => ({ element, parent: element.parentNode, next: element.nextSibling }));
document.addEventListener('fullscreenchange', () => {
  const whole = document.fullscreenElement;
  for (const { element, parent, next } of homes) {
    if (whole) whole.prepend(element);
    else parent.insertBefore(element, next);
  }
});
