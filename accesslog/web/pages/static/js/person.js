// One person: what is known, each authorisation, and what can be done with them. Each step says beforehand what will happen.

import { path, post, put } from './api.js';
import { askFor, field } from './asking.js';
import { byId, el, toast } from './dom.js';
import { grantForm, lastDay } from './grant.js';
import { paperLink, resetPassword } from './handover.js';
import { address } from './state.js';
import { table } from './tables.js';
import { beginning, dateTime, dayOf, shortDate } from './time.js';
import { n, number, of, t } from './words.js';

/** How an authorisation stands; one that is in force needs no word. */
export const stateTag = (a) => (a.state === 'in force' ? null : el('span', { class: a.state === 'expired' ? 'tag' : 'tag warn' }, of('persons.state', a.state)));

/** What is special about an authorisation. */
export const tagsOf = (a, known) => [
  a.deputy_of ? [' ', el('span', { class: 'tag' }, t('persons.deputy-of', { name: nameOf(a.deputy_of, known) }))] : null,
  a.outside ? [' ', el('span', { class: 'tag' }, t('persons.also-outside'))] : null,
  a.role === 'guard' ? [' ', el('span', { class: 'tag' }, n('persons.looks-back', a.back_minutes ?? 0))] : null,
].flat();

const nameOf = (id, { persons }) => persons.find((one) => one.person.id === id)?.person.name ?? t('persons.gone');
const camerasOf = (a, { cameras }) => (a.cameras[0] === '*' ? t('persons.cameras-all') : a.cameras.map((id) => cameras.find((one) => one.id === id)?.name || id).join(', '));
const validOf = (a) => `${shortDate(a.from)} – ${a.to ? shortDate(beginning(lastDay(a.to))) : t('persons.open')}`;
const grantedOf = (a, known) => (a.granted_by ? t('persons.granted', { name: nameOf(a.granted_by, known) }) : t('persons.granted-console'));

/** What the roles of authorisations open by logging in. */
const keysOf = (authorisations, { roles }) => Object.entries({ footage: ['play', 'live', 'open aim'], diary: ['read diary'] })
  .filter(([, actions]) => authorisations.some((a) => roles.find((one) => one.role === a.role)?.may.some((action) => actions.includes(action)))).map(([key]) => key);

/** What nobody else can open by logging in, once somebody has but some authorisations left. */
export function onlyOpener(one, left, known) {
  const stay = keysOf(left, known);
  const others = known.persons.filter((other) => other !== one && other.authorisations.some((a) => a.state === 'in force'));
  return one.opens.filter((key) => !stay.includes(key) && !others.some((other) => other.opens.includes(key)));
}

const inWords = (keys) => keys.map((key) => of('persons.key', key)).join(', ');
const lastOpener = (keys) => (keys.length ? t('persons.nobody-else', { keys: inWords(keys) }) : null);

/** Cameras, days and who granted it, for the list. */
export const linesOf = (a, known) => [camerasOf(a, known), validOf(a), grantedOf(a, known)];

/** Whether somebody can log in, and what keeps him from it. */
export function entrance({ authorisations, duty }) {
  const best = ['in force', 'unsigned', 'not yet', 'expired'].find((state) => authorisations.some((a) => a.state === state));
  if (best !== 'in force') return el('span', { class: 'tag bad' }, of('persons.kept-out', best ?? 'none'));
  return duty ? el('span', { class: 'tag warn' }, of('persons.duty', duty)) : el('span', { class: 'tag good' }, t('persons.may-enter'));
}

/** All about a person; again shows it anew. */
export function personParts(one, known, again) {
  const { person, authorisations } = one;
  const self = person.id === known.me;
  return [
    el('div', { class: 'row apart' }, el('h2', {}, person.name), entrance(one)),
    self ? el('p', { class: 'note no-print' }, t('persons.self'), ' ', el('a', { href: '/account' }, t('persons.own-account'))) : null,
    el('dl', { class: 'facts' }, facts(one, known).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, ...[value].flat())])),
    el('h3', {}, t('persons.authorisations')),
    authorisations.length === 0 ? el('div', { class: 'empty' }, el('p', { class: 'empty-title' }, t('persons.none')), el('p', {}, t('persons.none-about')))
      : table([t('persons.role'), t('persons.cameras'), t('persons.valid'), t('persons.signed'), t('persons.granted-by'), t('persons.do')], authorisations.map((a) => row(a, one, known, again)), { class: 'table grants-table' }),
    el('div', { class: 'actions left' },
      self ? null : el('button', { type: 'button', class: 'main', id: 'grant', onclick: () => grant(one, known, again) }, t('persons.grant')),
      known.mayPersons ? el('button', { type: 'button', id: 'rename', onclick: () => rename(person, again) }, t('persons.rename')) : null,
      known.mayPersons && !self ? el('button', { type: 'button', id: 'reset', onclick: () => resetPassword(one, again) }, t('persons.reset')) : null,
      known.diary ? el('a', { class: 'button', id: 'accesses', href: `/diary${address({ person: person.name })}` }, t('persons.accesses')) : null,
      known.mayPersons && !self ? el('button', { type: 'button', id: 'remove', onclick: () => removal(one, known, again) }, t('persons.remove')) : null),
  ];
}

function facts({ person, authorisations, opens, renew, reset, duty }, known) {
  const password = reset ? t('persons.password-by', { name: reset.by, time: dateTime(reset.at) }) : renew ? t('persons.password-first') : t('persons.password-own');
  const second = person.second ? t('persons.second-on') : duty === 'second' ? t('persons.second-must') : t('persons.second-off');
  const later = keysOf(authorisations.filter((a) => a.state !== 'expired'), known).filter((key) => !opens.includes(key));
  return [[t('persons.login'), person.login], [t('persons.language'), of('common.language', person.language)], [t('persons.password'), password], [t('persons.second'), second],
    [t('persons.opens'), [opens.length ? inWords(opens) : t('persons.opens-nothing'), later.length ? el('span', { class: 'quiet' }, ' ', t('persons.opens-later', { keys: inWords(later) })) : null].filter(Boolean)]];
}

function row(a, one, known, again) {
  const self = one.person.id === known.me;
  return [
    [known.roles.find((role) => role.role === a.role)?.name ?? a.role, ' ', stateTag(a), tagsOf(a, known)], camerasOf(a, known), validOf(a),
    a.paper ? shortDate(a.paper) : el('span', { class: 'tag warn' }, t('persons.unsigned')),
    [a.granted_by ? nameOf(a.granted_by, known) : t('persons.console'), known.diary ? [' ', el('a', { href: `/diary${address({ entry: a.entry })}` }, t('persons.entry', { entry: number(a.entry) }))] : null],
    el('div', { class: 'row do' }, paperLink(a, t('persons.paper'), {}),
      a.paper || self ? null : el('button', { type: 'button', class: 'plain', onclick: () => sign(a, one, again) }, t('persons.sign')),
      self ? null : el('button', { type: 'button', class: 'plain', onclick: () => replace(a, one, known, again) }, t('persons.replace')),
      el('button', { type: 'button', class: 'plain', onclick: () => end(a, one, known, again) }, t('persons.end'))),
  ];
}

/** Asks for what somebody is to be allowed. */
function grant(one, known, again) {
  const form = grantForm(known, known.roles, { of: one.person.id });
  askFor({
    title: t('persons.grant-title', { name: one.person.name }), text: t('persons.grant-about'), fields: form.fields, yes: t('persons.grant'),
    work: async (values) => {
      const a = await post(path`/persons/${one.person.id}/authorisations`, form.said(values));
      toast(a.state === 'unsigned' ? t('persons.granted-unsigned') : t('persons.was-granted'));
      again();
    },
  });
}

/** Grants another in the place of one, which ends. If it can't end, both are there, and why is said. */
function replace(a, one, known, again) {
  const form = grantForm(known, known.roles, { like: a, of: one.person.id });
  askFor({
    title: t('persons.replace-title', { name: one.person.name }), text: t('persons.replace-about'), fields: form.fields, yes: t('persons.replace'),
    work: async (values) => {
      const next = await post(path`/persons/${one.person.id}/authorisations`, form.said(values));
      try {
        await post(path`/authorisations/${a.id}/end`, { reason: t('persons.replaced-by', { id: next.id }) });
        toast(next.state === 'unsigned' ? t('persons.granted-unsigned') : t('persons.was-granted'));
      } catch (error) {
        toast(t('persons.both-stay', { why: error.said }), 'bad');
      }
      again();
    },
  });
}

function sign(a, one, again) {
  askFor({
    title: t('persons.sign-title'), text: t('persons.sign-about', { name: one.person.name }), names: {}, yes: t('persons.sign'),
    fields: [field({ name: 'day', label: t('persons.signed-on'), type: 'date', required: true, max: dayOf(new Date()), value: dayOf(new Date()) })],
    work: async ({ day }) => {
      await put(path`/authorisations/${a.id}/paper`, { day });
      toast(t('persons.was-signed'));
      again();
    },
  });
}

function end(a, one, known, again) {
  const last = a.state === 'in force' && one.authorisations.every((other) => other === a || other.state !== 'in force');
  askFor({
    title: t('persons.end-title', { name: one.person.name }), text: [t('persons.end-about'), last ? t('persons.end-last', { name: one.person.name }) : null,
      lastOpener(onlyOpener(one, one.authorisations.filter((other) => other !== a && other.state !== 'expired'), known))].filter(Boolean), yes: t('persons.end'), danger: true,
    fields: [field({ name: 'reason', label: t('persons.reason'), required: true, maxlength: 500, help: t('persons.reason-help') })],
    work: async ({ reason }) => {
      await post(path`/authorisations/${a.id}/end`, { reason });
      toast(t('persons.was-ended'));
      again();
    },
  });
}

function rename(person, again) {
  askFor({
    title: t('persons.rename'), text: t('persons.rename-about'), yes: t('persons.save'), names: { 'login-taken': 'login', 'same-name': 'name' },
    fields: [field({ name: 'name', label: t('persons.name'), required: true, maxlength: 100, value: person.name }),
      field({ name: 'login', label: t('persons.login'), required: true, maxlength: 32, value: person.login, autocapitalize: 'none', spellcheck: 'false' }),
      field({ name: 'language', label: t('persons.language'), options: [['sl', of('common.language', 'sl')], ['en', of('common.language', 'en')]], value: person.language })],
    work: async ({ name, login, language }) => {
      await put(path`/persons/${person.id}`, { name: name.trim(), login: login.trim(), language });
      toast(t('persons.was-saved'));
      again();
    },
  });
}

function removal(one, known, again) {
  const { person } = one;
  askFor({
    title: t('persons.remove-title', { name: person.name }), text: [t('persons.remove-about'), t('persons.remove-stays'), lastOpener(onlyOpener(one, [], known))].filter(Boolean), yes: t('persons.remove'), danger: true,
    fields: [field({ name: 'reason', label: t('persons.reason'), required: true, maxlength: 500, help: t('persons.reason-help') })],
    work: async ({ reason }) => {
      await post(path`/persons/${person.id}/removal`, { reason });
      toast(t('persons.was-removed', { name: person.name }));
      location.hash = address({});
      await again();
      byId('list-title').scrollIntoView();
    },
  });
}
