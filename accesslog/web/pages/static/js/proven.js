// What proves an entry: it is checked here, step by step, and who outside the appliance vouches for it is told.

import { askFile, get, path } from './api.js';
import { el, fill, save, trouble } from './dom.js';
import { hasHash, isIn, parse, signer } from './inclusion.js';
import { address } from './state.js';
import { dateTime } from './time.js';
import { n, number, of, t } from './words.js';

/** Shows what proves an entry that was read. */
export async function showProof(place, entry) {
  fill(place, el('h3', { id: 'proof-title' }, t('diary.proof-title')), el('p', { class: 'quiet' }, t('common.working')));
  try {
    const file = await askFile('GET', path`/diary/entries/${entry.index}/proof`);
    const text = await file.blob.text();
    const [{ keys }, { vouches }] = await Promise.all([get('/diary/checkpoint'), get(path`/diary/entries/${entry.index}/vouches`)]);
    const checked = await check(entry, text, keys);
    fill(place, el('h3', { id: 'proof-title' }, t('diary.proof-title')),
      el('p', { class: checked.good ? 'note good' : 'note bad', id: 'proof-verdict' }, checked.good ? t('diary.proof-good') : t('diary.proof-bad')),
      el('ul', { class: 'checks' }, checked.steps.map(step)),
      checked.fingerprint ? fingerprint(checked.fingerprint) : null,
      el('h4', {}, t('diary.outside')), outside(vouches),
      el('p', { class: 'help no-print' }, t('diary.proof-about')),
      el('div', { class: 'actions left no-print' },
        el('button', { type: 'button', onclick: () => save({ name: `zapis-${entry.index}.tlog-proof`, blob: new Blob([text]) }) }, t('diary.proof-save'))));
  } catch (error) {
    if (!(error instanceof SyntaxError)) fill(place, el('h3', { id: 'proof-title' }, t('diary.proof-title')), trouble(error));
    else fill(place, el('h3', { id: 'proof-title' }, t('diary.proof-title')), el('p', { class: 'note bad' }, t('diary.proof-none')));
  }
}

/** Checks a proof, and tells of each step what came of it: true, false, or undefined where it could not be checked. */
async function check(entry, text, keys) {
  const proof = parse(text);
  const { checkpoint } = proof;
  const leaf = new TextDecoder().decode(proof.leaf);
  const hashed = JSON.parse(leaf);
  const steps = [
    [leaf === entry.leaf && proof.index === entry.index && hashed.i === entry.index, t('diary.step-same')],
    [entry.body ? await hasHash(entry.body, hashed.body) : undefined, t('diary.step-body')],
    ...(entry.manifest ? [[hashed.obj !== undefined && await hasHash(entry.manifest, hashed.obj), t('diary.step-manifest')]] : []),
    [await isIn(proof), n('diary.step-tree', checkpoint.size)],
  ];
  const signed = await signer(checkpoint, keys);
  steps.push([signed ? signed.right : false, signed?.right === undefined && signed ? t('diary.step-cannot') : t('diary.step-signed')]);
  return { steps, good: steps.every(([right]) => right !== false), fingerprint: signed?.fingerprint };
}

const step = ([right, text]) => el('li', {},
  el('span', { class: right === undefined ? 'tag warn' : right ? 'tag good' : 'tag bad' }, right === undefined ? t('diary.not-checked') : right ? t('diary.holds') : t('diary.holds-not')),
  ' ', text);

/** The fingerprint of the key, to be held against the one on paper. */
function fingerprint(digits) {
  const verdict = el('p', { role: 'status' });
  const input = el('input', { id: 'fingerprint', class: 'mono', autocomplete: 'off', spellcheck: 'false', maxlength: 60, oninput: compare });
  function compare() {
    const typed = input.value.toLowerCase().replace(/[^0-9a-f]/g, '');
    const whole = digits.replaceAll(' ', '');
    if (typed === '') fill(verdict);
    else if (typed === whole) fill(verdict, el('span', { class: 'tag good' }, t('diary.fingerprint-same')));
    else if (whole.startsWith(typed)) fill(verdict, el('span', { class: 'tag' }, t('diary.fingerprint-far', { n: whole.length - typed.length })));
    else fill(verdict, el('span', { class: 'tag bad' }, t('diary.fingerprint-other')));
  }
  return el('div', {}, el('p', {}, t('diary.fingerprint'), ' ', el('code', {}, digits)),
    el('div', { class: 'field no-print short' }, el('label', { for: 'fingerprint' }, t('diary.fingerprint-typed')), input, verdict));
}

/** Who outside has a checkpoint that has the entry. */
function outside(vouches) {
  if (vouches.length === 0) return el('p', { class: 'note warn' }, t('diary.outside-none'));
  return el('ul', { class: 'plain-list' }, vouches.map((one) => el('li', {}, el('span', { class: 'tag good' }, of('diary.vouch', one.kind)), ' ', one.party, ': ',
    n('diary.vouch-size', one.size), `, ${dateTime(one.time)} (`, el('a', { href: address({ entry: one.entry }) }, t('diary.entry-number', { entry: number(one.entry) })), ')')));
}
