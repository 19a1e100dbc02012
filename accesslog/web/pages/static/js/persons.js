// Persons: who they are and by which authorisations, one of them in detail, and tokens of authorities.

import { get, post } from './api.js';
import { askFor, field } from './asking.js';
import { byId, el, empty, fill } from './dom.js';
import { keepUp, Shown } from './events.js';
import { grantForm } from './grant.js';
import { drawn, handOver } from './handover.js';
import { entrance, linesOf, personParts, stateTag, tagsOf } from './person.js';
import { address, asked } from './state.js';
import { table } from './tables.js';
import { dateTime } from './time.js';
import { showTokens } from './tokens.js';
import { language, n, of, t } from './words.js';

const list = byId('list');

/** What the page knows: persons, cameras, roles, and who reads it. */
const known = { persons: [], cameras: [], roles: [], tokens: [], me: undefined, mayPersons: 'persons' in list.dataset, diary: 'diary' in list.dataset };

const persons = new Shown(list, async () => {
  if (!known.me) {
    const [{ cameras }, sets, me] = await Promise.all([get('/cameras'), get('/sets'), get('/session')]);
    Object.assign(known, { cameras, roles: sets.roles, tokens: sets.tokens, me: me.person.id });
  }
  known.persons = (await get('/persons')).persons;
}, (_, unasked) => {
  fill(list, overview());
  show(asked(), unasked); // the person is one who may be there no more
});

/** Shows all anew after something was entered. */
const again = () => persons.again();

byId('add')?.addEventListener('click', add);
begin();

async function begin() {
  await again();
  if (byId('tokens')) await showTokens(byId('tokens'), known);
  if (!known.me) return;
  fill(byId('roles'), roles());
  addEventListener('hashchange', () => show(asked()));
  keepUp({ persons }, list, byId('person'));
}

/** Shows the person who is asked for, else all. Unasked it takes the keyboard from nobody. */
function show({ person }, unasked = false) {
  const place = byId('person');
  const one = known.persons.find((other) => other.person.id === person);
  byId('all').hidden = one !== undefined;
  place.hidden = one === undefined;
  if (!one) {
    fill(place);
    return;
  }
  fill(place, el('p', { class: 'no-print' }, el('a', { href: address({}) }, t('persons.all'))), personParts(one, known, again));
  if (!unasked) place.focus();
}

function overview() {
  if (known.persons.length === 1) return [all(), empty(t('persons.alone'), t('persons.alone-about'))];
  return all();
}

const all = () => [
  table([t('persons.person'), t('persons.authorisations'), t('persons.entrance')], known.persons.map((one) => [
    [el('a', { href: address({ person: one.person.id }) }, one.person.name), el('span', { class: 'under quiet' }, one.person.login)],
    one.authorisations.length === 0 ? el('span', { class: 'tag warn' }, t('persons.none'))
      : el('ul', { class: 'plain-list grants' }, one.authorisations.map((a) => el('li', {}, el('strong', {}, roleOf(a.role)), ' ', stateTag(a), tagsOf(a, known), el('span', { class: 'under quiet' }, linesOf(a, known).join(' · '))))),
    entrance(one),
  ]), { class: 'table persons' }),
  el('p', { class: 'quiet' }, n('persons.count', known.persons.length), ' ', t('persons.as-of', { time: dateTime(new Date()) })),
];

const roleOf = (role) => known.roles.find((one) => one.role === role)?.name ?? role;

const roles = () => table([t('persons.role'), t('persons.does')], known.roles.map((one) => [one.name, [one.does.join(', '), '. ',
  one.ends ? el('span', { class: 'quiet' }, t('persons.must-end'), ' ') : null, one.second ? el('span', { class: 'quiet' }, t('persons.must-second')) : null]]), { class: 'table roles' });

/** The log-in name that a name suggests: ana.novak for Ana Novak. */
const proposed = (name) => name.toLowerCase().replaceAll('đ', 'd').normalize('NFD').replace(/\p{M}/gu, '').replace(/[^a-z0-9]+/g, '.').replace(/^[^a-z]+|\.+$/g, '').slice(0, 32);

/** Adds a person with a first authorisation; the first password is drawn here, and shown once. */
function add() {
  const form = grantForm(known, known.roles);
  const login = field({ name: 'login', label: t('persons.login'), required: true, maxlength: 32, autocapitalize: 'none', spellcheck: 'false', help: t('persons.login-help') });
  const name = field({ name: 'name', label: t('persons.name'), required: true, maxlength: 100, help: t('persons.name-help') });
  const typed = login.querySelector('input');
  let own = false; // the log-in name is what somebody typed
  typed.addEventListener('input', () => { own = typed.value !== ''; });
  name.querySelector('input').addEventListener('input', (event) => { if (!own) typed.value = proposed(event.currentTarget.value); });
  askFor({
    title: t('persons.add'), text: t('persons.add-about'), yes: t('persons.add'), names: { 'login-taken': 'login', 'same-name': 'name' },
    fields: [name, login, field({ name: 'language', label: t('persons.language'), options: [['sl', of('common.language', 'sl')], ['en', of('common.language', 'en')]], value: language }), ...form.fields],
    work: async (values) => {
      const password = drawn();
      const person = await post('/persons', { login: values.login.trim(), name: values.name.trim(), language: values.language, password, authorisations: [form.said(values)] });
      await again();
      handOver(known.persons.find((one) => one.person.id === person.id) ?? { person, authorisations: [] }, password, t('persons.was-added', { name: person.name }));
    },
  });
}
