// The package of a request: it is built while one looks on or does something else, taken out, and handed over.

import { askFile, get, path, post, remove } from './api.js';
import { askFor, field } from './asking.js';
import { deliveryList, goesOn } from './deliveries.js';
import { byId, confirm, el, save, tell, toast } from './dom.js';
import { showOnce } from './handover.js';
import { receiver, warned } from './steps.js';
import { clock, inNumbers } from './time.js';
import { footageList, isShown, reallyList } from './wanted.js';
import { bytes, n, of, t } from './words.js';

const working = ['waiting', 'locked', 'export', 'writing', 'proof'];

/** The last package of a request that is approved, or further; undefined where nobody has asked for one. */
export async function packageOf(id) {
  const { packages: [last] } = await get('/packages', { request: id });
  return last;
}

/** Whether a package is being built, or waits for that. */
export const isBuilding = (pack) => working.includes(pack?.step);

/** The last delivery of a package; undefined where it has not left. */
const lastOf = (pack) => pack.deliveries.filter((one) => one.package === pack.entry).at(-1);

/** Whether a package is on its way out, or waits to be fetched. */
export const isGoing = (pack) => pack !== undefined && pack.deliveries.some(goesOn);

/** What comes next of a package that is built, and what is so since it may have left. */
export function packageNext(pack) {
  const last = pack && lastOf(pack);
  if (pack?.taken) return t('request.next-hand');
  if (!last) return t('request.next-take');
  return goesOn(last) ? t('request.next-going') : t('request.next-again');
}

/** What the page shows of a package. */
export function packageFacts(pack, names) {
  if (!pack) return el('p', { class: 'quiet' }, t('packing.none'));
  return [factsOf(pack, names), pack.deliveries.length ? [el('h3', {}, t('packing.deliveries')), deliveryList(pack.deliveries)] : null].flat(2);
}

function factsOf(pack, names) {
  if (isBuilding(pack)) return progress(pack);
  if (pack.step === 'over') return [el('p', {}, of('packing.why', pack.why, t('packing.gone'))), failure(pack)];
  const facts = [
    [t('packing.size'), bytes(pack.bytes)], [t('packing.has'), reallyList(pack.delivered, names)],
    [t('packing.fingerprint'), el('span', { class: 'mono manifest' }, pack.manifest.replace(/(.{8})(?=.)/g, '$1 '))],
    [t('packing.until'), pack.until ? [t('packing.until-on', { time: inNumbers(pack.until) }), el('br'), el('span', { class: 'quiet' }, t('packing.until-why'))] : t('packing.until-none')],
  ];
  return [el('dl', { class: 'facts' }, facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, ...[value].flat())])),
    el('details', {}, el('summary', {}, t('packing.stick')), el('p', {}, t('packing.stick-about')),
      el('p', { class: 'print-code' }, deliverCommand(pack.request)))];
}

/** The command that writes a package onto a stick, whole but for what nobody knows yet. It is told the folder of the appliance where it would not find that by itself. */
function deliverCommand(request) {
  const { folder } = byId('request').dataset;
  return `sudo varuh package deliver ${request} --to /media/usb --recipient "${t('packing.stick-recipient')}" --medium "${t('packing.stick-medium')}" --warned --as ${t('packing.stick-login')}${
    folder ? ` --dir '${folder.replaceAll("'", "'\\''")}'` : ''}`;
}

/** Why the last try came to nothing, if one did, and who does what next. */
const failure = (pack) => (pack.failed ? el('div', { class: 'note bad' }, el('p', {}, t('packing.failed', { why: pack.failed })), el('p', {}, isBuilding(pack) ? t('packing.failed-again') : t('packing.failed-over'))) : null);

function progress(pack) {
  const known = pack.of > 0 && pack.step === 'writing';
  return el('div', { class: 'building' },
    el('p', {}, el('strong', {}, of('packing.step', pack.step)), known ? ` · ${t('packing.so-far', { done: bytes(pack.done), of: bytes(pack.of) })}` : '', pack.clips ? ` · ${n('packing.clips', pack.clips)}` : ''),
    el('progress', { 'aria-label': t('packing.progress'), ...(known ? { max: pack.of, value: Math.min(pack.done, pack.of) } : {}) }),
    failure(pack),
    el('p', { class: 'quiet' }, t('packing.leave')));
}

const button = (text, main, onclick, step) => el('button', { type: 'button', class: main ? 'main' : null, 'data-step': step, onclick }, text);

/** What can be done with the package now: {one, pack, forms, names, done}. The first is what comes next. */
export function packageSteps(about) {
  const { one, pack } = about;
  if (one.state === 'approved' && !isShown(one)) {
    return isBuilding(pack) ? [button(t('packing.cancel'), false, () => cancel(about), 'cancel')] : [button(t('packing.build'), true, () => build(about), 'build')];
  }
  const there = pack?.step === 'built';
  const record = button(t('packing.record'), false, (event) => printRecord(event.currentTarget, one.id), 'record');
  if (['handed over', 'confirmed'].includes(one.state)) return there ? [record] : [];
  if (one.state !== 'built' || !pack) return [];
  const again = pack.step === 'over' && !pack.deliveries.some((delivery) => delivery.package === pack.entry && delivery.result === 'whole');
  const take = button(pack.taken ? t('packing.take-again') : t('packing.take'), !pack.taken, () => takeOut(about), 'take');
  return [pack.taken ? button(t('packing.hand'), true, () => handOver(about), 'hand over') : null, there ? take : null, there ? record : null,
    again ? button(t('packing.build'), false, () => build(about), 'build') : null].filter(Boolean);
}

/** Gives the handover record, to be printed and signed: as long as the package is there. */
async function printRecord(pressed, id) {
  pressed.disabled = true;
  try {
    const file = await askFile('POST', path`/requests/${id}/package/record`);
    save(file);
    toast(t('packing.record-kept', { name: file.name }));
  } catch (error) {
    tell(error);
  }
  pressed.disabled = false;
}

function build({ one, forms, names, done }) {
  const sound = forms.data.find(({ id }) => id === 'sound')?.text;
  askFor({
    title: t('packing.build-title'), text: t('packing.build-about'), yes: t('packing.build'),
    fields: [footageList(one.footage, names), el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'sound' }), el('span', {}, t('packing.with-sound', { sound })), el('span', { class: 'help' }, t('receive.sound-help')))],
    work: async ({ sound: with_sound }) => {
      await post(path`/requests/${one.id}/build`, with_sound ? { sound: true } : {});
      done(t('packing.begun'));
    },
  });
}

async function cancel({ one, done }) {
  if (!await confirm({ title: t('packing.cancel-title'), text: t('packing.cancel-about'), yes: t('packing.cancel'), danger: true })) return;
  try {
    await remove(path`/requests/${one.id}/package`);
    done(t('packing.cancelled'));
  } catch (error) {
    tell(error);
  }
}

/** Asks for whom the package is taken out, and how; then it can be downloaded once. */
function takeOut(about) {
  const { one, forms } = about;
  const way = (value, label, help) => el('label', { class: 'choice' }, el('input', { type: 'radio', name: 'encrypted', value, checked: (one.form === 'zip') === (value === 'yes') }), el('span', {}, label), el('span', { class: 'help' }, help));
  askFor({
    title: t('packing.take-title'), text: t('packing.take-about'), yes: t('packing.take'),
    fields: [
      el('fieldset', {}, el('legend', {}, t('packing.how')), way('', t('packing.plain'), t('packing.plain-help')), way('yes', t('packing.encrypted'), t('packing.encrypted-help'))),
      field({ name: 'recipient', label: t('request.hand-recipient'), help: t('request.hand-recipient-help'), required: true, maxlength: 200 }),
      field({ name: 'medium', label: t('packing.medium'), help: t('packing.medium-help'), maxlength: 200 }),
      ...warned(forms),
    ],
    work: async ({ encrypted, recipient, medium, warned: was }) => {
      const ready = await post(path`/requests/${one.id}/package/downloads`, { recipient, ...(medium ? { medium } : {}), encrypted: encrypted === 'yes', warned: was !== undefined });
      showReady(ready, about);
    },
  });
}

/** Shows the passphrase, this one time, and gives the file. */
function showReady({ download, passphrase, until }, { done }) {
  showOnce({
    title: t('packing.ready'), secret: passphrase, yes: passphrase ? t('persons.have-it') : t('common.close'), closed: () => done(),
    about: passphrase ? [t('packing.passphrase-about'), t('packing.once', { until: clock(until) })] : [t('packing.unpack'), t('packing.once', { until: clock(until) })],
    links: el('a', { class: 'button main', id: 'download', download: '', href: `/api/v1${download}` }, t('packing.download')),
  });
}

function handOver({ one, pack, forms, done }) {
  askFor({
    title: t('packing.hand-title'), text: t('packing.hand-about'), yes: t('packing.hand'),
    fields: [el('p', {}, t('packing.deliveries'), ':'), deliveryList(pack.deliveries.filter((delivery) => delivery.package === pack.entry)),
      ...receiver(), field({ name: 'medium', label: t('packing.on'), help: t('packing.medium-help'), required: true, maxlength: 1500 }), ...warned(forms),
      field({ name: 'remark', label: t('request.remark'), help: t('request.optional'), maxlength: 1500 })],
    work: async ({ warned: was, remark, ...values }) => {
      await post(path`/requests/${one.id}/handover`, { ...values, ...(remark ? { remark } : {}), warned: was !== undefined });
      done(t('packing.handed'));
    },
  });
}
