// The steps of a request, each in a dialog that says what will happen before it does.

import { get, path, post } from './api.js';
import { askFor, field } from './asking.js';
import { complain, el } from './dom.js';
import { contentFacts } from './content.js';
import { scanField } from './scan.js';
import { addDays, dateTime, dayOf } from './time.js';
import { cameraWords, footageLinks, footageList, isShown, spanWords } from './wanted.js';
import { of, t } from './words.js';

const long = { kind: 'textarea', maxlength: 1500 };
const line = { maxlength: 1500 };

/** Asks for what a step needs and does it; done gets what is to be told then. about is {one, told, forms, names, done}. */
export async function askStep(step, about) {
  const dialog = await dialogs[step.step](about, step);
  const { done } = about;
  askFor({ yes: of('request.step', step.step), ...dialog, work: async (values, form) => {
    if (await dialog.work(values, form) === false) return false;
    done(dialog.told);
    return true;
  } });
}

/** Sends a step, as the API takes it: what is empty is left out. */
const send = (one, name, values) => post(path`/requests/${one.id}/${name}`, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== undefined)));

const dialogs = {
  approve: ({ one, told, forms, names }, { single_handed: single, why }) => ({
    title: t('request.approve-title', { id: one.id }),
    fields: [contentFacts(told.content, one.kind, forms),
      el('p', {}, isShown(one) ? t('request.approve-show') : t('request.approve-about')), footageList(told.content.footage ?? [], names), el('p', { class: 'quiet' }, t('request.lead')),
      one.form === 'masked' ? el('p', { class: 'note warn' }, t('request.masked')) : null,
      single ? el('div', { class: 'note warn' }, el('p', {}, `${why}.`), el('p', {}, t('request.single-about'))) : el('p', { class: 'note good' }, t('request.four-eyes')),
      single ? field({ name: 'single_reason', label: t('request.single-reason'), required: true, ...long }) : null,
      field({ name: 'remark', label: t('request.remark'), help: t('request.optional'), ...line }),
      el('p', { class: 'quiet' }, t('request.approve-back'))],
    work: (values) => send(one, 'approve', { content: told.content_entry, ...values }), told: t('request.approved'),
  }),
  refuse: ({ one }) => ({
    title: t('request.refuse-title', { id: one.id }), text: [['approved', 'built'].includes(one.state) ? t('request.refuse-back') : null, t('request.refuse-about')].filter(Boolean), danger: true,
    fields: [...restored(one), field({ name: 'reasons', label: t('request.refuse-reasons'), help: t('request.refuse-help'), required: true, ...long })],
    work: (values) => send(one, 'refuse', values), told: t('request.refused'),
  }),
  extend: ({ one }) => ({
    title: t('request.extend-title'), text: t('request.extend-about'),
    fields: [field({ name: 'day', label: t('request.extend-day'), type: 'date', required: true, min: dayOf(new Date()), value: addDays(one.deadline?.last ?? dayOf(new Date()), 15) }),
      field({ name: 'agreed', label: t('request.agreed'), required: true, ...line })],
    work: (values) => send(one, 'extend', values), told: t('request.extended'),
  }),
  'follow law': ({ one }) => ({
    title: t('request.law-title'), text: t('request.law-about'),
    fields: [field({ name: 'law', label: t('request.law'), required: true, ...line }), field({ name: 'day', label: t('request.law-day'), help: t('request.law-day-help'), type: 'date', min: dayOf(new Date()) })],
    work: (values) => send(one, 'own-law', values), told: t('request.law-followed'),
  }),
  withdraw: ({ one }) => ({
    title: t('request.withdraw-title'), text: t('request.withdraw-about'), danger: true,
    fields: [...restored(one), field({ name: 'said', label: t('request.withdraw-said'), required: true, ...line })],
    work: (values) => send(one, 'withdraw', values), told: t('request.withdrawn'),
  }),
  scan: ({ one, forms }) => {
    const scan = scanField({ may: forms.scan, label: t('receive.scan') });
    return {
      title: t('request.scan-title'), text: t('request.scan-about'),
      fields: [scan.element, field({ name: 'remark', label: t('request.remark'), help: t('request.optional'), ...line })],
      work: ({ remark }, form) => {
        const kept = scan.scan();
        if (kept === '') complain(form, t('request.scan-needed'));
        return kept ? send(one, 'scan', { scan: kept, remark }) : false;
      },
      told: t('request.scanned'),
    };
  },
  show: async ({ one, forms, names }) => {
    const { viewings } = await get(path`/requests/${one.id}/viewings`);
    const usable = viewings.filter(({ may }) => may);
    const others = viewings.filter(({ may }) => !may).map(({ entry, at, why }) => el('li', {}, `${t('request.show-one', { entry, at: dateTime(at) })}: ${why}`));
    const rest = others.length ? el('ul', { class: 'plain-list quiet' }, others) : null;
    if (usable.length === 0) {
      return { title: t('request.show-title'), text: t('request.show-first'), yes: null, work: () => false,
        fields: [el('ul', { class: 'plain-list numbers' }, one.footage.map((wanted) => el('li', {}, footageLinks(wanted, names, one.id, `${cameraWords(wanted.camera, names)}: ${spanWords(wanted)}`)))), rest] };
    }
    return {
      title: t('request.show-title'), text: t('request.show-about'),
      fields: [el('fieldset', {}, el('legend', {}, t('request.show-viewing')), usable.map(({ entry, at, seen }) => el('label', { class: 'choice' },
        el('input', { type: 'radio', name: 'viewing', id: `viewing-${entry}`, value: entry, required: true, checked: usable.length === 1 }),
        el('span', {}, t('request.show-one', { entry, at: dateTime(at) })), el('span', { class: 'help' }, seen.map((part) => `${cameraWords(part.camera, names)}: ${spanWords(part)}`).join('; ')))), rest),
      ...receiver(), ...warned(forms), field({ name: 'remark', label: t('request.remark'), help: t('request.optional'), ...line })],
      work: ({ viewing, warned: was, ...values }) => send(one, 'show', { ...values, viewing: Number(viewing), warned: was !== undefined }), told: t('request.showed'),
    };
  },
  confirm: ({ one, forms }) => {
    const scan = scanField({ may: forms.scan, label: t('request.confirm-scan') });
    return {
      title: t('request.confirm-title'), text: t('request.confirm-about'),
      fields: [field({ name: 'how', label: t('request.confirm-how'), help: t('request.confirm-help'), required: true, ...line }), scan.element],
      work: ({ how }) => {
        const kept = scan.scan();
        return kept === undefined ? false : send(one, 'confirm', { how, scan: kept });
      },
      told: t('request.confirmed'),
    };
  },
  release: ({ one, names }) => ({
    title: t('request.release-title'), danger: true,
    fields: [el('p', {}, t('request.release-about')), footageList(one.holds.filter((hold) => hold.in_force), names), el('p', { class: 'note bad' }, t('request.release-gone')),
      field({ name: 'reason', label: t('request.release-reason'), required: true, ...line })],
    work: (values) => send(one, 'release', values), told: t('request.released'),
  }),
};

/** That footage may have left for it, and no entry says so, since the appliance was put back from a copy. */
export const restored = (one) => one.restored.map(({ text }) => el('p', { class: 'note warn restored' }, text));

/** Who takes the footage, and how that is known. */
export const receiver = () => [
  field({ name: 'recipient', label: t('request.hand-recipient'), help: t('request.hand-recipient-help'), required: true, ...line }),
  field({ name: 'known', label: t('request.hand-known'), help: t('request.hand-known-help'), required: true, ...line }),
];

/** That whoever takes it was told for what alone he may use it, in the words of the law. */
export const warned = (forms) => [
  el('div', { class: 'note warn' }, el('label', { class: 'choice' }, el('input', { type: 'checkbox', name: 'warned', id: 'ask-warned', required: true }), el('span', {}, t('request.warned'))),
    el('p', {}, el('strong', {}, forms.warning))),
];
