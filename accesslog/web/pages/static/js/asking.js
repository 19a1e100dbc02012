// Forms in dialogs: what will happen is said above, what is asked for below, and what came in the way at the field.

import { el, onSubmit } from './dom.js';
import { keepTyped } from './unsaved.js';
import { t } from './words.js';

/** A field of a form: {name, label, help, kind, options: [[value, text]], value, …} with further properties of the input. */
export function field({ name, label, help, kind = 'input', options, ...rest }) {
  const id = `ask-${name}`;
  const properties = { id, name, autocomplete: 'off', 'aria-describedby': help ? `${id}-help` : null, ...rest };
  const input = options ? el('select', properties, options.map(([value, text]) => el('option', { value, selected: value === rest.value }, text))) : el(kind, properties);
  if (kind === 'textarea') input.value = rest.value ?? '';
  return el('div', { class: 'field' }, el('label', { for: id }, label), input, help ? el('p', { class: 'help', id: `${id}-help` }, help) : null);
}

/** Fields side by side. */
export const besides = (...fields) => el('div', { class: 'inputs' }, fields);

/**
 * Asks in a dialog. text says what will happen; work gets the values, and throws a Problem where they are refused: names maps
 * the ids of problems to fields. Without yes there is nothing to be done. The dialog stays until work is done, or whoever asked gives up; also where work promises false.
 */
export function askFor({ title, text = [], fields, yes, danger = false, work, names }) {
  const form = el('form', { method: 'post' },
    el('h2', { id: 'ask-for-title' }, title),
    ...[text].flat().map((line) => el('p', {}, line)),
    el('p', { class: 'form-error', role: 'alert', hidden: true }),
    fields,
    el('div', { class: 'actions' },
      el('button', { type: 'button', class: 'plain', onclick: () => dialog.close() }, t('common.cancel')),
      yes ? el('button', { type: 'submit', class: danger ? 'main danger' : 'main' }, yes) : null));
  const dialog = el('dialog', { 'aria-labelledby': 'ask-for-title', onclose: () => dialog.remove() }, form);
  keepTyped(form);
  onSubmit(form, async (values) => {
    if (await work(values, form) === false) return;
    delete form.dataset.typed;
    dialog.close();
  }, names);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
