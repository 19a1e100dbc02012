// The appliance: cameras, disks, clock and what needs a person. Nothing here shows footage, or tells what footage shows.

import { get, path } from './api.js';
import { byId, el, empty, fill, svg, trouble } from './dom.js';
import { keepUp, Shown } from './events.js';
import { address, asked, onAsked } from './state.js';
import { table } from './tables.js';
import { clock, dateTime, hour, shortDate, zoneAt } from './time.js';
import { bytes, language, n, number, of, t } from './words.js';

const hours = 24; // that are drawn
const tellOffset = 2000; // ms by which a camera's clock may be off before that is marked
const dayLong = 24 * 60 * 60 * 1000; // ms
const soon = 14; // days before its end in which a certificate is marked

let cameras = [];
const nameOf = (id) => cameras.find((one) => one.id === id)?.name || id;

const places = ['cameras', 'disks', 'parties', 'certificate', 'config', 'rest', 'packages'].map(byId);

/** How the appliance is now. */
const status = new Shown(places, () => get('/status'), (now) => {
  fill(byId('problems'), now.fault ? el('p', { class: 'note bad' }, t('system.fault'), ' ', now.fault[language]) : null, now.problems.map((line) => el('p', { class: 'note warn' }, line[language])),
    now.problems.length || now.fault ? null : el('p', { class: 'note good' }, t('system.well')));
  fill(places[0], now.streams.length ? streams(now.streams) : empty(t('system.no-cameras'), t('system.no-cameras-about')));
  fill(places[1], now.stores.length ? table([t('system.disk'), t('system.free'), t('system.trouble')],
    now.stores.map((one) => [el('span', { class: 'mono' }, one.name), bytes(one.free), one.problem ? one.problem[language] : el('span', { class: 'tag good' }, t('system.good'))])) : empty(t('system.no-disks'), t('system.no-disks-about')));
  fill(places[2], parties(now));
  fill(places[3], certificate(now.certificate));
  fill(places[4], config(now.config));
  fill(places[5], rest(now));
  fill(places[6], packages(now.packages));
});

/** How a camera was recorded, by the hour. */
const drawn = new Shown(byId('hours'), () => {
  const camera = cameras.some((one) => one.id === asked().camera) ? asked().camera : cameras[0].id;
  byId('camera').value = camera;
  return get(path`/cameras/${camera}/health`, { hours });
}, showHours);

begin();

async function begin() {
  try {
    ({ cameras } = await get('/cameras'));
  } catch (error) {
    fill(byId('problems'), trouble(error));
  }
  fill(byId('camera'), cameras.map((one) => el('option', { value: one.id }, one.name || one.id)));
  await status.again();
  if (cameras.length > 0) onAsked(() => drawn.again());
  else fill(byId('hours')).removeAttribute('aria-busy');
  keepUp({ status, locked: status, diary: status, packages: status });
}

byId('camera').addEventListener('change', (event) => { location.hash = address({ camera: event.currentTarget.value }); });

const good = ['recording'];
const quiet = ['paused', 'connecting'];
const tag = (state) => (good.includes(state) ? 'tag good' : quiet.includes(state) ? 'tag' : 'tag bad');

function streams(list) {
  return table([t('system.camera'), t('system.state'), t('system.last'), t('system.counts'), t('system.offset')],
    list.map((one) => [[nameOf(one.camera), el('span', { class: 'quiet' }, ` ${of('system.stream', one.stream, one.stream)}`)],
      [el('span', { class: tag(one.state) }, of('system.state', one.state)), one.problem ? el('p', {}, one.problem[language]) : null],
      [one.last ? el('time', { datetime: one.last }, `${shortDate(one.last)}, ${clock(one.last)}`) : t('system.never'), one.format ? el('span', { class: 'quiet' }, ` ${[one.format, one.transport].filter(Boolean).join(', ')}`) : null],
      [n('system.gaps', one.gaps), one.losses ? `, ${n('system.losses', one.losses)}` : null],
      one.offset_ms ? el('span', { class: Math.abs(one.offset_ms) > tellOffset ? 'tag warn' : null }, `${number(one.offset_ms / 1000, { signDisplay: 'exceptZero', maximumFractionDigits: 1 })} s`) : t('system.no-offset')]));
}

/** Who outside keeps checkpoints of the diary, and how many entries came since the last one that each signed. */
const parties = ({ parties: list, entries }) => (list.length === 0 ? empty(t('system.no-parties'), t('system.no-parties-about'))
  : table([t('system.party'), t('system.signed'), t('system.size'), t('system.since')], list.map((one) => [
    [el('span', { class: 'mono' }, one.name), el('span', { class: 'quiet' }, ` ${of('system.party-kind', one.kind)}`)],
    one.last ? el('time', { datetime: one.last }, dateTime(one.last)) : el('span', { class: 'tag warn' }, t('system.signed-never')),
    number(one.size), n('system.later', Math.max(entries - one.size, 0))])));

/** The packages for requests, by the entry that ordered each: no request, and nobody's name. */
const packages = (list) => (list.length === 0 ? empty(t('system.no-packages'), t('system.no-packages-about'))
  : table([t('system.entry'), t('system.state'), t('system.destroyed'), t('system.links')], list.map((one) => [
    el('span', { class: 'mono' }, number(one.entry)),
    [el('span', { class: one.state === 'failed' ? 'tag bad' : one.state === 'locked' || one.state === 'gone' ? 'tag warn' : 'tag' }, of('system.package', one.state)), one.percent ? el('span', { class: 'quiet' }, ` ${one.percent} %`) : null],
    one.until ? el('time', { datetime: one.until }, dateTime(one.until)) : '–', one.links ? number(one.links) : '–'])));

/** What browsers are shown, and how long it lasts. */
function certificate(shown) {
  if (!shown) return empty(t('system.no-certificate'), t('system.no-certificate-about'));
  const days = Math.floor((Date.parse(shown.until) - Date.now()) / dayLong);
  return facts([[t('system.issuer'), [shown.issuer, el('span', { class: 'quiet' }, ` ${shown.own ? t('system.own') : t('system.not-own')}`)]],
    [t('system.until'), [dateTime(shown.until), ' ', days < soon ? el('span', { class: 'tag warn' }, n('system.days', Math.max(days, 0))) : el('span', { class: 'quiet' }, n('system.days', days))]],
    [t('system.fingerprint'), el('span', { class: 'mono' }, shown.fingerprint)],
    shown.authority ? [t('system.authority'), el('span', { class: 'mono' }, shown.authority)] : null]);
}

/** What became of the last change of the configuration. */
const config = ({ mistakes, restart }) => [
  mistakes.length ? [el('p', { class: 'note warn' }, t('system.config-bad')), table([t('system.file'), t('system.line'), t('system.mistake')],
    mistakes.map((one) => [one.file ? el('span', { class: 'mono' }, one.file) : '–', one.line ? number(one.line) : '–', one.says[language]]))] : null,
  restart.length ? el('p', { class: 'note warn' }, n('system.restart', restart.length), ' ', el('span', { class: 'mono' }, restart.join(', '))) : null,
  mistakes.length || restart.length ? null : el('p', { class: 'note good' }, t('system.config-good')),
].flat();

const rest = (now) => facts([
  [t('system.now'), dateTime(now.now)], [t('system.clock'), of('system.clock-state', now.clock, now.clock)], [t('system.version'), now.version], [t('system.started'), dateTime(now.started)],
  [t('system.door'), now.locked.length ? el('span', { class: 'tag' }, now.locked.map((one) => of('system.key', one)).join(', ')) : t('system.open')],
  [t('system.sessions'), number(now.sessions)], [t('system.entries'), number(now.entries)],
]);

const facts = (list) => el('dl', { class: 'facts' }, list.filter(Boolean).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));

function showHours({ hours: list, gaps }) {
  fill(byId('hours'), bars(list),
    gaps.length ? el('ul', {}, gaps.map((gap) => el('li', {}, `${dateTime(gap.from)} – ${clock(gap.to)}: ${of('footage.cause', gap.cause)}`))) : el('p', {}, t('system.no-gaps')),
    el('details', { class: 'more' }, el('summary', {}, t('system.as-table')), table([t('system.hour'), t('system.bitrate'), t('system.recorded')],
      list.map((one) => [`${shortDate(one.from)}, ${hour(one.from)} ${zoneAt(one.from)}`, one.bitrate ? rate(one.bitrate) : '–', n('system.minutes', Math.round(one.recorded / 60))]))));
}

const rate = (bits) => (bits < 1e5 ? `${number(bits / 1e3, { maximumFractionDigits: 1 })} kbit/s` : `${number(bits / 1e6, { maximumFractionDigits: 2 })} Mbit/s`);

/** A bar for each hour: as high as its bitrate, as dark as it was recorded whole. */
function bars(list) {
  const most = Math.max(...list.map((one) => one.bitrate), 1);
  const wide = 100 / list.length;
  return el('figure', { class: 'hours' },
    svg('svg', { viewBox: '0 0 100 30', preserveAspectRatio: 'none', role: 'img', 'aria-label': t('system.drawn', { most: rate(most) }) },
      list.map((one, i) => svg('rect', { x: i * wide + wide * 0.1, width: wide * 0.8, y: 30 - 30 * (one.bitrate / most), height: 30 * (one.bitrate / most), class: one.loss || one.recorded < 3500 ? 'part' : 'whole' }))),
    el('figcaption', { class: 'row apart quiet' }, el('span', {}, `${hour(list[0].from)} ${zoneAt(list[0].from)}`), el('span', {}, t('system.most', { most: rate(most) })), el('span', {}, t('system.till-now'))));
}
