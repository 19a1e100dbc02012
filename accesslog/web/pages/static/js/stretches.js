// The rows of a paper that say which footage it asks for: a camera, from when to when, as the reader's clock shows it. Of an
// hour that comes twice all is meant. A moment that nobody has touched stays what it was, to its last digit.

import { blame, el, fill } from './dom.js';
import { clock, dayOf, moments } from './time.js';
import { t } from './words.js';

let count = 0; // of rows that there were, for their ids
let names = {};

/** Shows rows in a place, one for each stretch, or an empty one. cameras are {id: name}; list is what the API says. */
export function showStretches(place, cameras, list) {
  names = cameras;
  fill(place, (list.length ? list : [{}]).map((one) => row(one)));
  number(place);
}

/** Adds an empty row, of the day that the last one has, and goes there. */
export function addStretch(place) {
  const last = place.lastElementChild;
  const next = row({ camera: last ? part(last, 'camera').value : '', from_day: last ? part(last, 'from-day').value : '', to_day: last ? part(last, 'to-day').value : '' });
  place.append(next);
  number(place);
  part(next, 'camera').focus();
}

const part = (one, name) => one.querySelector(`[data-part=${name}]`);
const partsOf = (one) => [...one.querySelectorAll('[data-part]')];

function row({ camera, from, to, from_day: fromDay, to_day: toDay }) {
  const id = `stretch-${++count}`;
  const input = (name, label, element) => {
    element.id = `${id}-${name}`;
    element.dataset.part = name;
    return el('div', { class: `field stretch-${name}` }, el('label', { for: element.id }, label), element);
  };
  const today = dayOf(new Date());
  const one = el('fieldset', { class: 'stretch inner' }, el('legend', {}),
    el('div', { class: 'inputs level' },
      input('camera', t('receive.camera'), el('select', {}, el('option', { value: '' }, t('receive.choose')),
        Object.entries(names).map(([value, name]) => el('option', { value, selected: value === camera }, name)),
        camera && camera !== '*' && !(camera in names) ? el('option', { value: camera, selected: true }, t('footage.gone', { name: camera })) : null,
        el('option', { value: '*', selected: camera === '*' }, t('receive.all-cameras')))),
      input('from-day', t('receive.day'), el('input', { type: 'date', max: today, value: from ? dayOf(from) : fromDay })),
      input('from-time', t('receive.from'), el('input', { type: 'time', step: 1, value: from ? timeOf(from) : null })),
      input('to-day', t('receive.to-day'), el('input', { type: 'date', max: today, value: to ? dayOf(to) : toDay })),
      input('to-time', t('receive.to'), el('input', { type: 'time', step: 1, value: to ? timeOf(to) : null })),
      el('button', { type: 'button', class: 'plain', onclick: () => leave(one) })));
  for (const [name, moment] of Object.entries({ from, to })) if (moment) part(one, `${name}-time`).dataset.at = moment;
  one.addEventListener('input', () => number(one.parentElement));
  part(one, 'from-day').addEventListener('change', (event) => {
    if (part(one, 'to-day').value === '') part(one, 'to-day').value = event.currentTarget.value;
  });
  return one;
}

const timeOf = (moment) => clock(moment).slice(0, 8);

/** Takes a row away; of the last one, what is in it. */
function leave(one) {
  const place = one.parentElement;
  const after = one.nextElementSibling ?? one.previousElementSibling;
  if (after) one.remove();
  else one.replaceWith(row({}));
  number(place);
  place.dispatchEvent(new Event('input', { bubbles: true }));
  part(after ?? place.firstElementChild, 'camera').focus();
}

/** Numbers the rows anew; the only one can't be taken away, but emptied. */
function number(place) {
  [...place.children].forEach((one, i) => {
    one.querySelector('legend').textContent = t('receive.stretch', { n: i + 1 });
    const only = place.children.length === 1;
    one.querySelector('button').textContent = only ? t('receive.clear') : t('receive.remove');
    one.querySelector('button').hidden = only && partsOf(one).every((field) => field.value === '');
  });
}

/** What the rows say, as the API takes it. Rows in which nothing stands are none; with complain the first that is wrong is told
 * of, and undefined returned. */
export function stretches(place, complain = false) {
  const list = [];
  for (const one of place.children) {
    const said = read(one, complain);
    if (said === undefined && complain) return undefined;
    if (said) list.push(said);
  }
  return list;
}

function read(one, complain) {
  const fields = Object.fromEntries(partsOf(one).map((field) => [field.dataset.part, field]));
  const wrong = (field, text) => {
    if (complain) {
      blame(field, text);
      field.focus();
    }
    return undefined;
  };
  Object.values(fields).forEach((field) => { if (complain) blame(field, ''); });
  const { camera, 'from-day': fromDay, 'from-time': fromTime, 'to-day': toDay, 'to-time': toTime } = fields;
  if ([camera, fromTime, toTime].every((field) => field.value === '')) return null;
  const empty = Object.values(fields).find((field) => field.value === '');
  if (empty) return wrong(empty, t('receive.half', { field: empty.labels[0].textContent, button: one.querySelector('button').textContent }));
  const from = untouched(fromDay, fromTime) ?? moments(fromDay.value, fromTime.value)[0];
  const to = untouched(toDay, toTime) ?? moments(toDay.value, toTime.value).at(-1);
  if (!from) return wrong(fromTime, t('receive.no-moment'));
  if (!to) return wrong(toTime, t('receive.no-moment'));
  if (to <= from) return wrong(toTime, t('receive.order'));
  if (to > new Date()) return wrong(toTime, t('receive.future'));
  return { camera: camera.value, from: said(from), to: said(to) };
}

/** The moment that the fields were filled with, as long as they say it; undefined for another. */
function untouched(day, time) {
  const { at } = time.dataset;
  if (!at || day.value !== dayOf(at) || `${time.value}:00`.slice(0, 8) !== timeOf(at)) return undefined;
  return Object.assign(new Date(at), { text: at });
}

/** A moment for the API: one that nobody has touched as it came, since a Date has but milliseconds. */
const said = (moment) => moment.text ?? moment.toISOString();
