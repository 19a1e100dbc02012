// How long footage stays: how deep it reaches, what goes next, what is held, what waits to be confirmed, and what has gone.

import { askFile, get, path, post } from './api.js';
import { askFor, field } from './asking.js';
import { byId, el, empty, fill, onSubmit, refuse, save, toast } from './dom.js';
import { keepUp, Shown } from './events.js';
import { holdsIn } from './holds.js';
import { table } from './tables.js';
import { beginning, dateTime, ending, inNumbers, shortDate } from './time.js';
import { bytes, language, n, number, of, t } from './words.js';

let names = {};
let days = 7; // of which is shown what goes
const nameOf = (id) => names[id] || id || t('retention.all-cameras');

/** How footage stands, and which copies there are. */
const depth = new Shown([byId('depth'), byId('copies')], async () => {
  const { cameras } = await get('/cameras');
  names = Object.fromEntries(cameras.map((one) => [one.id, one.name]));
  return get('/retention');
}, (all) => {
  fill(byId('problems'), problems(all));
  fill(byId('depth'), depths(all));
  fill(byId('copies'), copies(all));
});
const next = new Shown(byId('next'), () => get('/retention/next', { days }), (now) => fill(byId('next'), goes(now.next)));
const waits = new Shown(byId('waits'), () => get('/retention/terms'), (now) => fill(byId('waits'), changes(now)));
const holds = byId('holds') ? holdsIn(byId('holds'), { nameOf, names: () => names }) : undefined;

begin();

async function begin() {
  await depth.again(); // which learns the names of the cameras
  await Promise.all([waits.again(), next.again(), holds?.again()]);
  keepUp({ retention: [depth, waits, next], holds }, byId('waits'), byId('holds') ?? byId('waits'));
}

const problems = (all) => [
  all.certain ? null : el('p', { class: 'note warn' }, t('retention.uncertain')),
  ...all.problems.map((line) => el('p', { class: 'note warn' }, line[language])),
];

/** A term such as 30d, 6mo or 1y in words. */
function term(text) {
  const found = /^(\d+)(d|mo|y)$/.exec(text ?? '');
  if (!found) return text || '–';
  const count = Number(found[1]);
  if (found[2] === 'd') return n('retention.days', count);
  return found[2] === 'mo' ? n('retention.months', count) : n('retention.years', count);
}

/** A time in seconds, to the day from two days on. */
const long = (seconds) => (seconds >= 2 * 86400 ? n('retention.days', Math.floor(seconds / 86400)) : n('retention.hours', Math.floor(seconds / 3600)));

function depths(all) {
  if (all.cameras.length === 0) return empty(t('retention.no-depth'), t('retention.no-depth-about'));
  return [
    table([t('retention.camera'), t('retention.limit'), t('retention.promised'), t('retention.real'), t('retention.forecast'), t('retention.size')],
      all.cameras.map((one) => [nameOf(one.camera), term(one.limit), one.promised ? term(one.promised) : el('span', { class: 'quiet' }, t('retention.nothing-promised')),
        [long(one.real), one.broken ? [' ', el('span', { class: 'tag bad' }, t('retention.broken'))] : null, one.late ? [' ', el('span', { class: 'tag bad' }, n('retention.late', one.late))] : null],
        one.forecast ? long(one.forecast) : '–',
        [bytes(one.bytes), one.held_bytes ? el('span', { class: 'quiet' }, ' ', t('retention.of-held', { size: bytes(one.held_bytes) })) : null]])),
    el('p', { class: 'quiet' }, n('retention.due', all.due), ' ', n('retention.held', all.held, { size: bytes(all.held_bytes) }),
      all.at ? ` ${t('retention.at', { time: dateTime(all.at) })}` : null),
    all.failed ? el('p', { class: 'note bad' }, n('retention.failed', all.failed)) : null,
  ];
}

/** What goes in the next days. */
function goes(list) {
  if (list.length === 0) return empty(n('retention.none-next', days), t('retention.none-next-about'));
  return table([t('retention.day'), t('retention.camera'), t('retention.what'), t('retention.why')],
    list.map((one) => [shortDate(beginning(one.day)), nameOf(one.camera), [n('retention.segments', one.segments), one.bytes ? ` (${bytes(one.bytes)})` : null], of('retention.cause', one.reason)]));
}

byId('next-more').addEventListener('click', (event) => {
  event.currentTarget.hidden = true;
  days = 31;
  next.again();
});

/** The changes of terms that wait, and those that are to come. */
function changes({ waits: list, coming }) {
  const may = 'approve' in byId('waits').dataset;
  if (list.length + coming.length === 0) return empty(t('retention.none-waits'), t('retention.none-waits-about'));
  return [...list.map((one) => waiting(one, may)), ...coming.map((one) => el('p', {}, t('retention.coming', { camera: nameOf(one.camera), change: decided(one), from: inNumbers(one.from) })))];
}

const decided = (one) => (one.gone ? t('retention.given-up') : term(one.limit));

function waiting(one, may) {
  const segments = one.segments ? t('retention.goes', { what: n('retention.segments', one.segments), size: bytes(one.bytes), from: shortDate(one.from), to: shortDate(one.to) }) : t('retention.goes-none');
  return el('div', { class: 'note warn row apart' },
    el('div', {}, el('p', {}, el('strong', {}, nameOf(one.new.camera)), ': ', decided(one.old), ' → ', decided(one.new), '. ', segments),
      one.confirm ? null : el('p', {}, t('retention.waits-clock'))),
    one.confirm && may ? el('button', { type: 'button', onclick: () => confirmTerm(one, segments) }, t('retention.confirm')) : null,
    one.confirm && !may ? el('p', { class: 'quiet' }, t('retention.waits-approver')) : null);
}

function confirmTerm(one, segments) {
  askFor({
    title: t('retention.confirm-title', { camera: nameOf(one.new.camera) }), text: [`${decided(one.old)} → ${decided(one.new)}`, segments, t('retention.confirm-about')],
    fields: [field({ name: 'reason', label: t('retention.confirm-reason'), required: true, maxlength: 500 })], yes: t('retention.confirm'), danger: true,
    work: async ({ reason }) => {
      const done = await post(path`/retention/terms/${one.new.camera}/confirmation`, { reason });
      toast(t('retention.confirmed', { from: inNumbers(done.begins) }));
      waits.again();
    },
  });
}

const copies = (all) => (all.copies.length === 0 ? empty(t('retention.no-copies'), t('retention.no-copies-about'))
    : table([t('retention.copy'), t('retention.made'), t('retention.gone-by'), t('retention.size'), t('retention.place')],
      all.copies.map((one) => [el('span', { class: 'mono' }, one.name), dateTime(one.made), [shortDate(one.until), one.overdue ? [' ', el('span', { class: 'tag bad' }, t('retention.overdue'))] : null],
        one.bytes ? bytes(one.bytes) : '–', one.apart ? t('retention.apart') : el('span', { class: 'tag warn' }, t('retention.not-apart'))])));

const erased = byId('erased');
if (erased) {
  onSubmit(erased, async () => {
    const { erasures } = await post('/retention/erasures', wanted());
    fill(byId('erased-list'), erasures.length ? erasures.map(erasure) : empty(t('retention.none-erased'), t('retention.none-erased-about')));
  });
  byId('record').addEventListener('click', async () => {
    if (!erased.reportValidity()) return;
    try {
      const file = await askFile('POST', '/retention/erasures/record', wanted());
      save(file);
      toast(t('retention.record-kept', { name: file.name }));
    } catch (error) {
      refuse(erased, error);
    }
  });
}

/** What the form asks for; days are the reader's. */
function wanted() {
  const { since, until, reason } = Object.fromEntries(new FormData(erased));
  return { reason, from: since ? beginning(since).toISOString() : undefined, to: until ? ending(until).toISOString() : undefined };
}

const erasure = (one) => el('article', { class: 'more' },
  el('h3', {}, t('retention.erasure', { entry: number(one.start), time: dateTime(one.entered) }), ' ',
    one.end === undefined ? el('span', { class: 'tag warn' }, t('retention.goes-on')) : null, one.late === 'yes' ? el('span', { class: 'tag bad' }, t('retention.entered-late')) : null),
  el('ul', { class: 'plain-list' }, one.segments.map((group) => el('li', {},
    `${nameOf(group.camera)}: ${n('retention.segments', group.segments)}, ${dateTime(group.from)} – ${dateTime(group.to)}, ${of('retention.cause', group.reason)}`))),
  el('p', { class: 'quiet' }, bytes(one.bytes), one.kept ? `, ${n('retention.kept', one.kept)}` : null, one.lost ? `, ${n('retention.lost', one.lost)}` : null,
    one.copies ? `. ${t('retention.copies-have', { until: shortDate(one.until) })}` : null));
