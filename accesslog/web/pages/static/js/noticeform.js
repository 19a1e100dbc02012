// The form of a new version of a notice: it begins with what another one says, and what the law asks for is checked by the API.

import { post, Problem } from './api.js';
import { byId, el, fill, onSubmit, toast } from './dom.js';
import { moments } from './time.js';
import { keepTyped, nothingTyped } from './unsaved.js';
import { t } from './words.js';

const form = byId('notice');
const flags = ['live', 'speaks', 'audio'];
let begun; // what the form was opened with
let count = 0; // of rows of purposes, for their ids

/** What is said in both languages; each is a literal, for the test that looks for words. */
const texts = () => ({
  area: t('notices.area'), recipients: t('notices.recipients'), kept: t('notices.kept'), effects: t('notices.effects'),
  countries: t('notices.countries'), other: t('notices.other'), audio_reason: t('notices.audio-reason'),
});

/** Opens the form; done is called once a version was entered. */
export function openForm({ content, cameras, chosen, done }) {
  begun = { content, done };
  form.reset();
  fill(byId('for-cameras'), cameras.map((one) => el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'camera', value: one.id, checked: one.id === chosen }), el('span', {}, one.name || one.id))));
  for (const part of ['controller', 'officer']) {
    for (const [name, value] of Object.entries(content[part] ?? {})) {
      const input = form.elements.namedItem(`${part}.${name}`);
      if (input?.type === 'checkbox') input.checked = value;
      else if (input) input.value = value;
    }
  }
  flags.forEach((name) => { form.elements.namedItem(name).checked = content[name] ?? false; });
  fill(byId('texts'), Object.entries(texts()).map(([name, label]) => el('fieldset', {}, el('legend', {}, label), el('div', { class: 'inputs' },
    ['sl', 'en'].map((tongue) => area(`${name}.${tongue}`, tongue === 'sl' ? t('notices.in-slovenian') : t('notices.in-english'), content[name]?.[tongue], tongue))))));
  fill(byId('purposes'), (content.purposes ?? []).map(purpose));
  byId('write').hidden = false;
  byId('write').focus();
}

const area = (name, label, value = '', lang = undefined) => {
  const id = `n-${name.replaceAll('.', '-')}`;
  const input = el('textarea', { id, name, lang, rows: 2, maxlength: 1000 });
  input.value = value;
  return el('div', { class: 'field' }, el('label', { for: id }, label), input);
};

/** A row of the form for a purpose. */
function purpose(one = { id: '', sl: '', en: '', basis: '' }) {
  const row = `p${count++}`;
  const line = (name, label, value) => el('div', { class: 'field' }, el('label', { for: `${row}-${name}` }, label), el('input', { id: `${row}-${name}`, 'data-purpose': name, value, maxlength: 500, autocomplete: 'off' }));
  const all = el('div', { class: 'purpose-row' },
    el('div', { class: 'inputs' }, line('sl', t('notices.in-slovenian'), one.sl), line('en', t('notices.in-english'), one.en)),
    el('div', { class: 'inputs' }, line('basis', t('notices.basis'), one.basis), line('id', t('notices.purpose-id'), one.id),
      el('button', { type: 'button', onclick: () => all.remove() }, t('notices.purpose-remove'))));
  return all;
}

/** What the form says. */
function said() {
  const content = { ...begun.content, controller: {}, officer: {} };
  for (const [name, value] of new FormData(form)) {
    const [part, inside] = name.split('.');
    if (part === 'controller' || part === 'officer' || part in texts()) content[part] = { ...content[part], [inside]: value.trim() };
  }
  content.officer.none = form.elements.namedItem('officer.none').checked;
  flags.forEach((name) => { content[name] = form.elements.namedItem(name).checked; });
  content.purposes = [...byId('purposes').children].map((row) => Object.fromEntries([...row.querySelectorAll('[data-purpose]')].map((input) => [input.dataset.purpose, input.value.trim()])));
  return content;
}

if (form) {
  byId('purpose-add').addEventListener('click', () => {
    byId('purposes').append(purpose());
    byId('purposes').lastChild.querySelector('input').focus();
  });
  byId('leave').addEventListener('click', () => { nothingTyped(); byId('write').hidden = true; byId('new').focus(); });
  keepTyped(form);
  onSubmit(form, async ({ from_day: day, from_time: time, stated, remark }) => {
    const cameras = [...byId('for-cameras').querySelectorAll('input:checked')].map((box) => box.value).sort();
    const from = day ? moments(day, time || '00:00')[0] : undefined;
    if (day && !from) throw new Problem({ title: t('notices.no-moment'), field: 'from_time' });
    const added = await post('/notices', { content: said(), cameras, from: from?.toISOString(), stated: stated || undefined, remark: remark || undefined });
    nothingTyped();
    byId('write').hidden = true;
    toast(added.missing.length ? t('notices.entered-incomplete', { missing: added.missing.map((one) => one.text).join('; ') }) : t('notices.was-entered'), added.missing.length ? 'bad' : 'good');
    begun.done();
  });
}
