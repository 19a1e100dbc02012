// The fields for a span of time: a day and a time for its beginning and its end, as the reader's clock shows them. A field that
// nobody has changed means the moment that was put into it; what is typed of the hour that comes twice is the longer span, so that
// nothing of what is meant is left out.

import { blame, byId, el } from './dom.js';
import { clock, dayOf, moments, zoneAt } from './time.js';
import { t } from './words.js';

const ends = () => [['from', t('spanform.from')], ['to', t('spanform.to')]];

/** The fields, with ids that begin with a name: one form of a page may be behind another. */
export function spanFields(name, { from, to }) {
  const field = (id, label, input) => el('div', { class: 'field' }, el('label', { for: id }, label), el('input', { id, required: true, ...input }));
  const values = { from, to };
  const fields = el('div', { class: 'span-fields' },
    ends().map(([end, legend]) => el('fieldset', {}, el('legend', {}, legend),
      el('div', { class: 'inputs', 'data-at': String(+values[end]), oninput: () => show(fields, name), onchange: () => show(fields, name) },
        field(`${name}-${end}-day`, t('spanform.day'), { name: `${end}-day`, type: 'date', value: dayOf(values[end]) }),
        field(`${name}-${end}-time`, t('spanform.time'), { name: `${end}-time`, type: 'time', step: '1', value: timeOf(values[end]) })))),
    el('p', { class: 'help' }));
  show(fields, name);
  return fields;
}

/** Says in which zone the times are: which of the two hours is meant where one comes twice, as far as it is known. */
function show(fields, name) {
  const zones = ['from', 'to'].flatMap((end) => momentsOf(fields, name, end).map(zoneAt));
  fields.lastChild.textContent = t('spanform.zone', { zone: [...new Set(zones)].join(' / ') || zoneAt(new Date()) });
}

/** Puts another span into the fields. */
export function writeSpan(name, values) {
  for (const end of ['from', 'to']) {
    byId(`${name}-${end}-day`).value = dayOf(values[end]);
    byId(`${name}-${end}-time`).value = timeOf(values[end]);
    byId(`${name}-${end}-day`).closest('.inputs').dataset.at = String(+values[end]);
  }
  show(byId(`${name}-from-day`).closest('.span-fields'), name);
}

const timeOf = (moment) => clock(moment).slice(0, 8);

/** The span in the fields, as Dates; undefined if there is none, which is said at the field. longest is in ms. */
export function readSpan(name, longest = Infinity) {
  const [from] = read(name, 'from');
  const to = read(name, 'to').at(-1);
  if (!from || !to) return undefined;
  if (to <= from) return wrong(byId(`${name}-to-time`), t('spanform.order'));
  if (to - from > longest) return wrong(byId(`${name}-to-day`), t('spanform.longest', { hours: longest / 3600e3 }));
  return { from, to };
}

/** The moments that the fields of an end say; if there is none, that is said. */
function read(name, end) {
  const time = byId(`${name}-${end}-time`);
  const found = momentsOf(time.closest('.span-fields'), name, end);
  if (found.length === 0) wrong(time, t('spanform.left-out'));
  return found;
}

/** The moments that the fields of an end say: the one that was put into them as long as they say it, else what was typed. */
function momentsOf(fields, name, end) {
  const [day, time] = ['day', 'time'].map((part) => fields.querySelector(`#${CSS.escape(`${name}-${end}-${part}`)}`));
  const put = new Date(Number(time.closest('.inputs').dataset.at));
  return day.value === dayOf(put) && time.value.padEnd(8, ':00') === timeOf(put) ? [put] : moments(day.value, time.value);
}

function wrong(field, text) {
  blame(field, text);
  field.focus();
  return undefined;
}
