// Who has seen footage, and what else was done with it, by the diary: one page, to be printed. To ask is entered itself.

import { get, post } from './api.js';
import { byId, el, fill, empty, onSubmit, trouble } from './dom.js';
import { cameraOptions, named } from './reach.js';
import { readSpan, spanFields } from './spanform.js';
import { address, asked } from './state.js';
import { ending, beginning, dayOf, dateTime } from './time.js';
import { sorted } from './uses.js';
import { holdTable, otherTable, refusedTable, viewingTable } from './usestables.js';
import { language, n, t } from './words.js';

const form = byId('range');
const place = byId('uses');
let names = {};

async function begin() {
  let list, reader;
  try {
    const [{ cameras }, session] = await Promise.all([get('/cameras'), get('/session')]);
    reader = session.person.name;
    list = named(cameras);
    names = Object.fromEntries(list.map(({ id, name }) => [id, name]));
  } catch (error) {
    form.replaceWith(trouble(error));
    return;
  }
  const wanted = asked();
  fill(byId('camera'), cameraOptions(list, wanted.camera));
  byId('span').replaceWith(spanFields('range', spanOf(wanted)));
  form.removeAttribute('aria-busy');
  onSubmit(form, (values) => ask(values, reader));
}

/** What is asked for by the address, else today. */
function spanOf({ from, to }) {
  const [begins, ends] = [new Date(from), new Date(to)];
  if (begins < ends) return { from: begins, to: ends };
  const today = dayOf(new Date());
  return { from: beginning(today), to: new Date(Math.min(ending(today), Date.now())) };
}

/** Asks, as often as there is more, and shows all of it at once. */
async function ask({ camera, reason }, reader) {
  const span = readSpan('range');
  if (!span) return;
  history.replaceState(null, '', address({ camera, from: span.from.toISOString(), to: span.to.toISOString() }));
  place.hidden = true;
  const found = { uses: [], entries: [] };
  for (let after; ;) {
    const part = await post('/diary/uses', { reason: reason.trim(), camera, from: span.from.toISOString(), to: span.to.toISOString(), after });
    found.uses.push(...part.uses);
    found.entries.push(part.entry);
    Object.assign(found, { cut: part.cut, fault: part.fault, twins: part.twins ?? [] });
    if (!part.next) break;
    after = part.next;
  }
  show({ ...found, ...span, camera: names[camera] ?? camera, reason: reason.trim(), reader });
}

/** The page that is printed. */
function show({ uses, entries, cut, fault, twins, from, to, camera, reason, reader }) {
  const { viewings, refused, holds, others, unreadable } = sorted(uses);
  const fact = (name, ...value) => [el('dt', {}, name), el('dd', {}, ...value)];
  const part = (title, list, table, none) => el('section', { class: 'uses-part' }, el('h3', {}, title), list.length ? table(list, names) : el('p', { class: 'quiet' }, none));
  fill(place,
    el('div', { class: 'card' },
      el('div', { class: 'row apart' }, el('h2', {}, t('seen.of', { camera })), el('button', { type: 'button', class: 'print no-print', onclick: () => print() }, t('seen.print'))),
      el('dl', { class: 'facts' },
        fact(t('seen.span'), `${dateTime(from)} – ${dateTime(to)}`),
        fact(t('seen.reason'), reason),
        fact(t('seen.by'), `${reader}, ${dateTime(new Date())}`),
        fact(t('seen.entry'), entries.join(', '))),
      fault ? el('p', { class: 'note bad' }, t('seen.fault', { fault: fault[language] })) : null,
      cut > 0 ? el('p', { class: 'note' }, t('seen.cut', { cut })) : null,
      twins.length ? el('p', { class: 'note' }, t('seen.twins', { spans: twins.map((twin) => `${dateTime(twin.from)} – ${dateTime(twin.to)}`).join(', ') })) : null,
      unreadable.length ? el('p', { class: 'note warn' }, n('seen.unreadable', unreadable.length), ' ', unreadable.map(({ entry }) => entry).join(', ')) : null,
      uses.length === 0 ? empty(t('seen.nobody'), t('seen.nobody-about')) : [
        part(t('seen.viewings'), viewings, viewingTable, t('seen.no-viewings')),
        part(t('seen.given'), others, otherTable, t('seen.no-given')),
        part(t('seen.holds'), holds, holdTable, t('seen.no-holds')),
        refused.length ? part(t('seen.refused'), refused, refusedTable, '') : null]));
  place.hidden = false;
  place.focus();
}

begin();
