// The diary: the reason is asked first, and goes into the entry of each reading; then entries are looked for, listed and opened.

import { get, post } from './api.js';
import { byId, el, empty, fill, onSubmit, trouble } from './dom.js';
import { showEntry, spanOf } from './entry.js';
import { onChanged } from './events.js';
import { watchLook } from './lookthrough.js';
import { address, asked, onAsked } from './state.js';
import { offerBundle, offerPaper } from './takeout.js';
import { beginning, clock, ending, shortDate } from './time.js';
import { language, n, number, of, t } from './words.js';

const purposes = ['lawfulness', 'control', 'supervision', 'security', 'faults'];
const kinds = ['', 'view.', 'view.refused', 'hold.', 'restrict.', 'disclose', 'export', 'erase.', 'login', 'login.failed', 'person.', 'authorise', 'notice.', 'policy.', 'diary.', 'incident.', 'config'];
const atOnce = 50; // entries of a page: no more are opened than are looked at

let reason = '';
let cameras = [];
let size = 0; // entries that the diary had when the list was read

byId('person').value = asked().person ?? ''; // whose entries another page leads to
byId('purpose').append(...purposes.map((one) => el('option', { value: one }, of('diary.purpose', one))));
byId('op').append(...kinds.map((one) => el('option', { value: one }, one ? of('diary.kind', one) : t('diary.all'))));

watchLook(byId('look'), byId('look-state'));
offerPaper(byId('paper'));
offerBundle(byId('bundle'), byId('bundle-state'), () => reason);

onSubmit(byId('reason-form'), async ({ purpose, detail }) => {
  const said = of('diary.purpose', purpose);
  reason = detail.trim() ? `${said}: ${detail.trim()}` : said;
  if (cameras.length === 0) {
    ({ cameras } = await get('/cameras'));
    byId('camera').append(...cameras.map((one) => el('option', { value: one.id }, one.name || one.id)));
  }
  fill(byId('why'), t('diary.reads-why', { reason }));
  begun(true);
  await show(asked());
});

byId('other').addEventListener('click', () => {
  reason = '';
  begun(false);
  byId('purpose').focus();
});

/** Shows what needs a reason, or the question for it. */
function begun(yes) {
  byId('ask').hidden = yes;
  byId('diary').hidden = !yes;
  const bundle = byId('bundle');
  if (bundle) {
    bundle.hidden = !yes;
    byId('bundle-first').hidden = yes;
  }
}

// The diary goes on while somebody reads it. What came is not read by itself: each reading is entered.
const newer = el('p');
byId('newer').append(newer, el('button', { type: 'button', onclick: () => list() }, t('diary.newer-show')));
onChanged((what, now) => {
  if (!what.diary || !reason || !size || !(now.diary > size)) return;
  newer.textContent = n('diary.newer', now.diary - size); // the button stays: it may be pressed just now
  byId('newer').hidden = false;
});

onSubmit(byId('find'), () => list());
byId('find').addEventListener('reset', () => setTimeout(list));
onAsked((wanted) => reason && show(wanted));

/** Shows the entry that is asked for, else the list. */
async function show({ entry }) {
  const wanted = /^\d+$/.test(entry ?? '') ? Number(entry) : undefined;
  const place = byId('entry');
  byId('found').hidden = wanted !== undefined;
  place.hidden = wanted === undefined;
  if (wanted === undefined) {
    if (!byId('list').firstChild) await list();
    return;
  }
  await attempt(place, () => showEntry(place, wanted, { reason, cameras }));
  place.focus();
}

/** Lists what is looked for, the last entries first; to is where an earlier page ended. */
async function list(to) {
  const place = byId('list');
  const wanted = Object.fromEntries([...new FormData(byId('find'))].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  if (wanted.since) wanted.since = beginning(wanted.since).toISOString();
  if (wanted.until) wanted.until = ending(wanted.until).toISOString();
  await attempt(place, async () => {
    const reading = await post('/diary/readings', { ...wanted, reason, open: true, newest: true, most: atOnce, to });
    size = reading.size;
    byId('newer').hidden = true;
    fill(place, head(reading), reading.entries.length ? table(reading.entries) : nothing(reading), pages(reading, to));
    if (to) place.focus();
  });
}

const head = (reading) => [
  el('h2', {}, t('diary.entries')),
  reading.fault ? el('p', { class: 'note bad' }, t('diary.fault'), ' ', reading.fault[language]) : null,
  el('p', { class: 'quiet' }, n('diary.has', reading.size), ' ', t('diary.entered', { entry: number(reading.entry) }), reading.cut ? ` ${t('diary.cut', { cut: number(reading.cut) })}` : null),
];

const nothing = (reading) => (reading.next ? empty(t('diary.none-yet'), t('diary.none-yet-about')) : empty(t('diary.none'), t('diary.none-about')));

const pages = (reading, to) => el('div', { class: 'actions left no-print' },
  to ? el('button', { type: 'button', onclick: () => list() }, t('diary.newest')) : null,
  reading.next ? el('button', { type: 'button', onclick: () => list(reading.next) }, t('diary.older')) : null);

function table(entries) {
  const columns = [t('diary.number'), t('diary.when'), t('diary.what'), t('diary.who'), t('diary.about')];
  return el('table', { class: 'table entries' },
    el('thead', {}, el('tr', {}, columns.map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, entries.map((entry) => row(entry, columns))));
}

function row(entry, columns) {
  const body = entry.body ? JSON.parse(entry.body) : {};
  const footage = (body.objects ?? []).slice(0, 2).map((one) => el('span', { class: 'about-line' }, spanOf(one, cameras)));
  const about = [body.purpose, body.result && of('diary.result', body.result, body.result)].filter(Boolean).join(' · ');
  const cells = [
    el('time', { datetime: entry.time }, `${shortDate(entry.time)}, ${clock(entry.time)}`),
    of('diary.op', entry.op, entry.op),
    entry.unreadable ? el('span', { class: 'tag warn' }, t('diary.unreadable-short')) : body.actor?.name ?? el('span', { class: 'quiet' }, t('diary.appliance')),
    [about ? el('span', { class: 'about-line' }, about) : null, footage, (body.objects ?? []).length > 2 ? el('span', { class: 'quiet' }, n('diary.more-spans', body.objects.length - 2)) : null],
  ];
  return el('tr', {},
    el('th', { scope: 'row', 'data-label': columns[0] }, el('a', { href: address({ entry: entry.index }) }, number(entry.index))),
    cells.map((cell, i) => el('td', { 'data-label': columns[i + 1] }, [cell].flat(2))));
}

/** Does something that fills a place, and says there what came in the way. */
async function attempt(place, work) {
  place.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (error) {
    fill(place, trouble(error));
  }
  place.removeAttribute('aria-busy');
}
