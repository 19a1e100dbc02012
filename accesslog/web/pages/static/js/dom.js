// Elements, forms, dialogs and what is told in passing. No text is ever read as HTML.

import { t, n } from './words.js';
import { Problem } from './api.js';

export const byId = (id) => document.getElementById(id);

const svgSpace = 'http://www.w3.org/2000/svg';

/** An element with properties and children: el('p', {class: 'quiet'}, 'text', child). What is null is left out. */
export const el = (name, properties, ...children) => furnish(document.createElement(name), properties, children);

/** The same for an element of a drawing. */
export const svg = (name, properties, ...children) => furnish(document.createElementNS(svgSpace, name), properties, children);

function furnish(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Puts children in the place of what an element has. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Tells something in passing. What is wrong stays until it is closed; what went well goes, at the latest when something else does. */
export function toast(text, kind = 'good') {
  const line = el('div', { class: `toast ${kind}` }, el('p', {}, ...[text].flat()), el('button', { type: 'button', class: 'plain', onclick: () => line.remove() }, t('common.close')));
  if (kind === 'good') byId('toasts').querySelectorAll('.toast.good').forEach((one) => one.remove());
  byId('toasts').append(line);
  if (kind === 'good') setTimeout(() => line.remove(), 8000);
  return line;
}

/** Tells what came in the way of something. What is no Problem is a mistake of the page, and stays one. */
export function tell(error) {
  if (!(error instanceof Problem)) throw error;
  toast(saidOf(error), 'bad');
}

/** What a Problem says, and where one can log in anew if nothing else helps. */
const saidOf = (error) => (error.logIn ? [`${error.title}. `, el('a', { href: error.logIn, target: '_blank' }, t('common.log-in-beside')), ` ${t('common.log-in-kept')}`] : [error.said]);

/** What stands in the place of what could not be had. */
export function trouble(error) {
  if (!(error instanceof Problem)) throw error;
  return el('div', { class: 'note bad', role: 'alert' }, el('p', {}, error.said));
}

/** What stands where there is nothing yet. */
export const empty = (title, text) => el('div', { class: 'empty' }, el('p', { class: 'empty-title' }, title), text ? el('p', {}, text) : null);

/**
 * Makes what a form does on submit: work gets its values by name, and may throw a Problem, which is shown at the field that
 * it names, or that fields has for its id. What was submitted before is done now.
 */
export function onSubmit(form, work, fields = {}) {
  form.noValidate = true;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.getAttribute('aria-busy') === 'true' || !complete(form)) return;
    const end = busy(form);
    try {
      await work(Object.fromEntries(new FormData(form)));
      end();
    } catch (error) {
      end();
      refuse(form, error, fields);
    }
  });
  if (form.dataset.waits === 'yes') queueMicrotask(() => form.requestSubmit()); // see early.js
  delete form.dataset.waits;
}

/** Takes complaints away, and complains of what is empty and must not be. */
function complete(form) {
  complain(form, '');
  const fields = [...form.elements].filter((field) => field.name);
  fields.forEach((field) => blame(field, ''));
  const first = fields.find((field) => !field.closest('[hidden]') && !field.checkValidity());
  if (!first) return true;
  blame(first, first.validity.valueMissing ? t('common.missing') : first.validationMessage);
  first.focus();
  return false;
}

/** Shows at a form what came in the way: at the field that it is about, else above all. */
export function refuse(form, error, fields = {}) {
  if (!(error instanceof Problem)) throw error;
  const name = error.field || fields[error.id];
  const field = name && form.elements.namedItem(name);
  if (field instanceof Element && !field.closest('[hidden]')) {
    blame(field, error.short);
    field.focus();
    return;
  }
  complain(form, saidOf(error));
  if (error.wait > 0) countDown(form, error);
}

/** Says above a form what is wrong, a text or a list with elements in it; '' takes that away. */
export function complain(form, text) {
  const line = form.querySelector('.form-error');
  line.hidden = text === '';
  fill(line, text);
}

/** Says below a field what is wrong with it; '' takes that away. */
export function blame(field, text) {
  const id = `${field.id}-error`;
  byId(id)?.remove();
  field.toggleAttribute('aria-invalid', text !== '');
  const told = (field.getAttribute('aria-describedby') ?? '').split(' ').filter((one) => one && one !== id);
  if (text !== '') {
    field.setAttribute('aria-invalid', 'true');
    field.after(el('p', { id, class: 'field-error' }, text));
    told.push(id);
  }
  if (told.length) field.setAttribute('aria-describedby', told.join(' '));
  else field.removeAttribute('aria-describedby');
}

/** Shows that an element is at work, until the function that is returned is called. */
export function busy(element) {
  element.setAttribute('aria-busy', 'true');
  const buttons = [...element.querySelectorAll('button[type=submit]')];
  const said = buttons.map((button) => button.textContent);
  buttons.forEach((button) => { button.setAttribute('aria-disabled', 'true'); button.textContent = t('common.working'); });
  return () => {
    element.removeAttribute('aria-busy');
    buttons.forEach((button, i) => { button.removeAttribute('aria-disabled'); button.textContent = said[i]; });
  };
}

/** Counts the seconds down in which a form is not taken. */
function countDown(form, error) {
  const until = Date.now() + error.wait * 1000;
  form.setAttribute('aria-busy', 'true');
  const step = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left > 0) {
      complain(form, `${error.title}. ${n('common.wait', left)}`);
      return;
    }
    clearInterval(clock);
    form.removeAttribute('aria-busy');
    complain(form, '');
  };
  const clock = setInterval(step, 1000);
  step();
}

/** Lets the reader keep a file that was asked for. */
export function save({ name, blob }) {
  const link = el('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60e3);
}

/** Asks a question in a dialog, and promises whether the answer was yes. Say in text what will happen. */
export function confirm({ title, text, yes, danger = false }) {
  const dialog = el('dialog', { 'aria-labelledby': 'confirm-title' },
    el('form', { method: 'dialog' },
      el('h2', { id: 'confirm-title' }, title),
      ...[text].flat().map((line) => el('p', {}, line)),
      el('div', { class: 'actions' },
        el('button', { value: 'no', class: 'plain', autofocus: true }, t('common.cancel')),
        el('button', { value: 'yes', class: danger ? 'main danger' : 'main' }, yes))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); });
  });
}
