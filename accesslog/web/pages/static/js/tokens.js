// Tokens of authorities: a program of theirs shows one in the place of a log-in, for a limited time.

import { get, path, post } from './api.js';
import { askFor, field } from './asking.js';
import { byId, el, empty, fill, toast } from './dom.js';
import { Shown } from './events.js';
import { grantForm, lastDay } from './grant.js';
import { showOnce } from './handover.js';
import { table } from './tables.js';
import { beginning, shortDate } from './time.js';
import { t } from './words.js';

/** Shows the tokens in a place, and lets the button of the page issue one. */
export async function showTokens(place, known) {
  const tokens = new Shown(place, () => get('/tokens'), (now) => fill(place, list(now.tokens, known, again)));
  const again = () => tokens.again();
  byId('issue').addEventListener('click', () => issue(known, again));
  await again();
}

function list(tokens, known, again) {
  if (tokens.length === 0) return empty(t('persons.no-tokens'), t('persons.no-tokens-about'));
  return table([t('persons.authority'), t('persons.holder'), t('persons.role'), t('persons.cameras'), t('persons.valid'), t('persons.do')], tokens.map((one) => [
    one.name, one.holder, known.tokens.find((role) => role.role === one.role)?.name ?? one.role,
    one.cameras[0] === '*' ? t('persons.cameras-all') : one.cameras.map((id) => known.cameras.find((camera) => camera.id === id)?.name || id).join(', '),
    [`${shortDate(one.from)} – ${shortDate(beginning(lastDay(one.to)))}`, new Date(one.to) <= new Date() ? [' ', el('span', { class: 'tag' }, t('persons.token-over'))] : null],
    el('button', { type: 'button', class: 'plain', onclick: () => revoke(one, again) }, t('persons.revoke')),
  ]));
}

function issue(known, again) {
  const form = grantForm(known, known.tokens, { token: true });
  askFor({
    title: t('persons.issue'), text: t('persons.issue-about'), yes: t('persons.issue'),
    fields: [field({ name: 'name', label: t('persons.authority'), required: true, maxlength: 200, help: t('persons.authority-help') }),
      field({ name: 'holder', label: t('persons.holder'), required: true, maxlength: 200, help: t('persons.holder-help') }),
      ...form.fields, field({ name: 'basis', label: t('persons.basis'), required: true, maxlength: 500, help: t('persons.basis-help') })],
    work: async (values) => {
      const { role, cameras, from, to, outside } = form.said(values);
      const { token, text } = await post('/tokens', { name: values.name, holder: values.holder, basis: values.basis, role, cameras, from, to, outside });
      await again();
      showOnce({ title: t('persons.was-issued', { name: token.name }), secret: text, about: [t('persons.token-once'), t('persons.token-how')] });
    },
  });
}

function revoke(one, again) {
  askFor({
    title: t('persons.revoke-title', { name: one.name }), text: t('persons.revoke-about'), yes: t('persons.revoke'), danger: true,
    fields: [field({ name: 'reason', label: t('persons.reason'), required: true, maxlength: 500, help: t('persons.reason-help') })],
    work: async ({ reason }) => {
      await post(path`/tokens/${one.id}/end`, { reason });
      toast(t('persons.was-revoked'));
      again();
    },
  });
}
