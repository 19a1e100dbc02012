// What somebody may play of a camera: all that there is, or the last minutes alone. Of what he may not see nothing is said,
// not even that it is not there.

import { el } from './dom.js';
import { n, t } from './words.js';

/** Cameras with the names that they are shown by. */
export const named = (cameras) => cameras.map((one) => ({ ...one, name: one.gone ? t('footage.gone', { name: one.name || one.id }) : one.name || one.id }));

/** The choices of a list of cameras, with the one that is asked for; where there is no such camera none is chosen, so that nobody
 * looks at another one. */
export function cameraOptions(cameras, wanted) {
  const missing = wanted && !cameras.some(({ id }) => id === wanted);
  return [missing ? el('option', { value: '', selected: true }, t('find.choose')) : null,
    ...cameras.map(({ id, name }) => el('option', { value: id, selected: id === wanted }, name))];
}

/** The moment from which on a camera may be played, in ms; all of it: 0. */
export const reachOf = ({ limited, back_minutes: back = 0 }) => (limited ? Date.now() - back * 60e3 : 0);

/** What somebody is told in the place of what he may not see of a camera; undefined if he may see all. */
export function reachTold({ limited, back_minutes: back = 0 }) {
  if (!limited) return undefined;
  return back > 0 ? n('footage.back', back) : t('footage.back-none');
}
