// What is shown once and kept nowhere: a password that somebody gets from somebody else, the text of a token, or a package to be
// downloaded.

import { path, put } from './api.js';
import { askFor, field } from './asking.js';
import { byId, el, toast } from './dom.js';
import { address } from './state.js';
import { t } from './words.js';

const letters = 'abcdefghjkmnpqrstuvwxyz23456789'; // none of which looks like another on paper

/** A password of twenty letters, 99 bits, in groups that can be read aloud. */
export function drawn() {
  const list = [];
  while (list.length < 20) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 8 * letters.length) list.push(letters[byte % letters.length]); // or some would come more often
  }
  return list.join('').match(/.{5}/g).join('-');
}

/** A button that copies what stands in an element, and the place where it says whether it did. */
export function copying(id, secret) {
  const copied = el('span', { role: 'status', class: 'quiet' });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      copied.textContent = t('persons.copied');
    } catch { // the browser gives no clipboard
      getSelection().selectAllChildren(byId(id));
      copied.textContent = t('persons.copy-by-hand');
    }
  };
  return { button: el('button', { type: 'button', autofocus: true, 'aria-describedby': id, onclick: copy }, t('persons.copy')), copied };
}

/** Shows what is to be had once, and a secret with it if there is one, until the reader says that he has it; closed is called then. */
export function showOnce({ title, about, secret, links = [], yes = t('persons.have-it'), closed }) {
  const { button, copied } = secret ? copying('once', secret) : {};
  const get = [links].flat().find((link) => link.classList.contains('main')); // which comes first: until then nothing else is the main thing
  const done = el('button', { type: 'button', class: get ? null : 'main', id: 'once-done', onclick: () => dialog.close() }, yes);
  const dialog = el('dialog', { 'aria-labelledby': 'once-title', closedby: 'none', oncancel: (event) => event.preventDefault(), onclose: () => { dialog.remove(); closed?.(); } },
    el('h2', { id: 'once-title' }, title),
    about.filter(Boolean).map((line) => el('p', {}, line)),
    secret ? el('output', { class: 'print-code once', id: 'once' }, secret) : null,
    el('div', { class: 'row' }, button, links, copied),
    el('div', { class: 'actions' }, done));
  get?.addEventListener('click', () => {
    get.classList.remove('main');
    done.classList.add('main');
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** The paper of an authorisation, for signature. */
export const paperLink = (a, text = t('persons.paper-get'), properties = { class: 'button' }) => el('a', { download: '', href: `/api/v1${path`/authorisations/${a.id}/paper`}`, ...properties }, text);

/** Shows a password for somebody else; then the person in detail, where what comes next stands. */
export function handOver({ person, authorisations }, password, title) {
  const unsigned = authorisations.filter((a) => a.state === 'unsigned');
  showOnce({
    title, secret: password, about: [t('persons.password-once', { login: person.login }), unsigned.length ? t('persons.sign-first') : null],
    links: unsigned.map((a) => paperLink(a)), closed: () => { location.hash = address({ person: person.id }); },
  });
}

/** Sets a password for somebody else, which is drawn here. */
export function resetPassword(one, again) {
  askFor({
    title: t('persons.reset-title', { name: one.person.name }), text: [t('persons.reset-about'), t('persons.reset-then')], danger: true, yes: t('persons.reset'),
    fields: [field({ name: 'reason', label: t('persons.reason'), required: true, maxlength: 500, help: t('persons.reason-help') })],
    work: async ({ reason }) => {
      const password = drawn();
      await put(path`/persons/${one.person.id}/password`, { password, reason });
      toast(t('persons.was-reset'));
      await again();
      handOver(one, password, t('persons.reset-title', { name: one.person.name }));
    },
  });
}
