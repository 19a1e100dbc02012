// Footage that a request asks for, or that was handed over, in words.

import { el } from './dom.js';
import { address } from './state.js';
import { clock, date, dateTime, dayOf } from './time.js';
import { n, t } from './words.js';

/** Whether footage is shown for a request and nothing is built: for a look, and for a masked copy, since nothing here masks anybody. */
export const isShown = ({ form }) => ['view', 'masked'].includes(form);

/** From when to when: the day of the end only where it is another one. */
export const spanWords = ({ from, to }) => `${date(from)}, ${clock(from)} – ${dayOf(from) === dayOf(to) ? clock(to) : dateTime(to)}`;

/** The camera of footage by its name. */
export const cameraWords = (camera, names) => (camera === '*' ? t('requests.all-cameras') : names[camera] || camera);

/** A line of words for footage. */
export const footageWords = (one, names) => `${cameraWords(one.camera, names)}: ${spanWords(one)}`;

/** A list of footage, of which only the first so many are written out. */
export function footageList(list, names, most = Infinity) {
  const rest = list.length - most;
  return el('ul', { class: 'plain-list numbers' }, list.slice(0, most).map((one) => el('li', {}, footageWords(one, names))),
    rest > 0 ? el('li', { class: 'quiet' }, n('requests.more', rest)) : null);
}

/** Footage that is in a package, and why it is a little more than what was asked for. */
export const reallyList = (list, names) => [footageList(list, names), el('p', { class: 'quiet' }, t('request.lead'))];

/** What was asked for, where something else was delivered. */
export function askedBeside({ footage, asked }, names) {
  const same = footage.length === asked.length && footage.every((one, i) => ['camera', 'from', 'to'].every((name) => one[name] === asked[i][name]));
  return same ? null : el('div', { class: 'quiet' }, t('request.asked'), footageList(asked, names));
}

/** Leads to footage of a camera, or of all of them, to be looked at because of a request; said is what the link of one camera says. */
export const footageLinks = (wanted, names, request, said) => (wanted.camera === '*' ? Object.keys(names) : [wanted.camera]).map((camera) => el('a', {
  href: `/footage${address({ camera, day: dayOf(wanted.from), from: wanted.from, to: wanted.to, request })}` }, wanted.camera === '*' ? names[camera] ?? camera : said))
  .flatMap((link, i) => (i ? [', ', link] : [link]));
