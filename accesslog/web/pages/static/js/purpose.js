// The question for the purpose, asked once for each viewing: only what is allowed for footage of that time, and why.

import { get, path, Problem } from './api.js';
import { el, onSubmit, trouble } from './dom.js';
import { asked } from './state.js';
import { dateTime } from './time.js';
import { of, t } from './words.js';

const hourLong = 3600e3;
export const fresh = 60e3; // younger footage is watched live

/** What footage of a camera may be looked at for at a moment: {purposes, notice, complete, live, to}, as far as nothing changes;
 * of a whole span, what all of it may be looked at for. */
export async function allowedAt(camera, moment, until, all = false) {
  const { whole, spans, decisions = [] } = await get(path`/cameras/${camera}/purposes`, { from: new Date(moment).toISOString(), to: new Date(until).toISOString() });
  const found = spans.find(({ from, to }) => Date.parse(from) <= moment && moment < Date.parse(to)) ?? spans[0];
  const more = decisions.flatMap((one) => decisionOf(one, camera, moment, all ? until : moment + 1));
  if (all) return found && { ...found, purposes: [...whole, ...more], to: until };
  return found && { ...found, purposes: [...found.purposes, ...more], to: Math.min(Date.parse(found.to), until) };
}

/** A request that is to be decided on, or whose footage is to be shown on the premises, as a purpose of what it asks for: until is where that ends. */
function decisionOf({ request, text, showing, footage }, camera, from, to) {
  const wanted = footage.find((one) => ['*', camera].includes(one.camera) && Date.parse(one.from) <= from && to <= Date.parse(one.to));
  return wanted ? [{ id: `request ${request}`, request, text, showing, until: Date.parse(wanted.to) }] : [];
}

let asking = false; // there is one question at a time, whatever is clicked while it comes

/** Asks for the purpose of looking at a moment of a camera, or at all until another one. open gets {purpose or request, ground, remark, from, to} and may throw a
 * Problem, which is shown; the viewing that it promises is promised in turn, or undefined if nobody wants to look. */
export async function askPurpose(what) {
  if (asking) return undefined;
  asking = true;
  try {
    return await question(what);
  } finally {
    asking = false;
  }
}

async function question({ camera, moment, to, restricted, live = false, open }) {
  const until = to ?? (live ? moment + 1000 : Math.max(Math.min(moment + hourLong, Date.now() - fresh), moment + 1000));
  const dialog = el('dialog', { class: 'purpose', 'aria-labelledby': 'purpose-title' });
  const leave = el('button', { type: 'button', class: 'plain', onclick: () => dialog.close() }, t('common.cancel'));
  const head = [el('h2', { id: 'purpose-title' }, live ? t('purpose.live', { camera: camera.name }) : t('purpose.title', { camera: camera.name, at: to ? `${dateTime(moment)} – ${dateTime(to)}` : dateTime(moment) }))];
  let allowed, content;
  try {
    allowed = await allowedAt(camera.id, moment, until, to !== undefined);
    content = refusalOf({ allowed, camera, restricted, live });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    content = trouble(error);
  }
  if (content) dialog.append(...head, content, el('div', { class: 'actions' }, leave));
  document.body.append(dialog);
  return new Promise((resolve) => {
    let opened;
    if (!content) {
      const form = formOf({ allowed, head, restricted, leave });
      onSubmit(form, async ({ purpose, ground, remark }) => {
        const { request, text, until: end = Infinity } = allowed.purposes.find(({ id }) => id === purpose);
        const viewing = await open({ ...(request ? { request } : { purpose }), ground, remark, from: moment, to: Math.min(allowed.to, end) });
        viewing.purposeText = text;
        if (!dialog.open) { // it was left while the viewing was being opened
          await viewing.end('not stated');
          return;
        }
        opened = viewing;
        dialog.close();
      });
      dialog.append(form);
    }
    dialog.addEventListener('close', () => { dialog.remove(); resolve(opened); });
    dialog.showModal();
  });
}

/** Why nothing can be chosen, in plain words; undefined if something can. */
function refusalOf({ allowed, camera, restricted, live }) {
  const note = (...lines) => el('div', { class: 'note warn' }, lines.map((line) => el('p', {}, line)));
  if (live && !allowed?.live) return note(t('purpose.no-live'));
  if (!allowed || allowed.purposes.length === 0) return note(t('purpose.none'), t('purpose.none-how'));
  if (restricted && !camera.may.includes('restricted')) return note(t('purpose.restricted'), t('purpose.restricted-how'));
  return undefined;
}

function formOf({ allowed, head, restricted, leave }) {
  const grounds = ['consent', 'claims', 'other person', 'public interest'];
  return el('form', { method: 'dialog' }, head,
    el('p', { class: 'form-error', role: 'alert', hidden: true }),
    el('p', { class: 'quiet' }, whyOf(allowed)),
    el('fieldset', {}, el('legend', {}, t('purpose.purpose')),
      inOrder(allowed.purposes).map(({ id, text, basis, law, request, showing }, i) => el('label', { class: 'choice' },
        el('input', { type: 'radio', name: 'purpose', id: `purpose-${i}`, value: id, required: true }),
        el('span', {}, text),
        el('span', { class: 'help' }, whereOf({ basis, law, request, showing }))))),
    restricted ? el('div', { class: 'field' }, el('label', { for: 'ground' }, t('purpose.ground')),
      el('select', { id: 'ground', name: 'ground', required: true }, el('option', { value: '' }), grounds.map((one) => el('option', { value: one }, of('purpose.ground', one)))),
      el('p', { class: 'help' }, t('purpose.ground-help'))) : null,
    el('div', { class: 'field' }, el('label', { for: 'remark' }, t('purpose.remark')),
      el('textarea', { id: 'remark', name: 'remark', maxlength: '2000', rows: '2' })),
    el('p', { class: 'help' }, t('purpose.logged')),
    el('div', { class: 'actions' }, leave, el('button', { type: 'submit', class: 'main' }, t('purpose.open'))));
}

/** Purposes as people look for them: the request because of which somebody has come here, those on the notice, other requests, and last
 * what a law gives, which is seldom meant. None is chosen beforehand. */
function inOrder(purposes) {
  const mine = asked().request;
  const rank = ({ request, law }) => (request ? (request === mine ? 0 : 2) : law ? 3 : 1);
  return [...purposes].sort((a, b) => rank(a) - rank(b));
}

/** Where a purpose stands. */
function whereOf({ basis, law, request, showing }) {
  if (request) return showing ? t('purpose.by-showing') : t('purpose.by-request');
  return law ? t('purpose.by-law', { basis }) : t('purpose.by-notice', { basis });
}

/** Why just these purposes can be chosen. */
function whyOf({ notice, complete }) {
  if (!notice) return t('purpose.no-notice');
  return complete ? t('purpose.of-notice') : t('purpose.incomplete');
}
