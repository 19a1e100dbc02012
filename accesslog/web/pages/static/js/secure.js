// Secures a span of footage: it is kept from being erased, until somebody who decides confirms it or lets it lapse.

import { path, post } from './api.js';
import { complain, el, onSubmit, toast } from './dom.js';
import { readSpan, spanFields } from './spanform.js';
import { date } from './time.js';
import { n, t } from './words.js';

const longest = 24 * 3600e3;

/** Asks what is to be secured of a camera {id, name}, why, and who called; promises what came of it, or undefined if nobody
 * wants to. from and to are Dates, and can be changed. */
export function secure({ camera, from, to }) {
  const form = el('form', { method: 'dialog' },
    el('h2', { id: 'secure-title' }, t('secure.title', { camera: camera.name || camera.id })),
    el('p', {}, t('secure.about')),
    el('p', { class: 'form-error', role: 'alert', hidden: true }),
    spanFields('secure', { from, to }),
    el('div', { class: 'field' }, el('label', { for: 'secure-basis' }, t('secure.basis')),
      el('input', { id: 'secure-basis', name: 'basis', required: true, maxlength: '300', autocomplete: 'off' }), el('p', { class: 'help' }, t('secure.basis-help'))),
    el('div', { class: 'field' }, el('label', { for: 'secure-caller' }, t('secure.caller')),
      el('input', { id: 'secure-caller', name: 'caller', maxlength: '300', autocomplete: 'off' }), el('p', { class: 'help' }, t('secure.caller-help'))),
    el('div', { class: 'actions' }, el('button', { type: 'button', class: 'plain', onclick: () => dialog.close() }, t('common.cancel')),
      el('button', { type: 'submit', class: 'main' }, t('secure.yes'))));
  const dialog = el('dialog', { class: 'secure-dialog', 'aria-labelledby': 'secure-title' }, form);
  let done;
  onSubmit(form, async ({ basis, caller }) => {
    const span = readSpan('secure', longest);
    if (!span) return;
    if (basis.trim() === '') {
      complain(form, t('secure.no-basis'));
      return;
    }
    done = await post(path`/cameras/${camera.id}/holds`, { from: span.from.toISOString(), to: span.to.toISOString(), basis: basis.trim(),
      remark: caller.trim() ? t('secure.called', { caller: caller.trim() }) : '' });
    dialog.close();
    report(done);
  }, { span: 'to-day', hold: 'basis' });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector('#secure-basis').focus();
  return new Promise((resolve) => { dialog.addEventListener('close', () => { dialog.remove(); resolve(done); }); });
}

/** Says what came of it, with what nobody may overlook. */
function report({ until, late, undated, large }) {
  toast(t('secure.done', { until: date(until) }));
  if (late > 0) toast(n('secure.late', late), 'warn');
  if (undated > 0) toast(n('secure.undated', undated), 'warn');
  if (large) toast(t('secure.large'), 'warn');
}
