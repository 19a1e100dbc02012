// What is due of a request, in words: what, until which day, and by which rule that day is counted. Late and soon are said,
// not only coloured.

import { el } from './dom.js';
import { beginning, dayOf, inNumbers, shortDate, weekday } from './time.js';
import { n, of, t } from './words.js';

/** Until when something is due: the day that the API counted, else the last whole day. A package that has to be there within
 * this day has its moment. */
function until({ what, by }, { deadline, paper_by: paper }) {
  const day = { decision: deadline?.last, paper: paper?.ends }[what];
  if (day) return shortDate(beginning(day));
  if (what !== 'building') return shortDate(new Date(new Date(by) - 1));
  const last = new Date(beginning(dayOf(by)) - 1);
  return last > new Date() || new Date(by) - beginning(dayOf(by)) === 0 ? shortDate(last) : inNumbers(by);
}

/** The line of one thing that is due, with its mark. */
const dueLine = (due, request) => el('p', { class: 'due-line' },
  due.late ? [el('span', { class: 'tag bad' }, t('requests.late')), ' '] : null,
  due.soon ? [el('span', { class: 'tag warn' }, t('requests.soon')), ' '] : null,
  t('requests.by', { what: of('requests.what', due.what), day: until(due, request) }));

/** Which day counts, where the last one by the calendar is no working day; else nothing. */
function movedLine(deadline) {
  if (!deadline?.moved) return null;
  return el('p', { class: 'quiet' }, t('requests.by-moved', { last: weekday(beginning(deadline.last)), ends: weekday(beginning(deadline.ends)), rule: deadline.text }));
}

/** Nobody builds a package before it is approved; that its footage goes is told when it is near. */
const tells = ({ what, soon, late }, { state }) => what !== 'building' || soon || late || state === 'approved';

/** All that is due of a request, with both days of its terms. */
export const dueOf = (request) => request.due.filter((due) => tells(due, request)).flatMap((due) => [dueLine(due, request),
  { decision: movedLine(request.deadline), paper: movedLine(request.paper_by) }[due.what] ?? null]).filter(Boolean);

/** How the term of a decision is counted, where it is: by days, or up to a day that somebody has said. */
export function countOf({ deadline }) {
  if (!deadline) return null;
  return el('p', { class: 'quiet' }, deadline.days ? n('requests.counted', deadline.days) : t('requests.said', { rule: deadline.text }));
}

/** When a request is due, for the order of a list: what nothing is due of comes last. */
export function dueAt(request) {
  const first = request.due.find((due) => tells(due, request));
  return first ? new Date(first.by).getTime() : Infinity;
}
