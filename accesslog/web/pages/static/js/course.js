// The course of a request: a line of its entries, with who did what and when. Who it was, and what he said, stands in the
// diary, and is shown once that was read.

import { askFile, path } from './api.js';
import { el, save, tell } from './dom.js';
import { beginning, dateTime, weekday } from './time.js';
import { of, t } from './words.js';

/** The line. reads tells that whoever looks may read the diary, so that entries lead there; reason is why he reads, without which no scan is given. */
export const courseLine = (course, about) => el('ol', { class: 'course' }, course.map((one) => step(one, about)));

const bad = ['request.refuse', 'request.silence', 'request.withdraw', 'request.expire'];
const good = ['request.approve', 'request.built', 'request.handover', 'request.shown', 'request.confirm'];

function step(one, { id, reads, reason }) {
  const tone = bad.includes(one.op) ? 'bad' : good.includes(one.op) ? 'good' : '';
  const who = [one.person, one.role && of('diary.role', one.role.split(' ')[0], one.role)].filter(Boolean).join(', ');
  return el('li', { class: `course-step ${tone}` },
    el('p', { class: 'course-what' }, of('request.op', one.op), one.single_reason ? [' ', el('span', { class: 'tag warn' }, t('requests.single'))] : null),
    el('p', { class: 'quiet' }, [dateTime(one.at), who || null].filter(Boolean).join(' · '), ' · ',
      reads ? el('a', { href: `/diary#entry=${one.entry}` }, t('request.entry', { entry: one.entry })) : t('request.entry', { entry: one.entry })),
    said(one).map((line) => el('p', {}, line)),
    one.scan && reason ? el('p', {}, el('button', { type: 'button', class: 'plain', onclick: (event) => keep(event.currentTarget, path`/requests/${id}/scans/${one.scan}/readings`, reason) }, t('request.scan-look'))) : null,
    one.unreadable ? el('p', { class: 'quiet' }, t('request.unreadable')) : null);
}

/** What the entry of a step says. */
const said = (one) => [
  one.known ? [t('request.to-whom', { recipient: one.recipient, known: one.known })] : [],
  one.medium ? [t('request.on-medium', { medium: one.medium })] : [],
  one.viewing ? [t('request.by-viewing', { entry: one.viewing })] : [],
  one.day ? [t('request.until-day', { day: weekday(beginning(one.day)) })] : [],
  one.single_reason ? [t('request.single-because', { reason: one.single_reason })] : [],
  one.op !== 'request.silence' && one.note ? one.note.split('\n') : [],
].flat();

/** Gives the scan of a paper, to be kept and opened. That it is read is entered. */
async function keep(pressed, scan, reason) {
  pressed.disabled = true;
  try {
    save(await askFile('POST', scan, reason));
  } catch (error) {
    tell(error);
  }
  pressed.disabled = false;
}
