// Secret addresses by which somebody who can't come fetches a package: made, listed and ended. Address and passphrase are shown
// once, and go by two ways.

import { get, path, post, remove } from './api.js';
import { askFor, besides, field } from './asking.js';
import { confirm, el, tell, toast } from './dom.js';
import { copying } from './handover.js';
import { warned } from './steps.js';
import { inNumbers } from './time.js';
import { n, t } from './words.js';

const day = 24 * 3600e3;
const lengths = [1, 3, 6]; // days that an address can be good for
const most = 5; // downloads

/** The addresses of a request's package that are good yet. */
export const linksOf = async (id) => (await get(path`/requests/${id}/package/links`)).links;

/** A list of them, and a button that makes one: {one, forms}. again is called when there is another one, or one less. */
export const linkList = (links, about, again) => el('div', { class: 'more' }, el('h3', {}, t('links.title')), el('p', {}, t('links.about')),
  links.length ? el('ul', { class: 'plain-list' }, links.map((link) => el('li', { class: 'row apart' },
    el('span', {}, link.restored ? t('links.restored', { entry: link.entry }) : t('links.good', { until: inNumbers(link.until), uses: n('links.uses', link.uses), entry: link.entry })),
    el('button', { type: 'button', onclick: () => end(about.one.id, link, again) }, t('links.end'))))) : null,
  el('div', { class: 'actions left' }, el('button', { type: 'button', 'data-step': 'link', onclick: () => issue(about, again) }, t('links.new'))));

async function end(id, link, again) {
  if (!await confirm({ title: t('links.end-title'), text: t('links.end-about'), yes: t('links.end'), danger: true })) return;
  try {
    await remove(path`/requests/${id}/package/links/${link.entry}`);
    toast(t('links.ended'));
  } catch (error) {
    tell(error);
  }
  again();
}

function issue({ one, forms }, again) {
  const options = (list, words) => list.map((count) => [String(count), words(count)]);
  askFor({
    title: t('links.new-title'), text: t('links.new-about'), yes: t('links.new'),
    fields: [
      field({ name: 'recipient', label: t('request.hand-recipient'), help: t('request.hand-recipient-help'), required: true, maxlength: 200 }),
      besides(field({ name: 'days', label: t('links.for'), options: options(lengths, (count) => n('links.days', count)), value: '3' }),
        field({ name: 'uses', label: t('links.times'), options: options(Array.from({ length: most }, (_, i) => i + 1), (count) => n('links.uses', count)), value: '1' })),
      ...warned(forms),
    ],
    work: async ({ recipient, days, uses, warned: was }) => {
      const until = new Date(Date.now() + Number(days) * day).toISOString();
      showIssued(await post(path`/requests/${one.id}/package/links`, { recipient, until, uses: Number(uses), warned: was !== undefined }), again);
    },
  });
}

/** Shows address and passphrase, this one time. */
function showIssued({ address, passphrase, until, uses }, again) {
  const dialog = el('dialog', { 'aria-labelledby': 'issued-title', closedby: 'none', oncancel: (event) => event.preventDefault(), onclose: () => { dialog.remove(); again(); } },
    el('h2', { id: 'issued-title' }, t('links.ready')),
    el('ol', { class: 'two-ways' }, secret('link-address', t('links.address'), address), secret('passphrase', t('links.passphrase'), passphrase)),
    el('p', { class: 'note warn' }, t('links.once')),
    el('p', { class: 'quiet' }, t('links.until', { until: inNumbers(until), uses: n('links.uses', uses) })),
    el('div', { class: 'actions' }, el('button', { type: 'button', class: 'main', onclick: () => dialog.close() }, t('links.copied'))));
  document.body.append(dialog);
  dialog.showModal();
}

/** One of the two that go by two ways, with the way that it goes. */
function secret(id, way, text) {
  const { button, copied } = copying(id, text);
  return el('li', {}, el('p', {}, way), el('p', { class: 'passphrase', id }, text), el('div', { class: 'row' }, button, copied));
}
