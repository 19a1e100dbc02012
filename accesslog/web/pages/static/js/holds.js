// Holds and restrictions: the list, and what an approver does with them. Each says beforehand what will happen.

import { get, path, post, Problem } from './api.js';
import { askFor, besides, field } from './asking.js';
import { byId, el, empty, fill, toast } from './dom.js';
import { Shown } from './events.js';
import { table } from './tables.js';
import { addDays, clock, date, dateTime, dayOf, moments, shortDate } from './time.js';
import { bytes, n, of, t } from './words.js';

const kinds = ['rights', 'order', 'disclosure', 'incident']; // that last
const grounds = ['accuracy', 'unlawful', 'claims', 'objection'];

/** What is held and restricted, in a place, to which the buttons of the page add. */
export function holdsIn(place, { nameOf, names }) {
  const holds = new Shown(place, () => get('/holds'), (now) => fill(place, list(now.holds, { nameOf, again, diary: 'diary' in place.dataset })));
  const again = () => holds.again();
  byId('hold-new').addEventListener('click', () => holdNew(names(), again));
  byId('restrict-new')?.addEventListener('click', () => restrictNew(names(), again));
  return holds;
}

function list(holds, { nameOf, again, diary }) {
  if (holds.length === 0) return empty(t('retention.none-held'), t('retention.none-held-about'));
  return table([t('retention.camera'), t('retention.span'), t('retention.kind'), t('retention.review'), t('retention.do')],
    holds.map((one) => [nameOf(one.camera), spanOf(one),
      [of('retention.held-for', one.why), ' ', one.kind === 'restriction' ? el('span', { class: 'tag' }, t('retention.restriction')) : null,
        one.past_term ? el('span', { class: 'tag' }, t('retention.past-term')) : null, diary ? [' ', el('a', { href: `/diary#entry=${one.entry}` }, t('retention.entry', { entry: one.entry }))] : null],
      [shortDate(one.review), new Date(one.review) < new Date() ? [' ', el('span', { class: 'tag bad' }, t('retention.review-passed'))] : null, one.why === 'provisional' ? el('span', { class: 'quiet' }, ' ', t('retention.lapses')) : null,
        one.goes ? [' ', el('span', { class: 'tag bad' }, t('retention.goes-before', { day: shortDate(one.goes) }))] : null],
      el('div', { class: 'row' },
        one.why === 'provisional' ? el('button', { type: 'button', onclick: () => confirmHold(one, nameOf, again) }, t('retention.hold-confirm')) : null,
        el('button', { type: 'button', onclick: () => endOf(one, nameOf, again) }, one.kind === 'hold' ? t('retention.hold-end') : t('retention.restrict-end')))]));
}

const spanOf = ({ from, to }) => `${date(from)}, ${clock(from)} – ${dayOf(from) === dayOf(to) ? clock(to) : dateTime(to)}`;

/** Ends a hold or a restriction. */
function endOf(one, nameOf, again) {
  const hold = one.kind === 'hold';
  askFor({
    title: hold ? t('retention.hold-end-title') : t('retention.restrict-end-title'),
    text: [`${nameOf(one.camera)}, ${spanOf(one)}`, hold ? t('retention.hold-end-about') : t('retention.restrict-end-about')],
    fields: [field({ name: 'reason', label: t('retention.end-reason'), required: true, maxlength: 500 })],
    yes: hold ? t('retention.hold-end') : t('retention.restrict-end'), danger: true,
    work: async ({ reason }) => {
      await (hold ? post(path`/holds/${one.id}/end`, { reason }) : post(path`/restrictions/${one.id}/end`, { reason }));
      toast(hold ? t('retention.hold-ended') : t('retention.restrict-ended'));
      again();
    },
  });
}

/** What a lasting hold says. */
const settled = () => [
  field({ name: 'kind', label: t('retention.kind-of'), required: true, options: [['', t('retention.choose')], ...kinds.map((kind) => [kind, of('retention.held-for', kind)])] }),
  field({ name: 'basis', label: t('retention.basis'), required: true, maxlength: 500, help: t('retention.basis-help') }),
  besides(field({ name: 'case', label: t('retention.case'), maxlength: 100 }), field({ name: 'review', label: t('retention.review-on'), type: 'date', required: true, value: addDays(dayOf(new Date()), 90), min: addDays(dayOf(new Date()), 1) })),
  field({ name: 'term_basis', label: t('retention.term-basis'), maxlength: 500, help: t('retention.term-basis-help') }),
  field({ name: 'remark', label: t('retention.remark'), maxlength: 500 }),
];

function confirmHold(one, nameOf, again) {
  askFor({
    title: t('retention.hold-confirm-title'), text: [`${nameOf(one.camera)}, ${spanOf(one)}`, t('retention.hold-confirm-about')], fields: settled(), yes: t('retention.hold-confirm'),
    work: async (values) => {
      await post(path`/holds/${one.id}/confirmation`, said(values));
      toast(t('retention.hold-confirmed'));
      again();
    },
  });
}

/** Which footage: a camera or all of them, from when to when. */
function footage(names) {
  const today = dayOf(new Date());
  return [
    field({ name: 'camera', label: t('retention.camera'), required: true, options: [['', t('retention.choose')], ...Object.entries(names).map(([id, name]) => [id, name || id]), ['*', t('retention.all-cameras')]] }),
    besides(field({ name: 'from_day', label: t('retention.from-day'), type: 'date', required: true, max: today }), field({ name: 'from_time', label: t('retention.from-time'), type: 'time', step: 1, required: true, value: '00:00' })),
    besides(field({ name: 'to_day', label: t('retention.to-day'), type: 'date', required: true }), field({ name: 'to_time', label: t('retention.to-time'), type: 'time', step: 1, required: true, value: '23:59' })),
  ];
}

function holdNew(names, again) {
  askFor({
    title: t('retention.hold-new'), text: t('retention.hold-new-about'), fields: [...footage(names), ...settled()], yes: t('retention.hold-set'),
    work: async (values) => told(await post('/holds', said(values)), again),
  });
}

function restrictNew(names, again) {
  askFor({
    title: t('retention.restrict-new'), text: t('retention.restrict-new-about'), yes: t('retention.restrict-set'),
    fields: [...footage(names), field({ name: 'ground', label: t('retention.ground'), required: true, options: [['', t('retention.choose')], ...grounds.map((one) => [one, of('retention.held-for', one)])] }), ...settled().slice(1, 3), ...settled().slice(4)],
    work: async (values) => told(await post('/restrictions', said(values)), again),
  });
}

/** Tells what was set, and shows the list anew. */
function told(now, again) {
  toast(`${n('retention.now-held', now.segments, { size: bytes(now.bytes) })}${now.waits ? ` ${t('retention.entries-wait')}` : ''}`);
  if (now.large) toast(t('retention.large'), 'bad');
  if (now.late) toast(n('retention.too-late', now.late), 'bad');
  again();
}

/** What a form says, as the API takes it; of an hour that comes twice all is meant. */
function said({ from_day: fromDay, from_time: fromTime, to_day: toDay, to_time: toTime, ...values }) {
  const rest = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  if (fromDay === undefined) return rest;
  return { ...rest, from: at(fromDay, fromTime, 'from_time', 0), to: at(toDay, toTime, 'to_time', -1) };
}

function at(day, time, name, which) {
  const found = moments(day, time).at(which);
  if (!found) throw new Problem({ title: t('retention.no-moment'), field: name });
  return found.toISOString();
}
