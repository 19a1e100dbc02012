// The register of disclosures: what was handed over, to whom, when, on what basis and what for. It is read as the diary is,
// with a reason, and made to be printed.

import { get, post } from './api.js';
import { deliveryList } from './deliveries.js';
import { byId, el, empty, fill, onSubmit, trouble } from './dom.js';
import { address } from './state.js';
import { dateTime, shortDate, beginning } from './time.js';
import { askedBeside, footageList } from './wanted.js';
import { n, t } from './words.js';

const form = byId('asked');
const place = byId('disclosures');
let names = {};
let reader = '';

begin();

async function begin() {
  try {
    const [{ cameras }, session] = await Promise.all([get('/cameras'), get('/session')]);
    names = Object.fromEntries(cameras.map(({ id, name }) => [id, name || id]));
    reader = session.person.name;
  } catch (error) {
    form.replaceWith(trouble(error));
    return;
  }
  onSubmit(form, ask, { from: 'since', to: 'until' });
}

async function ask({ since, until, reason }) {
  place.hidden = true;
  const found = await post('/disclosures/readings', { reason: reason.trim(), from: since || undefined, to: until || undefined });
  show(found, { since, until, reason: reason.trim() });
  place.hidden = false;
  place.focus();
}

/** The page that is printed, with what narrows it down. */
function show({ entry, disclosures, more, restored }, { since, until, reason }) {
  const list = el('div', {});
  const recipient = chooser(t('register.recipient'), t('register.all-recipients'), disclosures.map((one) => one.content.applicant?.name ?? ''));
  const basis = chooser(t('register.basis'), t('register.all-bases'), disclosures.map((one) => one.basis_text));
  const narrowed = () => disclosures.filter((one) => (recipient.value === '' || one.content.applicant?.name === recipient.value) && (basis.value === '' || one.basis_text === basis.value));
  const again = () => fill(list, lines(narrowed(), disclosures.length));
  for (const field of [recipient, basis]) field.addEventListener('change', again);
  again();
  fill(place, el('div', { class: 'card' },
    el('p', { class: 'quiet' }, t('register.facts', { from: since ? shortDate(beginning(since)) : t('register.ever'), to: until ? shortDate(beginning(until)) : t('register.today'),
      name: reader, at: dateTime(new Date()), reason, entry })),
    restored.map(({ text }) => el('p', { class: 'note warn restored' }, text)),
    more ? el('p', { class: 'note warn' }, t('register.more')) : null,
    el('div', { class: 'inputs no-print' }, [recipient, basis].map((field) => el('div', { class: 'field' }, el('label', { for: field.id }, field.dataset.label), field)),
      el('button', { type: 'button', onclick: () => print() }, t('register.print'))),
    list));
}

let count = 0;

function chooser(label, all, values) {
  count += 1;
  return el('select', { id: `choose-${count}`, 'data-label': label }, el('option', { value: '' }, all),
    [...new Set(values.filter(Boolean))].sort((a, b) => a.localeCompare(b)).map((value) => el('option', { value }, value)));
}

function lines(list, of) {
  if (of === 0) return empty(t('register.none'), t('register.none-about'));
  if (list.length === 0) return empty(t('register.none-such'), t('register.none-such-about'));
  const heads = [t('register.when'), t('register.whom'), t('register.what'), t('register.basis'), t('register.why'), t('register.by')];
  return [el('p', {}, n('register.count', list.length)),
    el('table', { class: 'table register-table' }, el('thead', {}, el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, head)))),
      list.map((one) => el('tbody', {}, el('tr', {}, cells(one).map((cell, i) => el(i ? 'td' : 'th', { scope: i ? null : 'row', 'data-label': heads[i] }, ...[cell].flat(2).filter(Boolean)))),
        one.deliveries.length ? el('tr', { class: 'ways' }, el('td', { colspan: heads.length }, el('span', { class: 'quiet' }, t('register.left')), deliveryList(one.deliveries))) : null)))];
}

const quiet = (text) => [el('br'), el('span', { class: 'quiet' }, text)];

function cells(one) {
  const { content: { applicant = {}, case: about = {}, purpose, basis_text: says } } = one;
  const gone = el('span', { class: 'quiet' }, t('register.destroyed'));
  return [
    [shortDate(one.at), quiet(t('request.entry', { entry: one.entry })), one.handover && one.handover !== one.entry ? quiet(t('register.entered', { entry: one.handover })) : null,
      one.handover ? null : [el('br'), el('span', { class: 'tag warn' }, t('register.not-entered'))], one.single_handed ? [el('br'), el('span', { class: 'tag warn' }, t('requests.single'))] : null,
      one.withdrawn ? [el('br'), el('span', { class: 'tag' }, t('register.withdrawn'))] : null],
    one.destroyed ? gone : [el('strong', {}, applicant.name ?? ''), applicant.address ? quiet(applicant.address) : null, one.recipient ? quiet(one.handover ? t('register.took', { recipient: one.recipient }) : t('register.meant', { recipient: one.recipient })) : null],
    [el('a', { href: `/request${address({ id: one.request })}` }, t('request.title-of', { id: one.request })), footageList(one.footage, names), askedBeside(one, names), what(one)],
    [one.basis_text, says ? quiet(says) : null],
    one.destroyed ? gone : [purpose || '–', about.subject ? quiet(about.subject) : null, about.number ? quiet(t('requests.of-case', { number: about.number })) : null, about.body ? quiet(about.body) : null],
    [one.person],
  ];
}

/** In what form it went, and how the package is known. */
const what = ({ medium, manifest }) => [
  medium ? el('span', { class: 'quiet' }, t('request.on-medium', { medium })) : null,
  manifest ? [el('br'), el('span', { class: 'mono manifest' }, manifest.slice(0, 16), '…')] : el('span', { class: 'quiet' }, t('register.shown')),
];
