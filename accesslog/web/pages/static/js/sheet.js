// A sheet of pictures in the order of time, each with the time at which it was taken. Two of them are marked: the last one
// before a change, and the first one after it. By keys: arrows go from picture to picture, Enter marks.

import { el, fill } from './dom.js';
import { clock } from './time.js';
import { t } from './words.js';

/** A picture: it is shown once it is there, and can be shown again without asking for it. */
export class Picture {
  constructor(moment) {
    Object.assign(this, { moment, at: undefined, canvas: el('canvas', { width: '16', height: '9' }) });
  }

  /** The same picture on a canvas of its own. */
  copy() {
    const { width, height } = this.canvas;
    const canvas = el('canvas', { width: String(width), height: String(height) });
    canvas.getContext('2d').drawImage(this.canvas, 0, 0);
    return canvas;
  }
}

export class Sheet {
  /** Shows pictures, of which some may be still to come. mark makes what lies over each of them; marked is told the two that
   * were marked, changed whether one is. */
  constructor({ pictures, mark, changed, marked }) {
    Object.assign(this, { pictures, watermark: mark, changed, marked, before: undefined });
    this.frames = pictures.map((picture, i) => el('button', { type: 'button', class: 'frame', tabindex: i === 0 ? '0' : '-1', onclick: () => this.mark(i) }));
    this.list = el('div', { class: 'sheet', role: 'group', 'aria-label': t('find.sheet') }, this.frames);
    this.list.addEventListener('keydown', (event) => this.pressed(event));
    this.list.addEventListener('focusin', (event) => this.roam(this.frames.indexOf(event.target.closest('.frame'))));
    pictures.forEach((_, i) => this.draw(i));
  }

  /** Shows what is known of a picture now. */
  draw(i) {
    const { at, canvas, missing } = this.pictures[i];
    const frame = this.frames[i];
    const role = i === this.before ? t('find.before') : '';
    frame.setAttribute('aria-disabled', String(at === undefined));
    frame.setAttribute('aria-pressed', String(i === this.before));
    fill(frame, el('span', { class: 'picture' }, this.elsewhere(i) ? this.pictures[i].copy() : canvas, at === undefined ? null : this.watermark()),
      el('span', { class: 'frame-time numbers' }, at === undefined ? missing ?? t('common.working') : clock(at)),
      role ? el('span', { class: 'frame-mark' }, role) : null);
  }

  /** Whether a picture is on another sheet, too. */
  elsewhere(i) {
    const holder = this.pictures[i].canvas.closest('.frame');
    return holder !== null && holder !== this.frames[i];
  }

  /** Marks the last picture before the change, then the first one after it. An earlier one than the first mark takes its place. */
  mark(i) {
    if (this.pictures[i].at === undefined) return;
    if (this.before !== undefined && this.pictures[i].at > this.pictures[this.before].at) {
      this.marked(this.pictures[this.before], this.pictures[i]);
      return;
    }
    const old = this.before;
    this.before = i === old ? undefined : i;
    [old, i].filter((one) => one !== undefined).forEach((one) => this.draw(one));
    this.changed(this.before !== undefined);
  }

  /** Goes from picture to picture. */
  pressed(event) {
    const i = this.frames.indexOf(event.target.closest('.frame'));
    const columns = getComputedStyle(this.list).gridTemplateColumns.split(' ').length;
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, ArrowDown: i + columns, ArrowUp: i - columns, Home: 0, End: this.frames.length - 1 }[event.key];
    if (i < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.frames[Math.max(0, Math.min(to, this.frames.length - 1))].focus();
  }

  /** Lets the tabulator come back to a picture. */
  roam(i) {
    if (i >= 0) this.frames.forEach((frame, n) => frame.setAttribute('tabindex', n === i ? '0' : '-1'));
  }

  focus() {
    this.frames.find((frame) => frame.tabIndex === 0)?.focus();
  }
}
