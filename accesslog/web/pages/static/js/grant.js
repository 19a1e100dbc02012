// The form of an authorisation: the role with what it may, cameras, days. What it says is what the API takes.

import { Problem } from './api.js';
import { field } from './asking.js';
import { el, fill } from './dom.js';
import { beginning, dayOf, ending } from './time.js';
import { t } from './words.js';

/** The last day of something that ends at a moment, which does not belong to it. */
export const lastDay = (to) => dayOf(new Date(new Date(to) - 1));

/** The fields for one, which begin with what another says, and said, which reads them. Tokens have no paper. */
export function grantForm({ cameras, persons }, roles, { like = {}, of = '', token = false } = {}) {
  const today = dayOf(new Date());
  const chosen = (like.cameras ?? ['*'])[0] === '*' ? 'all' : 'some';
  const boxes = el('fieldset', { hidden: chosen === 'all' }, el('legend', {}, t('persons.cameras-some')),
    cameras.map((one) => el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'camera', value: one.id, checked: like.cameras?.includes(one.id) }), el('span', {}, one.name || one.id))));
  const may = el('p', { class: 'help', id: 'ask-role-may', 'aria-live': 'polite' });
  const back = field({ name: 'back_minutes', label: t('persons.back'), type: 'number', min: 0, max: 1440, value: like.back_minutes ?? 15, help: t('persons.back-help') });
  const others = persons.filter((one) => one.person.id !== of && one.authorisations.some((a) => a.role === 'approver' && !a.deputy_of));
  const deputy = field({ name: 'deputy_of', label: t('persons.deputy'), options: [['', t('persons.deputy-none')], ...others.map((one) => [one.person.id, one.person.name])], value: like.deputy_of ?? '', help: t('persons.deputy-help') });
  const to = field({ name: 'to', label: t('persons.to'), type: 'date', min: today, value: like.to ? lastDay(like.to) : '', help: t('persons.to-help') });
  const shown = () => {
    const role = roles.find((one) => one.role === byRole.value);
    fill(may, role ? t('persons.role-may', { does: role.does.join(', ') }) : null);
    to.querySelector('input').required = token || role?.ends || (byRole.value === 'approver' && deputy.querySelector('select').value !== '');
    to.querySelector('.help').textContent = token || role?.ends ? t('persons.to-must') : t('persons.to-help');
    back.hidden = byRole.value !== 'guard';
    deputy.hidden = token || byRole.value !== 'approver' || others.length === 0;
  };
  const role = field({ name: 'role', label: t('persons.role'), options: [['', t('persons.choose')], ...roles.map((one) => [one.role, one.name])], value: like.role ?? '', required: true, onchange: () => shown() });
  const byRole = role.querySelector('select');
  byRole.setAttribute('aria-describedby', may.id);
  role.append(may);
  deputy.querySelector('select').addEventListener('change', shown);
  shown();
  const scope = field({ name: 'cameras', label: t('persons.cameras'), options: [['all', t('persons.cameras-all')], ['some', t('persons.cameras-some')]], value: chosen, onchange: (event) => { boxes.hidden = event.currentTarget.value === 'all'; } });
  return {
    fields: [role, scope, boxes, el('div', { class: 'inputs top' }, field({ name: 'from', label: t('persons.from'), type: 'date', value: today, required: true }), to), back, deputy,
      token ? null : field({ name: 'paper', label: t('persons.paper-on'), type: 'date', max: today, help: t('persons.paper-on-help') }),
      el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'outside', id: 'ask-outside', checked: like.outside }), el('span', {}, t('persons.outside')), el('span', { class: 'help' }, t('persons.outside-help')))],
    said: (values) => said(values, [...boxes.querySelectorAll('input:checked')].map((box) => box.value).sort()),
  };
}

/** What the form says, as the API takes it; a day begins and ends where the reader is. */
function said(values, ticked) {
  if (values.cameras === 'some' && ticked.length === 0) throw new Problem({ title: t('persons.cameras-which'), field: 'cameras' });
  return {
    role: values.role, cameras: values.cameras === 'all' ? ['*'] : ticked,
    from: values.from === dayOf(new Date()) ? undefined : beginning(values.from).toISOString(), to: values.to ? ending(values.to).toISOString() : undefined,
    paper: values.paper || undefined, outside: values.outside !== undefined,
    back_minutes: values.role === 'guard' ? Number(values.back_minutes) : undefined, deputy_of: values.role === 'approver' && values.deputy_of ? values.deputy_of : undefined,
  };
}
