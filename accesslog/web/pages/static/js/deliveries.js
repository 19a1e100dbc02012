// How a package left the appliance, time by time: when, which way, and whether it came through whole.

import { el } from './dom.js';
import { dateTime } from './time.js';
import { bytes, n, of, t } from './words.js';

const tones = { whole: 'good', 'cut off': 'warn', unknown: 'warn' };

/** Whether a delivery has not ended: it is under way, or nobody has fetched it yet. */
export const goesOn = (one) => !one.end;

/** A list of deliveries, in order. */
export const deliveryList = (list) => el('ul', { class: 'plain-list numbers deliveries' }, list.map((one) => el('li', {}, lineOf(one))));

function lineOf(one) {
  const how = goesOn(one) ? t('packing.going') : of('packing.result', one.result);
  const much = [one.files ? n('packing.files', one.files) : null, one.bytes ? bytes(one.bytes) : null].filter(Boolean).join(', ');
  return [`${dateTime(one.at)} · ${of('packing.way', one.way)} `, el('span', { class: `tag ${tones[one.result] ?? ''}` }, how),
    el('span', { class: 'quiet' }, [much, one.recipient ? t('packing.for', { recipient: one.recipient }) : '', t('request.entry', { entry: one.entry })].filter(Boolean).map((text) => ` · ${text}`).join(''))];
}
