// How a package left the appliance, time by time: when, which way, and whether it came through whole.

import { el } from './dom.js';
import { dateTime } from './time.js';
import { bytes, n, of, t } from './words.js';

const tones = { whole: 'good', 'cut off': 'warn', unknown: 'warn' };

/** Whether a delivery has not ended: it is under way, or nobody has fetched it yet. */
export const goesOn = (one) => !one.end;

/** A list of deliveries, in order. */
export const deliveryList = (list) => el('ul', { class: 'plain-list numbers deliveries' }, list.map((one) => el('li', {}, lineOf(one))));

/** How a delivery ended, by its end; undefined for one that goes on. */
export const outcome = (end) => el('span', { class: `tag ${tones[end?.result] ?? ''}` }, end ? of('packing.result', end.result) : t('packing.going'));

function lineOf(one) {
  const much = [one.files ? n('packing.files', one.files) : null, one.bytes ? bytes(one.bytes) : null].filter(Boolean).join(', ');
  return [`${dateTime(one.at)} · ${of('packing.way', one.way)} `, outcome(goesOn(one) ? undefined : one),
    el('span', { class: 'quiet' }, [much, one.recipient ? t('packing.for', { recipient: one.recipient }) : '', t('request.entry', { entry: one.entry })].filter(Boolean).map((text) => ` · ${text}`).join(''))];
}
