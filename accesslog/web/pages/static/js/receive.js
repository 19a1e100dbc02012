// A paper is entered: what it says, which footage it wants, and its scan. What is missing is told all along, and keeps nobody
// from saving it. The same form completes a request that was entered before.

import { get, path, post } from './api.js';
import { askFor } from './asking.js';
import { blame, byId, el, fill, onSubmit, trouble } from './dom.js';
import { missingFields } from './lacking.js';
import { ranges } from './ranges.js';
import { scanField } from './scan.js';
import { address, asked } from './state.js';
import { addStretch, showStretches, stretches } from './stretches.js';
import { beginning, clock, dayOf, moments, shortDate, zoneAt } from './time.js';
import { footageList, footageWords } from './wanted.js';
import { keepTyped, nothingTyped } from './unsaved.js';
import { n, of, t } from './words.js';

const form = byId('receive');
const applicant = ['name', 'address', 'register', 'contact', 'signatory', 'rank'];
const onPremises = ['view', 'masked']; // forms that only a person concerned can have
const useful = ['address', 'number']; // fields that are offered where they may be missing, too
const renamed = ['purpose', 'subject', 'body', 'data', 'form', 'manner']; // fields that the law, and so the letter, calls by another name

let forms; // what there is to choose from
let names = {}; // of cameras
let whole = []; // cameras all footage of which whoever enters it may know of
let before; // the request that is completed, or undefined
let scan;
let untouched = true; // when it came: it is now

begin();

async function begin() {
  try {
    const { supplement } = asked();
    const [all, { cameras }] = await Promise.all([get('/requests/forms'), get('/cameras')]);
    forms = all;
    names = Object.fromEntries(cameras.map(({ id, name }) => [id, name || id]));
    whole = cameras.filter(({ may, limited }) => may.includes('play') && !limited).map(({ id }) => id);
    furnish();
    if (supplement) await complete(supplement);
    else prefill();
  } catch (error) {
    fill(byId('trouble'), trouble(error));
    form.hidden = true;
  }
  form.removeAttribute('aria-busy');
}

/** Puts in what does not depend on who asks. */
function furnish() {
  fill(byId('kinds'), forms.kinds.map(({ kind }) => choice('radio', 'kind', kind, of('receive.kind', kind), of('receive.kind-help', kind, ''))));
  fill(byId('data'), forms.data.map(({ id, text }) => choice('checkbox', 'data', id, text)));
  scan = scanField({ may: forms.scan, label: t('receive.scan'), changed: told });
  fill(byId('scan'), scan.element);
  fill(byId('zone'), t('receive.zone', { zone: zoneAt(new Date()) }));
  renamed.forEach(inLetter);
  const now = new Date();
  form.elements.received_day.value = form.elements.received_day.max = dayOf(now);
  form.elements.received_time.value = clock(now).slice(0, 5);
  for (const name of ['received_day', 'received_time']) form.elements[name].addEventListener('input', () => { untouched = false; });
  form.addEventListener('input', (event) => {
    if (event.target.name === 'kind') chosen();
    told();
  });
  byId('stretch-add').addEventListener('click', () => addStretch(byId('stretches')));
  keepTyped(form);
  onSubmit(form, check);
}

/** Says below a field what the letter calls it, so that its answer finds the field. */
function inLetter(field) {
  const text = forms.fields.find(({ id }) => id === field)?.text;
  const list = byId({ data: 'data', form: 'forms' }[field] ?? '');
  const input = list?.closest('fieldset') ?? placeOf(field).querySelector('input, textarea');
  const hint = el('p', { class: 'help', id: `letter-${field}` }, t('receive.in-letter', { text }));
  if (list) list.after(hint);
  else placeOf(field).append(hint);
  input.setAttribute('aria-describedby', [input.getAttribute('aria-describedby'), hint.id].filter(Boolean).join(' '));
}

const choice = (type, name, value, label, help = '') => {
  const id = `${name}-${value.replaceAll(' ', '-')}`;
  return el('label', { class: 'choice', for: id }, el('input', { id, type, name, value, 'aria-describedby': help ? `${id}-help` : null }), el('span', {}, label),
    help ? el('span', { class: 'help', id: `${id}-help` }, help) : null);
};

/** What the address says: footage that somebody has marked on the page of footage. */
function prefill() {
  const { camera, from, to } = asked();
  const known = !camera || camera === '*' || camera in names;
  const marked = new Date(from) < new Date(to);
  showStretches(byId('stretches'), names, camera || marked ? [{ camera: known ? camera : '', ...(marked ? { from, to } : {}) }] : []);
  const wrong = [known ? null : t('receive.no-camera', { camera }), !(from || to) || marked ? null : t('receive.no-span')].filter(Boolean);
  if (wrong.length) fill(byId('trouble'), el('div', { class: 'note warn', role: 'alert' }, wrong.map((line) => el('p', {}, line))));
}

/** Fills the form with what a request says so far. Reading that is entered in the diary. */
async function complete(id) {
  before = await get(path`/requests/${id}`);
  const { content } = await post(path`/requests/${id}/readings`, {});
  fill(byId('title'), t('receive.title-supplement', { id }));
  fill(byId('about'), t('receive.about-supplement'));
  byId('who-part').hidden = true;
  form.elements.kind.value = before.kind;
  chosen();
  for (const name of applicant) form.elements[name].value = content.applicant?.[name] ?? '';
  for (const name of ['basis', 'basis_text', 'purpose', 'manner', 'identity', 'remark', 'form']) form.elements[name].value = content[name] ?? '';
  for (const name of ['subject', 'number', 'body']) form.elements[name].value = content.case?.[name] ?? '';
  for (const box of byId('data').querySelectorAll('input')) box.checked = content.data?.includes(box.value) ?? false;
  showStretches(byId('stretches'), names, content.footage ?? []);
  told();
}

const kindNow = () => forms.kinds.find(({ kind }) => kind === form.elements.kind.value);
const wayNow = () => before?.way ?? (form.elements.way?.value || 'paper');

/** Shows what a paper of the chosen kind says, and takes the rest away. */
function chosen() {
  const kind = kindNow();
  const ways = before ? [] : kind.ways.filter((way) => way !== 'token');
  fill(byId('ways'), ways.map((way) => choice('radio', 'way', way, of('receive.way-of', way), of('receive.way-help', way, ''))));
  byId('way-part').hidden = ways.length < 2;
  if (ways.length) byId(`way-${ways[0]}`).checked = true;
  for (const part of form.querySelectorAll('[data-later]')) part.hidden = false;
  for (const part of form.querySelectorAll('[data-field]')) part.hidden = !kind.required.includes(part.dataset.field) && !(kind.kind !== 'subject' && useful.includes(part.dataset.field));
  fill(byId('applicant-title'), kind.kind === 'own initiative' ? t('receive.applicant-own') : t('receive.applicant'));
  const had = form.elements.basis.value;
  fill(byId('r-basis'), kind.bases.length > 1 ? el('option', { value: '' }, t('receive.choose')) : null, kind.bases.map(({ id, text }) => el('option', { value: id, selected: id === had }, text)));
  const taken = form.elements.form?.value;
  fill(byId('forms'), forms.forms.filter(({ id }) => kind.kind === 'subject' || !onPremises.includes(id)).map(({ id }) => choice('radio', 'form', id, of('receive.form-of', id), of('receive.form-help', id, ''))));
  if (taken && byId(`form-${taken}`)) byId(`form-${taken}`).checked = true;
}

/** What the form says of a field that is shown, without spaces around it. */
const said = (name) => {
  const field = form.elements[name];
  return !field || field.closest?.('[hidden]') ? '' : (field.value ?? '').trim();
};

const basisNow = () => kindNow().bases.find(({ id }) => id === form.elements.basis.value);
const dataNow = () => [...byId('data').querySelectorAll('input:checked')].filter((box) => !box.closest('[hidden]')).map((box) => box.value);

/** Shows what is missing, if that is another list than before. */
function told() {
  const kind = kindNow();
  if (!kind) return;
  for (const part of form.querySelectorAll('[data-field="basis text"]')) part.hidden = !basisNow()?.says;
  byId('scan').hidden = !before && wayNow() === 'oral';
  const list = lacking();
  const place = byId('missing');
  if (place.dataset.list === list.join()) return;
  place.dataset.list = list.join();
  if (list.length === 0) {
    fill(place, el('p', { class: 'note good' }, t('receive.missing-none')));
    return;
  }
  fill(place, el('ul', { class: 'missing-list' }, list.map((field) => el('li', {}, el('button', { type: 'button', class: 'plain', onclick: () => goTo(field) }, called(field))))),
    el('p', { class: 'quiet' }, list.includes('footage') ? t('receive.missing-unheld') : t('receive.missing-save')));
}

const lacking = () => missingFields({ required: kindNow().required, basis: basisNow(), said, footage: stretches(byId('stretches')).length, data: dataNow().length,
  signed: scan.there() || before?.signed || before?.paper_pending || wayNow() === 'oral' });

/** Where a field of a paper is in the form. */
const placeOf = (field) => ({ footage: byId('stretches').closest('fieldset'), signature: byId('scan'), form: byId('forms').closest('fieldset') })[field]
  ?? form.querySelector(`.field[data-field="${field}"], .inner[data-field="${field}"]`);

/** What the form calls it; what it does not know, as the letter does. */
const called = (field) => placeOf(field)?.querySelector('legend, label')?.textContent ?? forms.fields.find(({ id }) => id === field)?.text ?? field;

const goTo = (field) => placeOf(field)?.querySelector('input, select, textarea')?.focus();

/** What the form says, as the API takes it: nothing that is empty. */
function content() {
  const texts = (list) => Object.fromEntries(list.map((name) => [name, said(name)]).filter(([, value]) => value !== ''));
  const all = { applicant: texts(applicant), case: texts(['subject', 'number', 'body']), footage: stretches(byId('stretches')), data: dataNow(),
    ...texts(['basis', 'basis_text', 'purpose', 'form', 'manner', 'identity', 'remark']) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0)));
}

/** Before which the API takes none to have come. */
const yearAgo = () => new Date(new Date().setFullYear(new Date().getFullYear() - 1));

/** When it came, if somebody has said so; undefined: now. */
function came() {
  if (untouched) return undefined;
  const { received_day: day, received_time: time } = form.elements;
  const moment = moments(day.value, time.value)[0];
  const wrong = !moment ? t('receive.no-moment') : moment > new Date() ? t('receive.future') : moment < yearAgo() ? t('receive.long-ago') : '';
  blame(time, wrong);
  if (wrong === '') return moment.toISOString();
  time.focus();
  return null;
}

/** What there is nothing of, each with the day of the oldest footage there is. What whoever enters it may not know is not said;
 *  nor is anything if it can't be told now, as after the session has ended: saving says why. */
const gone = (footage) => lookFor(footage).catch(() => []);

async function lookFor(footage) {
  const found = await Promise.all(footage.map(async (one) => {
    const list = one.camera === '*' ? Object.keys(names) : [one.camera];
    if (!list.every((camera) => whole.includes(camera))) return undefined;
    const there = await Promise.all(list.map((camera) => ranges(camera, new Date(one.from), new Date(one.to))));
    if (there.some(({ recorded }) => recorded.length)) return undefined;
    const days = await Promise.all(list.map((camera) => get(path`/cameras/${camera}/days`)));
    return { ...one, oldest: days.flatMap((all) => all.days).map(({ day }) => day).sort()[0] };
  }));
  return found.filter(Boolean);
}

const goneLine = (one) => el('p', { class: 'note warn' }, t('receive.gone', { footage: footageWords(one, names) }), ' ',
  one.oldest ? t('receive.gone-oldest', { day: shortDate(beginning(one.oldest)) }) : null);

/** Says what will be entered and held, before it is. */
async function check() {
  if (!kindNow()) {
    byId('kinds').querySelector('input').focus();
    blame(byId('kinds').querySelector('input'), t('receive.missing-first'));
    return;
  }
  const footage = stretches(byId('stretches'), true);
  const received = came();
  const paper = byId('scan').hidden ? '' : scan.scan();
  if (footage === undefined || received === null || paper === undefined) return;
  const missing = lacking().length;
  const lost = await gone(footage);
  const there = footage.filter((one) => !lost.some(({ camera, from, to }) => camera === one.camera && from === one.from && to === one.to));
  askFor({
    title: before ? t('receive.sum-supplement') : t('receive.sum'), yes: before ? t('receive.save-supplement') : t('receive.save'),
    fields: el('div', { class: 'sum' },
      footage.length === 0 ? el('p', {}, t('receive.sum-nothing')) : null,
      lost.map(goneLine),
      there.length ? [el('p', {}, t('receive.sum-held')), footageList(there, names), el('p', { class: 'quiet' }, t('receive.sum-how'))] : null,
      el('p', { class: missing ? 'note warn' : 'note good' }, missing ? n('receive.sum-missing', missing) : t('receive.sum-complete')),
      !before && wayNow() === 'oral' ? el('p', {}, t('receive.sum-paper')) : null,
      el('p', { class: 'quiet' }, t('receive.sum-who'))),
    work: async () => {
      const asks = { content: content(), received, scan: paper || undefined };
      const { request, held } = before ? await post(path`/requests/${before.id}/supplement`, asks) : await post('/requests', { kind: kindNow().kind, way: wayNow(), ...asks });
      const late = held.reduce((sum, one) => sum + one.late, 0);
      nothingTyped();
      location.assign(`/request${address({ id: request.id, kept: 'yes', late: late || '', large: held.some((one) => one.large) ? 'yes' : '' })}`);
    },
  });
}
