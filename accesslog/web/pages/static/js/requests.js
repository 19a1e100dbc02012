// The requests for footage: what is due first stands first. Who asks is read in the diary, from the page of each.

import { get } from './api.js';
import { byId, el, empty, fill } from './dom.js';
import { dueAt, dueOf } from './due.js';
import { keepUp, Shown } from './events.js';
import { address, asked } from './state.js';
import { table } from './tables.js';
import { shortDate } from './time.js';
import { footageList } from './wanted.js';
import { of, t } from './words.js';

const most = 3; // stretches of footage that a line of the list has
const afters = ['incomplete', 'silent', 'built', 'handed over', 'confirmed', 'refused', 'withdrawn']; // states after which something comes that has no day of its own
const releases = ['confirmed', 'refused', 'withdrawn']; // that is to look at what is held, which has a day once anything is
const whiches = ['open', 'over', 'all'];
const kinds = ['authority', 'own initiative', 'other', 'subject'];

const filter = byId('filter');
const place = byId('list');
let all; // undefined until they could be had
let names = {};

const list = new Shown(place, () => Promise.all([get('/requests'), get('/cameras')]), ([{ requests }, { cameras }]) => {
  all = requests.sort((a, b) => order(dueAt(a), dueAt(b)) || b.entry - a.entry);
  names = Object.fromEntries(cameras.map(({ id, name }) => [id, name]));
  show();
});

begin();

async function begin() {
  fill(byId('which'), whiches.map((one) => el('option', { value: one }, of('requests.which-of', one))));
  fill(byId('kind'), el('option', { value: '' }, t('requests.all-kinds')), kinds.map((one) => el('option', { value: one }, of('requests.kind-of', one))));
  filter.addEventListener('change', () => { location.hash = address({ which: byId('which').value, kind: byId('kind').value }); });
  await list.again();
  addEventListener('hashchange', () => { if (all) show(); });
  keepUp({ requests: list }, place);
}

/** Which of two moments comes first; two that never come are the same. */
const order = (a, b) => (a === b ? 0 : a - b);

function show() {
  const { which = 'open', kind = '' } = asked();
  byId('which').value = whiches.includes(which) ? which : 'open';
  byId('kind').value = kinds.includes(kind) ? kind : '';
  filter.hidden = all.length === 0;
  const wanted = all.filter((one) => (byId('which').value === 'all' || one.released === (byId('which').value === 'over')) && (byId('kind').value === '' || one.kind === byId('kind').value));
  fill(place, found(wanted));
}

function found(list) {
  if (all.length === 0) return empty(t('requests.none'), t('requests.none-about'));
  if (list.length === 0) return empty(t('requests.none-such'), t('requests.none-such-about'));
  return table([t('requests.request'), t('requests.due'), t('requests.state'), t('requests.footage'), t('requests.received')], list.map(row), { class: 'table requests' });
}

const row = (one) => [
  [el('a', { href: `/request${address({ id: one.id })}`, 'data-state': one.state }, one.id), el('span', { class: 'request-kind' }, of('requests.kind-of', one.kind))],
  awaited(one),
  tagsOf(one),
  one.footage.length ? footageList(one.footage, names, most) : el('span', { class: 'quiet' }, t('requests.no-footage')),
  shortDate(one.received),
];

/** Whether the package may have left while nobody has entered its handover. */
const hasLeft = (one) => one.state === 'built' && one.left !== undefined;

/** What is to be done, with its day where one runs. */
function awaited(one) {
  const told = releases.includes(one.state) && one.due.some(({ what }) => what === 'holding');
  const list = [afters.includes(one.state) && !one.released && !told ? el('p', { class: 'due-line' }, hasLeft(one) ? t('requests.after-left') : of('requests.after', one.state)) : null, ...dueOf(one)].filter(Boolean);
  return list.length ? list : el('span', { class: 'quiet' }, t('requests.nothing-due'));
}

const tagsOf = (one) => [
  one.released ? t('requests.released') : hasLeft(one) ? t('requests.has-left') : of('requests.state-of', one.state),
  one.single_handed ? [' ', el('span', { class: 'tag warn' }, t('requests.single'))] : null,
  one.paper_pending ? [' ', el('span', { class: 'tag' }, t('requests.pending'))] : null,
  one.by_token ? [' ', el('span', { class: 'tag' }, t('requests.by-token'))] : null,
];
