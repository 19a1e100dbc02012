// The footage that a request asks for, on the page of whoever looks at it because of that request: marked on the timeline of each
// camera, and listed above it, each stretch a link. It opens no footage.

import { get, path } from './api.js';
import { el, fill, trouble } from './dom.js';
import { address, asked } from './state.js';
import { dayOf } from './time.js';
import { cameraWords, spanWords } from './wanted.js';
import { t } from './words.js';

export class Requested {
  /** place is where the list stands; cameras are those that the reader may play. */
  constructor(place, cameras) {
    Object.assign(this, { place, cameras, id: undefined, footage: [] });
  }

  /** Has what the request of the address asks for, asked once; without such a request there is nothing. What can't be had is said, and what
   * the address names is marked all the same. */
  async load(signal) {
    const { request, camera, from, to } = asked();
    if (location.hash !== this.hash) Object.assign(this, { hash: location.hash, now: { from, to } });
    if (request !== this.id) {
      Object.assign(this, { id: request, footage: [], problem: undefined });
      try {
        if (request) ({ footage: this.footage } = await get(path`/requests/${request}`, undefined, { signal }));
      } catch (error) {
        if (signal.aborted) {
          this.id = undefined;
          return;
        }
        this.problem = trouble(error);
        if (camera && new Date(from) < new Date(to)) this.footage = [{ camera, from, to }];
      }
    }
    this.show();
  }

  /** The marks of a camera, within two moments. */
  marks(camera, begin, end) {
    return this.footage.filter((one) => ['*', camera].includes(one.camera) && new Date(one.from) < end && new Date(one.to) > begin)
      .map((one) => ({ kind: 'requested', from: new Date(Math.max(new Date(one.from), begin)), to: new Date(Math.min(new Date(one.to), end)) }));
  }

  /** The stretch that the address names, as {from, to} in ms, once for each address; undefined if it names none. */
  take() {
    const { from, to } = this.now ?? {};
    this.now = undefined;
    return this.id && new Date(from) < new Date(to) ? { from: Date.parse(from), to: Date.parse(to) } : undefined;
  }

  show() {
    this.place.hidden = !this.id;
    if (!this.id) return;
    const names = Object.fromEntries(this.cameras.map(({ id, name }) => [id, name]));
    const link = (one, camera) => el('li', {}, el('a', { href: address({ camera, day: dayOf(one.from), from: one.from, to: one.to, request: this.id }) }, `${cameraWords(camera, names)}: ${spanWords(one)}`));
    fill(this.place,
      el('p', {}, t('footage.requested-by'), ' ', el('a', { href: `/request${address({ id: this.id })}` }, t('footage.requested-id', { id: this.id }))),
      this.problem,
      el('ul', { class: 'plain-list numbers' }, this.footage.flatMap((one) => (one.camera === '*' ? this.cameras.map(({ id }) => link(one, id)) : link(one, one.camera)))));
  }
}
