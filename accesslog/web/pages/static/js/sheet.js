// A sheet of pictures in the order of time, each with the time at which it was taken. Two of them are marked: the last one
// before a change, and the first one after it. By keys: arrows go from picture to picture, Enter marks.

import { el, fill } from './dom.js';
import { clock } from './time.js';
import { t } from './words.js';

/** A picture: it is shown once it is there, and can be shown again without asking for it. missing says why it is not there;
 * again, that it can be asked for once more. */
export class Picture {
  constructor(moment) {
    Object.assign(this, { moment, at: undefined, missing: '', again: false, canvas: el('canvas', { width: '16', height: '9' }) });
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
   * were marked, changed whether one is, retry one that is to be asked for once more. */
  constructor({ pictures, mark, changed, marked, retry }) {
    Object.assign(this, { pictures, watermark: mark, changed, marked, retry, before: undefined });
    this.frames = pictures.map((picture, i) => el('button', { type: 'button', class: 'frame', tabindex: i === 0 ? '0' : '-1', onclick: () => this.mark(picture) }));
    this.list = el('div', { class: 'sheet', role: 'group', 'aria-label': t('find.sheet') }, this.frames);
    this.list.addEventListener('keydown', (event) => this.pressed(event));
    this.list.addEventListener('focusin', (event) => this.roam(this.frames.indexOf(event.target.closest('.frame'))));
    pictures.forEach((picture) => this.draw(picture));
  }

  /** Shows what is known of a picture now. */
  draw(picture) {
    const { at, canvas, missing, again } = picture;
    const frame = this.frames[this.pictures.indexOf(picture)];
    const marked = picture === this.before;
    frame.setAttribute('aria-disabled', String(at === undefined && !again));
    frame.setAttribute('aria-pressed', String(marked));
    fill(frame, el('span', { class: 'picture' }, elsewhere(canvas, frame) ? picture.copy() : canvas, at === undefined ? null : this.watermark()),
      el('span', { class: 'frame-time numbers' }, at === undefined ? missing || t('common.working') : clock(at)),
      marked ? el('span', { class: 'frame-mark' }, t('find.before')) : null,
      again ? el('span', { class: 'frame-mark' }, t('find.again')) : null);
  }

  /** Whether a picture is there already: the moments of two may lie in one. */
  has({ at }) {
    return this.pictures.filter((one) => one.at === at).length > 1;
  }

  /** Takes a picture away. */
  drop(picture) {
    const i = this.pictures.indexOf(picture);
    const held = this.frames[i].contains(document.activeElement);
    const first = this.frames[i].tabIndex === 0;
    this.pictures.splice(i, 1);
    this.frames.splice(i, 1)[0].remove();
    if (first) this.roam(Math.max(i - 1, 0));
    if (held) this.focus();
  }

  /** Marks the last picture before the change, then the first one after it. An earlier one than the first mark takes its place. */
  mark(picture) {
    if (picture.at === undefined) {
      if (picture.again) this.retry(picture);
      return;
    }
    if (this.before && picture.at > this.before.at) {
      this.marked(this.before, picture);
      return;
    }
    const old = this.before;
    this.before = picture === old ? undefined : picture;
    [old, picture].filter(Boolean).forEach((one) => this.draw(one));
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

/** Whether a picture is on another sheet, too. */
function elsewhere(canvas, frame) {
  const holder = canvas.closest('.frame');
  return holder !== null && holder !== frame;
}
