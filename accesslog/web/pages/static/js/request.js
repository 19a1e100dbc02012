// One request: what comes next and until when, which footage it wants and what of it is held, what it says, and its course.
// What it says stands in the diary, and is read when somebody asks for it here.

import { askFile, get, path, post } from './api.js';
import { askFor, field } from './asking.js';
import { contentFacts } from './content.js';
import { courseLine } from './course.js';
import { byId, el, empty, fill, save, tell, toast, trouble } from './dom.js';
import { countOf, dueOf } from './due.js';
import { keepUp, Shown } from './events.js';
import { linkList, linksOf } from './links.js';
import { isBuilding, isGoing, packageFacts, packageNext, packageOf, packageSteps } from './packing.js';
import { address, asked, onAsked } from './state.js';
import { askStep, restored } from './steps.js';
import { table } from './tables.js';
import { inNumbers, shortDate } from './time.js';
import { cameraWords, footageLinks, footageList, isShown, reallyList, spanWords } from './wanted.js';
import { n, of, t } from './words.js';

/** What comes next in each state; what else can be done stands below. */
const main = {
  incomplete: ['supplement', 'approve'], complete: ['approve', 'refuse'], extended: ['approve', 'refuse'], 'own law': ['approve', 'refuse'], silent: ['approve', 'refuse', 'release'],
  approved: ['show'], built: [], 'handed over': ['confirm'], confirmed: ['release'], refused: ['release'], withdrawn: ['release'],
};
const letters = { incomplete: 'missing', refused: 'refusal', extended: 'extension' };
const able = { // steps that this page can do, with what somebody needs for them: what he may never do is not there
  supplement: 'extract', scan: 'extract', withdraw: 'extract', show: 'extract', confirm: 'extract',
  extend: 'approve', 'follow law': 'approve', approve: 'approve', refuse: 'approve', release: 'approve',
};

const patience = 5000; // ms after which the package is looked at though nothing was told
const packed = ['approved', 'built', 'handed over', 'confirmed']; // states in which there may be a package

const page = byId('request');
let forms;
let names = {};
let one; // the request
let told; // what its entries say, once somebody has asked
let reason = 'extract' in page.dataset ? {} : undefined; // why it is read; undefined until somebody has said so
let pack; // its package, if there is one
let links; // the addresses by which it can be fetched, if they could be had
let looking; // timer: who is told of nothing looks all the same

const whole = new Shown(page, ask, showAll, failed);
const progress = new Shown(byId('package'), async () => {
  if (!packed.includes(one?.state) || isShown(one) || !('package' in page.dataset)) return undefined;
  const { id } = one;
  return { id, its: await packageOf(id) };
}, showProgress);

begin();

async function begin() {
  try {
    const [all, { cameras }] = await Promise.all([get('/requests/forms'), get('/cameras')]);
    forms = all;
    names = Object.fromEntries(cameras.map(({ id, name }) => [id, name || id]));
  } catch (error) {
    fill(byId('trouble'), trouble(error));
    page.removeAttribute('aria-busy');
    return;
  }
  keepUp({ packages: progress, requests: whole });
  onAsked(show);
}

/** Shows the request that the address asks for. */
async function show() {
  const { id, kept, late, large } = asked();
  if (id !== one?.id) told = undefined;
  if (kept) history.replaceState(null, '', address({ id }));
  await whole.again();
  if (!kept || !one) return;
  toast(t('receive.kept', { id: one.id }));
  if (Number(late) > 0) toast(n('receive.late', Number(late)), 'warn');
  if (large) toast(t('receive.large'), 'warn');
}

/** All that is to be had of the request that the address asks for. */
async function ask() {
  const { id } = asked();
  const now = id ? await get(path`/requests/${id}`) : undefined;
  const its = packed.includes(now?.state) && !isShown(now) && 'package' in page.dataset ? await packageOf(id) : undefined;
  return { id, now, its, theirs: isFetched(now, its) && its.links ? await linksOf(id).catch(tell) : undefined };
}

function showAll({ id, now, its, theirs }) {
  if (asked().id !== id) return; // another one is asked for meanwhile
  const stood = page.contains(document.activeElement) ? document.activeElement : undefined;
  one = now;
  pack = its;
  links = theirs;
  fill(byId('trouble'), one ? null : empty(t('request.none'), t('request.none-about')));
  if (one?.course.some(({ op, entry }) => op === 'request.supplement' && told && !known(entry))) told = undefined; // it says something else now
  if (one) parts();
  page.hidden = !one;
  if (stood && !page.contains(document.activeElement)) (alike(stood) ?? byId('next')).focus();
}

/** What is now what an element was before all was made anew: who stands there with the keyboard stays. */
const alike = ({ id, dataset: { step } }) => page.querySelector(step ? `[data-step="${step}"]` : id ? `#${CSS.escape(id)}` : 'none');

/** Says what came in the way. The request that is asked for stays if it is shown. */
function failed(error) {
  fill(byId('trouble'), trouble(error));
  page.hidden = one === undefined || asked().id !== one.id;
}

function parts() {
  page.dataset.state = one.state;
  fill(byId('title'), t('request.title-of', { id: one.id }));
  fill(byId('tags'), el('span', { class: 'tag' }, of('requests.kind-of', one.kind)), one.single_handed ? el('span', { class: 'tag warn' }, t('requests.single')) : null,
    one.paper_pending ? el('span', { class: 'tag warn' }, t('requests.pending')) : null, one.by_token ? el('span', { class: 'tag' }, t('requests.by-token')) : null);
  fill(byId('next-now'), next());
  const due = dueOf(one);
  fill(byId('due'), el('p', {}, t('request.came', { day: shortDate(one.received) })), due.length ? [due, one.due.some(({ what }) => what === 'decision') ? countOf(one) : null].flat() : el('p', { class: 'quiet' }, t('request.no-due')));
  fill(byId('footage'), footage());
  fill(byId('content'), said());
  showPackage();
  fill(byId('course'), courseLine(one.course.map((step) => known(step.entry) ?? step), { id: one.id, reads: 'diary' in page.dataset, reason }),
    one.course.every(({ entry }) => known(entry)) ? null : el('div', { class: 'actions left' }, el('button', { type: 'button', class: 'plain', onclick: read }, t('request.who'))));
  const other = one.steps.filter(({ step, may }) => may && able[step] in page.dataset && !mainNow().includes(step));
  byId('other-part').hidden = other.length === 0;
  fill(byId('other'), el('div', { class: 'actions left' }, other.map((step) => button(step))));
}

/** What the entry of a step says, if it was read. */
const known = (entry) => told?.course.find((step) => step.entry === entry);

/** Whether a package is such that it can be fetched by an address, and the reader one who may give that. */
const isFetched = (request, its) => request?.state === 'built' && its?.step === 'built' && 'extract' in page.dataset;

/** Shows the package, and how far it has come while it is being built. */
function showPackage() {
  byId('package-part').hidden = !pack;
  fill(byId('package'), packageFacts(pack, names));
  if (isFetched(one, pack) && links) byId('package').append(linkList(links, { one, forms }, () => whole.again()));
  if (isFetched(one, pack) && !pack.links) byId('package').append(el('p', { class: 'more quiet' }, t('links.nowhere')));
  lookLater();
}

function lookLater() {
  clearTimeout(looking);
  if (isBuilding(pack) || isGoing(pack)) looking = setTimeout(() => progress.renew(), patience);
}

/** Shows how far the package has come; once it is there, or gone, the request is another one, too. */
function showProgress(now) {
  if (now && one?.id === now.id && asked().id === now.id && JSON.stringify(now.its) !== JSON.stringify(pack)) {
    if (!isBuilding(now.its) || !isBuilding(pack)) {
      whole.renew();
      return;
    }
    pack = now.its;
    showPackage();
    return;
  }
  lookLater();
}

/** The steps that come next, now. */
const mainNow = () => [...(one.paper_pending ? ['scan'] : []), ...(one.released ? left() ? ['release'] : [] : (main[one.state] ?? []).filter((step) => step !== 'show' || isShown(one)))];

/** Whether something is still held for it. */
const left = () => one.holds.some((hold) => hold.in_force);

function sentence() {
  if (isBuilding(pack)) return t('request.next-building');
  if (one.state === 'built') return packageNext(pack);
  if (one.released) return left() ? t('request.next-left') : t('request.next-released');
  if (one.state === 'approved' && isShown(one)) return t('request.next-view');
  return of('request.next-of', one.state);
}

function next() {
  const steps = mainNow().map((name) => one.steps.find(({ step }) => step === name)).filter((step) => step && able[step.step] in page.dataset);
  const can = steps.filter(({ may }) => may);
  const not = steps.filter(({ may, step }) => !may && !(step === 'approve' && one.missing.length)); // what is missing is listed
  const letter = letters[one.state];
  const buttons = [can.map((step, i) => button(step, i === 0)), 'extract' in page.dataset ? packageSteps({ one, pack, forms, names, done: stepped }) : [],
    letter && 'letters' in page.dataset ? el('button', { type: 'button', onclick: (event) => print(event.currentTarget, letter) }, of('request.letter', letter)) : []].flat();
  return [
    el('p', { class: 'next-line' }, sentence()),
    one.left && (one.state === 'built' || one.state === 'approved' && isShown(one)) ? el('p', { class: 'note' }, t('request.left', { since: inNumbers(one.left) })) : null,
    restored(one),
    one.form === 'masked' && one.state === 'approved' ? el('p', { class: 'note warn' }, t('request.masked')) : null,
    one.missing.length ? [el('p', {}, n('request.missing', one.missing.length)), el('ul', {}, one.missing.map(({ text }) => el('li', {}, text)))] : null,
    not.length ? el('ul', { class: 'plain-list quiet' }, not.map(({ step, why }) => el('li', {}, `${of('request.step', step)}: ${why}.`))) : null,
    buttons.length ? el('div', { class: 'actions left' }, buttons) : null,
  ].flat();
}

function button(step, first = false) {
  if (step.step === 'supplement') return el('a', { class: first ? 'button main' : 'button', href: `/receive${address({ supplement: one.id })}` }, of('request.step', step.step));
  return el('button', { type: 'button', class: first ? 'main' : null, 'data-step': step.step, onclick: () => take(step) }, of('request.step', step.step));
}

/** Asks for what a step needs, and does it. Whoever decides sees before what the request says. */
async function take(step) {
  if (['approve', 'refuse'].includes(step.step) && !told && !(await read())) return;
  await askStep(step, { one, told, forms, names, done: stepped }).catch(tell);
}

async function stepped(text) {
  if (text) toast(text);
  await whole.again();
  byId('next').focus();
}

/** Reads what the request says, which is entered; tells whether that could be had. Who does not work on it is asked for what. */
async function read() {
  try {
    if ('extract' in page.dataset) await open({});
    else askReason();
  } catch (error) {
    tell(error);
    return false;
  }
  return told !== undefined;
}

async function open(why) {
  const { id } = one;
  const read = await post(path`/requests/${id}/readings`, why);
  if (one?.id !== id || asked().id !== id) return; // another one is shown meanwhile
  told = read;
  reason = why;
  parts();
}

const askReason = () => askFor({
  title: t('request.read'), text: t('request.content-about'), yes: t('request.read'), work: open,
  fields: [field({ name: 'reason', label: t('register.reason'), help: t('register.reason-help'), required: true, maxlength: 300 })],
});

/** Gives a letter to print. */
async function print(pressed, letter) {
  pressed.disabled = true;
  try {
    const file = await askFile('POST', path`/requests/${one.id}/letters/${letter}`, {});
    save(file);
    toast(t('request.letter-kept', { name: file.name }));
  } catch (error) {
    tell(error);
  }
  pressed.disabled = false;
}

function said() {
  if (told?.destroyed) return el('p', { class: 'quiet' }, t('request.destroyed'));
  if (told) return contentFacts(told.content, one.kind, forms);
  return [el('p', {}, t('request.content-about')), el('div', { class: 'actions left' }, el('button', { type: 'button', id: 'read', onclick: read }, t('request.read')))];
}

function footage() {
  if (one.footage.length === 0) return el('p', { class: 'quiet' }, t('request.no-footage'));
  const shows = one.state === 'approved' && isShown(one) && 'shows' in page.dataset;
  const asks = shows || ['incomplete', 'complete', 'extended', 'own law', 'silent', 'approved'].includes(one.state) && !one.released && 'preview' in page.dataset;
  return [
    table([t('request.camera'), t('request.span'), t('request.hold'), ...(asks ? [t('request.preview')] : [])], one.footage.map((wanted) => [
      cameraWords(wanted.camera, names), spanWords(wanted), held(wanted), ...(asks ? [footageLinks(wanted, names, one.id, t('request.look'))] : [])])),
    asks ? el('p', { class: 'quiet' }, shows ? t('request.shows-about', { id: one.id }) : t('request.preview-about', { id: one.id })) : null,
    one.delivered.length && pack?.step !== 'built' ? [el('h3', {}, isShown(one) ? t('request.shown') : t('request.delivered')), isShown(one) ? footageList(one.delivered, names) : reallyList(one.delivered, names)] : null,
  ].flat(2);
}

/** Whether footage is held for the request. */
function held(wanted) {
  const same = one.holds.filter((hold) => hold.camera === wanted.camera && hold.from === wanted.from && hold.to === wanted.to);
  if (same.some((hold) => hold.in_force)) return el('span', { class: 'tag good' }, t('request.held'));
  return same.length ? el('span', { class: 'tag' }, t('request.hold-ended')) : el('span', { class: 'tag warn' }, t('request.not-held'));
}
