// A range that somebody marks on the timeline of a day, and what can be done about it: the text beside the handles, with
// fields in which it can be typed. What each action asks is said where it is done; nothing here opens footage.

import { blame, byId, el, fill, tell } from './dom.js';
import { secure } from './secure.js';
import { readSpan, spanFields, writeSpan } from './spanform.js';
import { address } from './state.js';
import { clock, dateTime, dayOf, span } from './time.js';
import { t } from './words.js';

const longest = 24 * 3600e3; // of what is secured, searched or asked for at once

export class Marking {
  /** cameraOf(row) is the camera of a row; leave(href) goes to another page; secured(camera) is told what is secured. seen is
   * whether the reader may ask the diary. */
  constructor(place, { timeline, cameraOf, leave, secured, seen }) {
    Object.assign(this, { place, timeline, cameraOf, leave, secured, seen });
    timeline.onmark = () => this.show();
    place.addEventListener('keydown', (event) => { if (event.key === 'Escape') this.drop(); });
  }

  /** The span that is marked, as Dates. */
  get range() {
    const { from, to } = this.timeline.mark;
    return { from: new Date(from), to: new Date(to) };
  }

  /** Shows what is marked of the chosen camera; nothing if nothing is. */
  show() {
    const { mark, rows, chosen } = this.timeline;
    const camera = rows[chosen] && this.cameraOf(rows[chosen]);
    this.place.hidden = !mark || !camera;
    if (this.place.hidden) {
      this.camera = undefined;
      fill(this.place);
      return;
    }
    if (this.camera !== camera) this.build(camera);
    const { from, to } = this.range;
    const end = dayOf(from) === dayOf(to) ? clock(to) : dateTime(to);
    this.said.textContent = t('marking.range', { from: clock(from), to: end, length: span(to - from) });
    if (!this.place.contains(document.activeElement) || !document.activeElement.matches('input')) this.write();
    for (const link of this.links) link.href = this.hrefOf(link.dataset.page);
  }

  build(camera) {
    this.camera = camera;
    this.said = el('p', { class: 'numbers', role: 'status' });
    this.links = [this.link('find', t('marking.find')), this.seen ? this.link('seen', t('marking.seen')) : null,
      camera.may.includes('extract') ? this.link('receive', t('marking.extract')) : null].filter(Boolean);
    fill(this.place,
      el('div', { class: 'row apart' }, el('h3', {}, t('marking.title', { camera: camera.name })),
        el('button', { type: 'button', class: 'plain', onclick: () => this.drop() }, t('marking.drop'))),
      this.said,
      el('div', { class: 'marked-fields', onchange: () => this.typed() }, spanFields('marked', this.range)),
      el('div', { class: 'actions left' },
        camera.may.includes('secure') ? el('button', { type: 'button', class: 'main', onclick: () => this.secure().catch(tell) }, t('marking.secure')) : null,
        this.links));
  }

  link(page, text) {
    return el('a', { class: 'button', 'data-page': page, onclick: (event) => this.follow(event) }, text);
  }

  hrefOf(page) {
    const { from, to } = this.range;
    return `/${page}${address({ camera: this.camera.id, from: from.toISOString(), to: to.toISOString() })}`;
  }

  /** Goes to the page of a link; in another tab this one stays as it is. */
  follow(event) {
    if (event.ctrlKey || event.shiftKey || event.metaKey) return;
    event.preventDefault();
    this.leave(event.currentTarget.href);
  }

  fields() {
    return ['from-day', 'from-time', 'to-day', 'to-time'].map((one) => byId(`marked-${one}`));
  }

  write() {
    this.fields().forEach((field) => blame(field, ''));
    writeSpan('marked', this.range);
  }

  /** Marks what is typed; what is no span is said at its field, and the mark stays. */
  typed() {
    const fields = this.fields();
    fields.forEach((field) => blame(field, ''));
    if (fields.some((field) => field.value === '')) return;
    const typed = readSpan('marked', longest);
    if (typed) this.timeline.setMark({ from: +typed.from, to: +typed.to });
  }

  async secure() {
    const { camera } = this;
    if (await secure({ camera, ...this.range })) this.secured(camera);
  }

  drop() {
    this.timeline.setMark(undefined);
    this.timeline.slider.focus();
  }
}
