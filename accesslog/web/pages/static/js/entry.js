// One entry of the diary with everything in words: who, why, which footage, and what proves it.

import { path, post } from './api.js';
import { el, fill } from './dom.js';
import { showProof } from './proven.js';
import { address } from './state.js';
import { clock, date, dateTime, dayOf, exact } from './time.js';
import { bytes, n, number, of, t } from './words.js';

const mostRanges = 500; // that are listed; the bundle has all

/** Shows an entry, which is read for a reason. */
export async function showEntry(place, index, { reason, cameras }) {
  const entry = await post(path`/diary/entries/${index}/readings`, { reason });
  const body = entry.body ? JSON.parse(entry.body) : undefined;
  const proof = el('section', { class: 'more', 'aria-labelledby': 'proof-title' });
  fill(place,
    el('div', { class: 'row apart no-print' }, el('a', { class: 'button', href: '#' }, t('diary.back')),
      el('button', { type: 'button', onclick: () => print() }, t('diary.print'))),
    el('h2', { class: 'entry-title' }, t('diary.entry-title', { entry: number(entry.index), op: of('diary.op', entry.op, entry.op) })),
    entry.unreadable ? el('p', { class: 'note warn' }, t('diary.unreadable'), ' ', el('span', { lang: 'en' }, entry.unreadable)) : null,
    facts([
      [t('diary.when'), el('time', { datetime: entry.time }, dateTime(entry.time))],
      [t('diary.what'), [of('diary.op', entry.op, entry.op), ' ', el('code', { class: 'quiet' }, entry.op)]],
      [t('diary.ref'), entry.ref === undefined ? null : el('a', { href: address({ entry: entry.ref }) }, t('diary.entry-number', { entry: number(entry.ref) }))],
      ...(body ? inside(body, cameras) : []),
    ]),
    entry.manifest ? manifest(entry.manifest, cameras) : null,
    proof);
  await showProof(proof, entry);
}

/** What the body of an entry says, as rows. */
function inside(body, cameras) {
  const actor = body.actor;
  return [
    [t('diary.who'), actor ? [el('strong', {}, actor.name), actor.role ? ` · ${of('diary.role', actor.role, actor.role)}` : null] : t('diary.appliance-itself')],
    [t('diary.known-by'), actor?.proof && of('diary.proof', actor.proof, actor.proof)],
    [t('diary.from-address'), actor?.address],
    [t('diary.ids'), actor && ids(actor)],
    [t('diary.purpose'), body.purpose],
    [t('diary.basis'), body.basis],
    [t('diary.case'), body.case],
    [t('diary.recipient'), body.recipient],
    [t('diary.footage'), body.objects && el('ul', { class: 'plain-list' }, body.objects.map((one) => el('li', {}, spanOf(one, cameras))))],
    [t('diary.result'), body.result && of('diary.result', body.result, body.result)],
    [t('diary.note'), body.note],
    [t('diary.bytes'), body.bytes && bytes(body.bytes)],
    ...Object.entries(body.data ?? {}).map(([name, value]) => [of('diary.data', name, name), inWords(name, value, cameras)]),
    [t('diary.clock'), body.clock && of('diary.clock', body.clock, body.clock)],
    [t('diary.software'), body.software],
  ];
}

/** A value that only some operations have: moments in the reader's zone, cameras by their names. */
function inWords(name, value, cameras) {
  if (typeof value === 'number') return number(value);
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return dateTime(value);
  if (name === 'op') return of('diary.op', value, value);
  if (name === 'camera' || name === 'cameras') return value.split(' ').map((id) => cameras.find((one) => one.id === id)?.name || id).join(', ');
  return of('diary.value', value, value);
}

/** The ids by which other entries name the same person and session. */
const ids = (actor) => el('span', { class: 'mono' }, [actor.id, actor.authorisation, actor.session].filter(Boolean).join(' · '));

/** Rows that say something. */
const facts = (rows) => el('dl', { class: 'facts' }, rows.filter(([, said]) => said !== undefined && said !== null && said !== '')
  .flatMap(([name, said]) => [el('dt', {}, name), el('dd', {}, ...[said].flat().filter(Boolean))]));

/** Footage in words: Avla: 21. november 2026, 10:00:00 CET – 10:05:00 CET. */
export function spanOf({ camera, from, to }, cameras) {
  const name = camera === '*' || !camera ? t('diary.all-cameras') : cameras.find((one) => one.id === camera)?.name || camera;
  const same = dayOf(new Date(from)) === dayOf(new Date(to));
  const written = from !== to && clock(from) === clock(to) ? exact : clock; // or a range of half a second would have no length
  return `${name}: ${date(from)}, ${written(from)} – ${same ? written(to) : dateTime(to)}`;
}

/** What belongs to an entry and is too long for it: ranges as a table, anything else as it is. */
function manifest(text, cameras) {
  const list = JSON.parse(text);
  const ranges = list.ranges;
  if (!Array.isArray(ranges)) return el('details', { class: 'more' }, el('summary', {}, t('diary.manifest')), el('pre', { class: 'print-code' }, JSON.stringify(list, null, 1)));
  return el('details', { class: 'more' }, el('summary', {}, n('diary.ranges', ranges.length)),
    ranges.length > mostRanges ? el('p', { class: 'quiet' }, t('diary.ranges-cut', { n: number(mostRanges) })) : null,
    el('ul', { class: 'plain-list' }, ranges.slice(0, mostRanges).map((one) => el('li', {}, `${spanOf(one, cameras)} (${one.stream})`))));
}
