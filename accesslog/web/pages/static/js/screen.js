// One camera of the player: its picture by hls.js, or by key frames, with who looks written over it.

import { Problem } from './api.js';
import { el, fill } from './dom.js';
import { Stills, Unshowable } from './stills.js';
import { t } from './words.js';

/** There is no footage at a moment nor after it, in these two hours. */
export class Nothing extends Error {}

export class Screen {
  /** failed is told what goes wrong while it plays. */
  constructor({ viewing, camera, failed, remove }) {
    Object.assign(this, { viewing, camera, failed, stream: 'main', turn: 0, byStills: false, interval: 0, leaving: new AbortController() });
    this.video = el('video', { playsinline: true, muted: true, 'aria-label': camera.name });
    this.video.muted = true;
    this.canvas = el('canvas', { class: 'still', hidden: true, role: 'img', 'aria-label': camera.name });
    this.coverLine = el('p', { class: 'cover', role: 'status', hidden: true });
    this.note = el('p', { class: 'screen-note', hidden: true });
    this.element = el('figure', { class: 'screen', 'data-camera': camera.id },
      el('div', { class: 'picture' }, this.video, this.canvas, viewing.watermark(), this.coverLine),
      el('figcaption', { class: 'row apart' }, el('span', {}, camera.name), remove ? el('button', { type: 'button', class: 'plain', onclick: remove, 'aria-label': t('player.remove', { camera: camera.name }) }, t('common.close')) : null),
      this.note);
    this.stills = this.stillsOf();
    this.watchFrames();
  }

  stillsOf() {
    return new Stills(this.canvas, this.viewing.address(this.camera.id, this.stream, 'frame'));
  }

  /** The moment that is shown, in ms; undefined before there is one. */
  get moment() {
    const at = this.showsStill ? this.stillAt : this.footage?.at();
    return Number.isFinite(at) ? at : undefined;
  }

  /** Shows a moment, or the next one that there is in these two hours, and promises which. A later call wins: then it
   * promises undefined. It throws a Problem, or Nothing. */
  async show(moment) {
    const turn = ++this.turn;
    if (this.byStills) return this.still(moment);
    if (!this.footage || moment < this.window.from || moment >= this.window.to) {
      await this.open(moment, turn);
      if (turn !== this.turn) return undefined;
      if (this.byStills) return this.still(moment);
    }
    const shown = await this.during(this.footage.jump(moment)).catch((error) => { throw error instanceof RangeError ? new Nothing() : error; });
    if (turn !== this.turn) return undefined;
    this.reveal(false);
    this.cover('');
    return shown;
  }

  /** Opens the window of a moment; where the browser can't play it, that of the smaller stream, else key frames will do. */
  async open(moment, turn) {
    this.drop();
    const window = await this.viewing.window(this.camera.id, this.stream, moment);
    const player = await import('/static/footage.js');
    if (turn !== this.turn) return;
    const leaving = this.leaving = new AbortController();
    this.broken = new Promise((_, reject) => { this.breaks = reject; });
    this.broken.catch(() => {}); // whoever waits is told; who doesn't is told by failed
    try {
      const footage = await player.open(this.video, window.playlist, { at: moment, signal: leaving.signal, onerror: (error) => this.broke(problemOf(error)) });
      Object.assign(this, { footage, window });
      if (this.video.readyState < HTMLMediaElement.HAVE_METADATA) await this.during(new Promise((done) => this.video.addEventListener('loadedmetadata', done, { once: true })));
    } catch (error) {
      if (leaving.signal.aborted) return;
      if (!(error instanceof player.Unplayable)) throw problemOf(error);
      this.drop();
      this.fallBack();
      if (!this.byStills) await this.open(moment, turn);
    }
  }

  /** Goes on with what this browser may be able to show, and says so. */
  fallBack() {
    const smaller = this.stream === 'main' && this.camera.streams.includes('sub');
    if (smaller) this.stream = 'sub';
    else Object.assign(this, { byStills: true, stream: 'main' });
    this.stills.close();
    this.stills = this.stillsOf();
    this.note.hidden = false;
    this.note.textContent = smaller ? t('player.smaller') : t('player.by-stills');
  }

  broke(error) {
    this.breaks(error);
    this.failed(error, this);
  }

  /** What something promises, unless playing breaks before. */
  during(promise) {
    return Promise.race([promise, this.broken]);
  }

  /** Shows the key frame at or before a moment, and promises when it was taken; undefined while another one is on its way. */
  async still(moment) {
    const { turn } = this;
    try {
      const at = await this.stills.show(moment);
      if (at === undefined || turn !== this.turn) return undefined; // the moment itself was asked for since
      this.stillAt = at;
      this.reveal(true);
      this.cover('');
      return this.stills.next === undefined ? at : await this.still(this.stills.next);
    } catch (error) {
      if (error.name === 'AbortError') return undefined;
      if (!(error instanceof Unshowable)) throw error;
      this.note.hidden = true;
      this.cover(t('player.unshowable'));
      return undefined;
    }
  }

  reveal(still) {
    this.showsStill = still;
    this.canvas.hidden = !still;
    this.video.hidden = still;
  }

  /** Says something in the place of the picture; '' takes it away. */
  cover(text) {
    if (this.coverLine.textContent === text) return;
    this.coverLine.textContent = text;
    this.coverLine.hidden = text === '';
  }

  /** Keeps how long a frame is shown: the shortest time between two that were. */
  watchFrames() {
    if (!('requestVideoFrameCallback' in this.video)) return;
    const seen = (_, { mediaTime }) => {
      const apart = Math.abs(mediaTime - this.frame);
      if (apart > 0.004 && apart < 2 && (!this.interval || apart < this.interval)) this.interval = apart;
      this.frame = mediaTime;
      this.video.requestVideoFrameCallback(seen);
    };
    this.video.requestVideoFrameCallback(seen);
  }

  /** Shows the next frame, or the one before, and promises when it was taken. */
  async step(way) {
    const { video } = this;
    const begin = this.frame ?? video.currentTime;
    for (let stride = this.interval || 0.02, tries = 0; tries < 60; tries++) {
      const to = way > 0 ? begin + stride * (this.interval ? 1.5 : tries + 1) : begin - stride * (this.interval ? 0.5 : tries + 1);
      const presented = this.presented();
      video.currentTime = Math.max(to, 0);
      await this.during(presented);
      if (this.frame !== begin || to < 0) break;
      if (this.interval) this.interval = 0; // frames are further apart here: feel forward
      stride = 0.02;
    }
    return this.moment;
  }

  /** Once a seek has brought its frame onto the screen. */
  presented() {
    return new Promise((done) => {
      this.video.addEventListener('seeked', () => requestAnimationFrame(() => requestAnimationFrame(done)), { once: true });
    });
  }

  /** Lets what is loaded and what is shown go, and says why in its place. */
  blank(text) {
    this.turn++;
    this.drop();
    Object.assign(this.canvas, { width: 0, height: 0, hidden: true });
    this.cover(text);
  }

  /** Lets what is loaded go. */
  drop() {
    this.leaving.abort();
    this.footage = undefined;
  }

  close() {
    this.turn++;
    this.drop();
    this.stills.close();
    fill(this.element);
    this.element.remove();
  }
}

/** What the appliance has answered, as a Problem; nothing to be had is none. */
export function problemOf(error) {
  if (error instanceof RangeError) return new Nothing();
  if (error?.name !== 'Refused') return error;
  if (error.problem?.type?.endsWith('/nothing')) return new Nothing();
  return new Problem({ status: error.status, title: t('common.unreachable'), ...error.problem });
}
