// Notices: what is missing for each camera, the versions of one, and what is done with them.

import { get, path, post } from './api.js';
import { askFor, besides, field } from './asking.js';
import { byId, el, empty, fill, toast, trouble } from './dom.js';
import { keepUp, Shown } from './events.js';
import { openForm } from './noticeform.js';
import { address, asked, onAsked } from './state.js';
import { table } from './tables.js';
import { dateTime, dayOf, shortDate } from './time.js';
import { language, n, t } from './words.js';

let cameras = [];
const nameOf = (id) => cameras.find((one) => one.id === id)?.name || id;
const may = 'may' in byId('versions').dataset;

/** The camera whose versions are shown. */
const chosen = () => (cameras.some((one) => one.id === asked().camera) ? asked().camera : cameras[0].id);

const missing = new Shown(byId('missing'), async () => {
  if (cameras.length === 0) ({ cameras } = await get('/cameras'));
  return get('/notices/missing');
}, (now) => fill(byId('missing'), lacking(now.cameras)));

const versions = new Shown(byId('versions'), async () => {
  const camera = chosen();
  return { camera, ...await get(path`/cameras/${camera}/notices`) };
}, ({ camera, notices }) => {
  byId('camera').value = camera;
  fill(byId('versions'), notices.length ? [...notices].reverse().map((one) => version(one, camera)) : empty(t('notices.none'), t('notices.none-about')));
});

begin();

async function begin() {
  await missing.again(); // which learns the cameras
  fill(byId('camera'), cameras.map((one) => el('option', { value: one.id }, one.name || one.id)));
  if (cameras.length === 0) {
    fill(byId('versions')).removeAttribute('aria-busy');
    return;
  }
  onAsked(() => versions.again());
  keepUp({ notices: [missing, versions] }, byId('missing'), byId('versions'));
}

byId('camera').addEventListener('change', (event) => { location.hash = address({ camera: event.currentTarget.value }); });
byId('new')?.addEventListener('click', () => write());
byId('decide')?.addEventListener('click', decide);

/** Shows all anew after something was entered. */
const again = () => Promise.all([missing.again(), versions.again()]);

function lacking(list) {
  if (list.length === 0) return empty(t('notices.no-cameras'), t('notices.no-cameras-about'));
  return table([t('notices.camera'), t('notices.state'), t('notices.pending')],
    list.map((one) => [el('a', { href: address({ camera: one.camera }) }, nameOf(one.camera)),
      !one.notice ? el('span', { class: 'tag bad' }, t('notices.no-notice')) : one.missing.length ? [el('span', { class: 'tag bad' }, t('notices.incomplete')), texts(one.missing)] : el('span', { class: 'tag good' }, t('notices.complete')),
      one.notice && one.pending.length ? texts(one.pending) : one.notice ? el('span', { class: 'tag good' }, t('notices.nothing-missing')) : '–']));
}

const texts = (list) => el('ul', { class: 'plain-list' }, list.map((one) => el('li', {}, one.text)));

/** How a version stands now. */
function standing(one) {
  const now = new Date();
  if (one.replaced) return el('span', { class: 'tag' }, t('notices.replaced'));
  if (new Date(one.from) > now) return el('span', { class: 'tag warn' }, t('notices.to-come'));
  if (one.to && new Date(one.to) <= now) return el('span', { class: 'tag' }, t('notices.ended'));
  return el('span', { class: 'tag good' }, t('notices.in-force'));
}

function version(one, camera) {
  const paper = (kind, tongue, text) => el('a', { class: 'button', download: '', href: `/api/v1${path`/cameras/${camera}/notices/${one.id}/${kind}`}?language=${tongue}` }, text);
  const { content } = one;
  const said = (text) => text?.[language] || text?.sl || text?.en;
  const over = one.replaced || (one.to && new Date(one.to) <= new Date());
  return el('article', { class: 'more' },
    el('h3', {}, one.to ? t('notices.from-to', { from: dateTime(one.from), to: dateTime(one.to) }) : t('notices.from-on', { from: dateTime(one.from) }), ' ', standing(one), ' ',
      one.entered_later ? el('span', { class: 'tag' }, t('notices.later')) : null),
    el('dl', { class: 'facts' },
      [[t('notices.purposes'), el('ul', { class: 'plain-list' }, content.purposes.map((purpose) => el('li', {}, said(purpose), purpose.basis ? el('span', { class: 'quiet' }, ` (${purpose.basis})`) : null)))],
        [t('notices.area'), said(content.area)], [t('notices.kept'), said(content.kept)],
        [t('notices.unusual'), [content.live && t('notices.has-live'), content.speaks && t('notices.has-speaks'), content.audio && t('notices.has-audio')].filter(Boolean).join(', ') || t('notices.has-none')],
        [t('notices.decision'), one.decision ? t('notices.decided', { number: one.decision.number, date: shortDate(one.decision.date) }) : el('span', { class: 'tag warn' }, t('notices.no-decision'))],
        [t('notices.informed'), one.informed.length ? el('ul', { class: 'plain-list' }, one.informed.map((list) => el('li', {}, shortDate(list.date), ': ', ...signedBy(list)))) : el('span', { class: 'tag warn' }, t('notices.nobody'))],
        [t('notices.missing'), one.missing.length ? texts(one.missing) : null]]
        .filter(([, value]) => value).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
    el('div', { class: 'actions left' }, paper('sign', 'sl', t('notices.sign-sl')), paper('sign', 'en', t('notices.sign-en')), paper('web', language, t('notices.web-text')), paper('informed', 'sl', t('notices.informed-paper')), one.decision ? paper('decision', 'sl', t('notices.decision-paper')) : null,
      may ? el('button', { type: 'button', onclick: () => write(one) }, t('notices.like-this')) : null,
      may && !over ? el('button', { type: 'button', onclick: () => inform(one) }, t('notices.inform')) : null,
      may && !over ? el('button', { type: 'button', onclick: () => end(one, camera) }, t('notices.end')) : null));
}

/** Opens the form for a new version, which begins with what another one says, or with what is usual. */
async function write(like) {
  try {
    const content = like?.content ?? (await get('/notices/usual'));
    openForm({ content, cameras, chosen: chosen(), done: again });
  } catch (error) {
    fill(byId('missing'), trouble(error));
  }
}

function end(one, camera) {
  const begun = new Date(one.from) <= new Date();
  askFor({
    title: begun ? t('notices.end-title') : t('notices.withdraw-title'), text: [nameOf(camera), begun ? t('notices.end-about') : t('notices.withdraw-about')],
    fields: [field({ name: 'reason', label: t('notices.reason'), required: true, maxlength: 300 })], yes: t('notices.end'), danger: true,
    work: async ({ reason }) => {
      await post(path`/notices/${one.id}/end`, { cameras: [camera], reason });
      toast(t('notices.was-ended'));
      again();
    },
  });
}

function inform(one) {
  askFor({
    title: t('notices.inform'), text: t('notices.inform-about'), yes: t('notices.enter'),
    fields: [field({ name: 'names', label: t('notices.names'), kind: 'textarea', required: true, help: t('notices.names-help') }),
      field({ name: 'date', label: t('notices.signed-on'), type: 'date', required: true, max: dayOf(new Date()) }),
      el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'all' }), el('span', {}, t('notices.that-is-all')))],
    work: async ({ names, date, all }) => {
      await post(path`/notices/${one.id}/informed`, { names: names.split('\n').map((name) => name.trim()).filter(Boolean), date, all: all !== undefined });
      toast(t('notices.was-entered'));
      again();
    },
  });
}

function decide() {
  const boxes = cameras.map((one) => el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'camera', value: one.id, checked: true }), el('span', {}, one.name || one.id)));
  const place = el('fieldset', {}, el('legend', {}, t('notices.cameras')), boxes);
  askFor({
    title: t('notices.decide'), text: t('notices.decide-about'), yes: t('notices.enter'),
    fields: [place, besides(field({ name: 'number', label: t('notices.number'), required: true, maxlength: 100 }), field({ name: 'date', label: t('notices.date'), type: 'date', required: true, max: dayOf(new Date()) })),
      field({ name: 'reasons', label: t('notices.reasons'), kind: 'textarea', required: true, maxlength: 4000 })],
    work: async ({ number, date, reasons }) => {
      await post('/decisions', { cameras: [...place.querySelectorAll('input:checked')].map((box) => box.value).sort(), number, date, reasons });
      toast(t('notices.was-entered'));
      again();
    },
  });
}

/** How many have signed that they were informed, and whether these are all who work there. */
function signedBy({ count, all }) {
  if (all && count === 0) return [t('notices.no-staff')];
  return all ? [n('notices.people', count), ', ', el('span', { class: 'tag good' }, t('notices.all'))] : [n('notices.people', count)];
}
