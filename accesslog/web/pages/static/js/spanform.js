// The fields for a span of time: a day and a time for its beginning and its end, as the reader's clock shows them. In the
// hour that comes twice the span is the longer one, so that nothing of what is meant is left out.

import { blame, byId, el } from './dom.js';
import { clock, dayOf, moments, zoneAt } from './time.js';
import { t } from './words.js';

const ends = () => [['from', t('spanform.from')], ['to', t('spanform.to')]];

/** The fields, with ids that begin with a name: one form of a page may be behind another. */
export function spanFields(name, { from, to }) {
  const field = (id, label, input) => el('div', { class: 'field' }, el('label', { for: id }, label), el('input', { id, required: true, ...input }));
  const values = { from, to };
  return el('div', { class: 'span-fields' },
    ends().map(([end, legend]) => el('fieldset', {}, el('legend', {}, legend),
      el('div', { class: 'inputs' },
        field(`${name}-${end}-day`, t('spanform.day'), { name: `${end}-day`, type: 'date', value: dayOf(values[end]) }),
        field(`${name}-${end}-time`, t('spanform.time'), { name: `${end}-time`, type: 'time', step: '1', value: timeOf(values[end]) })))),
    el('p', { class: 'help' }, t('spanform.zone', { zone: zoneAt(to) })));
}

/** Puts another span into the fields. */
export function writeSpan(name, values) {
  for (const end of ['from', 'to']) {
    byId(`${name}-${end}-day`).value = dayOf(values[end]);
    byId(`${name}-${end}-time`).value = timeOf(values[end]);
  }
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

/** The moments that the fields of an end say. */
function read(name, end) {
  const [day, time] = ['day', 'time'].map((part) => byId(`${name}-${end}-${part}`));
  const found = moments(day.value, time.value);
  if (found.length === 0) wrong(time, t('spanform.left-out'));
  return found;
}

function wrong(field, text) {
  blame(field, text);
  field.focus();
  return undefined;
}
