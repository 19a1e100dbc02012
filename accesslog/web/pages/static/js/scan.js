// The field for the scan of a paper: the file goes as soon as it is chosen, with its progress, and what comes back is its
// fingerprint. The appliance keeps it for a day, until a request or a step names it.

import { Problem, send } from './api.js';
import { blame, el, fill } from './dom.js';
import { bytes, t } from './words.js';

/**
 * A field: may is what the API says a scan may be, {media, most}; changed is called when a scan is there, or no more. scan()
 * is its fingerprint, '' for none, and undefined while it is on its way, which is told at the field.
 */
export function scanField({ may, label, changed = () => {} }) {
  const input = el('input', { id: 'scan-file', type: 'file', accept: may.media.join(','), 'aria-describedby': 'scan-help', onchange: () => take(input.files[0]) });
  const state = el('div', { 'aria-live': 'polite' });
  const element = el('div', { class: 'field' }, el('label', { for: 'scan-file' }, label), input, el('p', { class: 'help', id: 'scan-help' }, t('receive.scan-help', { size: bytes(may.most) })), state);
  let kept = '';
  let on = null; // what gives up the transfer that is under way

  async function take(file) {
    drop();
    const wrong = file && wrongWith(file, may);
    blame(input, wrong ?? '');
    if (!file || wrong) return;
    const mine = on = new AbortController();
    const bar = el('progress', { max: file.size, value: 0, 'aria-label': t('receive.scan') });
    const line = el('p', { class: 'quiet' }, t('receive.scan-goes', { part: bytes(0), size: bytes(file.size) }));
    const stop = el('button', { type: 'button', class: 'plain', onclick: () => { leave(); fill(state, el('p', { class: 'quiet' }, t('receive.scan-stopped'))); } }, t('receive.scan-stop'));
    fill(state, bar, el('div', { class: 'row' }, line, stop));
    try {
      const { scan } = await send('/scans', file, { signal: mine.signal, told: (count) => {
        bar.value = count;
        line.textContent = t('receive.scan-goes', { part: bytes(Math.min(count, file.size)), size: bytes(file.size) });
      } });
      kept = scan;
      fill(state, el('div', { class: 'row' }, el('span', { class: 'tag good' }, t('receive.scan-kept', { size: bytes(file.size) })),
        el('button', { type: 'button', class: 'plain', onclick: leave }, t('receive.scan-remove'))));
    } catch (error) {
      if (on !== mine) return;
      fill(state);
      input.value = ''; // or the same file could not be chosen again
      if (!(error instanceof Problem)) throw error;
      blame(input, error.status ? error.said : t('receive.scan-cut'));
    }
    if (on === mine) on = null;
    changed();
  }

  function drop() {
    on?.abort();
    on = null;
    kept = '';
    fill(state);
    blame(input, '');
    changed();
  }

  /** Gives up what is on its way, with its place at the appliance, or what is there, which dies in a day. */
  function leave() {
    drop();
    input.value = '';
    input.focus();
  }

  return {
    element,
    scan() {
      if (!on) return kept;
      blame(input, t('receive.leave'));
      input.focus();
      return undefined;
    },
    there: () => kept !== '',
  };
}

/** What keeps a file from being a scan, told before it goes. */
function wrongWith(file, may) {
  if (!may.media.includes(file.type)) return t('receive.scan-kind');
  if (file.size === 0) return t('receive.scan-empty');
  if (file.size > may.most) return t('receive.scan-large', { size: bytes(file.size), most: bytes(may.most) });
  return undefined;
}
