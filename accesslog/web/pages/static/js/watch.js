// Live pictures, where the notice allows them: one camera, in a viewing with the same bar.

import { el, fill } from './dom.js';
import { allowedAt, askPurpose } from './purpose.js';
import { problemOf } from './screen.js';
import { Stills, Unshowable } from './stills.js';
import { clock } from './time.js';
import { Viewing } from './viewing.js';
import { number, of, t } from './words.js';

const apart = 2000; // ms between two key frames, where there is no video

/** Whether the notice allows watching a camera live now, for whoever may. */
export async function mayWatch(camera) {
  if (!camera.may.includes('live')) return false;
  const now = Date.now();
  return (await allowedAt(camera.id, now - 1000, now))?.live === true;
}

/** Asks for the purpose, and shows a camera live in a place. Promises the viewing, or undefined. */
export async function watch(place, camera) {
  const viewing = await askPurpose({ camera, moment: Date.now() - 1000, live: true,
    open: ({ purpose, remark }) => Viewing.open({ camera: camera.id, purpose, remark, live: true }) });
  if (!viewing) return undefined;
  viewing.bar();
  new Watch(place, viewing, camera).run();
  return viewing;
}

class Watch {
  constructor(place, viewing, camera) {
    Object.assign(this, { place, viewing, camera, stream: 'main', leaving: new AbortController() });
    this.video = el('video', { playsinline: true, 'aria-label': camera.name });
    this.video.muted = true;
    this.canvas = el('canvas', { class: 'still', hidden: true, role: 'img', 'aria-label': camera.name });
    this.clock = el('p', { class: 'clock numbers', 'aria-live': 'off' }, t('common.working'));
    this.note = el('p', { class: 'note', role: 'status', hidden: true });
    this.element = el('section', { class: 'player watch', 'aria-label': t('watch.label', { camera: camera.name }), tabindex: '-1' },
      el('div', { class: 'wall', 'data-count': '1' }, el('figure', { class: 'screen' },
        el('div', { class: 'picture' }, this.video, this.canvas, viewing.watermark()), el('figcaption', {}, camera.name))),
      this.note, this.clock,
      el('div', { class: 'row control-row' }, el('button', { type: 'button', onclick: () => this.full() }, t('player.full'))));
    viewing.onend = () => this.close();
    fill(place, this.element);
    place.hidden = false;
    this.element.focus();
  }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.element.requestFullscreen().catch(() => {}); // a browser that has none leaves it as it is
  }

  /** Shows it until it ends, and says why it did. */
  async run() {
    const { signal } = this.leaving;
    const live = await import('/static/live.js');
    try {
      const why = await live.play(this.video, this.viewing.address(this.camera.id, this.stream, 'live'), { signal, onstate: (state) => this.tell(state) });
      this.stopped(of('watch.end', why));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof live.Unplayable) await this.instead();
      else this.stopped(problemOf(error).said ?? t('player.failed'));
    }
  }

  /** Shows the smaller stream where the browser can't play this one, else key frames. */
  async instead() {
    if (this.stream === 'main' && this.camera.streams.includes('sub')) {
      this.stream = 'sub';
      this.say(t('player.smaller'));
      await this.run();
      return;
    }
    this.say(t('player.by-stills'));
    this.stills = new Stills(this.canvas, this.viewing.address(this.camera.id, this.stream = 'main', 'frame'));
    Object.assign(this.canvas, { hidden: false });
    this.video.hidden = true;
    while (!this.leaving.signal.aborted) {
      try {
        const at = await this.stills.show(Date.now());
        if (at !== undefined) this.tell({ state: 'playing', at, behind: (Date.now() - at) / 1000 });
      } catch (error) {
        if (this.leaving.signal.aborted) return;
        if (error instanceof Unshowable) this.unshowable();
        else this.stopped(error.said ?? t('player.failed'));
        return;
      }
      await new Promise((done) => setTimeout(done, apart));
    }
  }

  tell({ state, at, behind }) {
    if (!Number.isFinite(at)) return;
    fill(this.clock, el('span', { class: 'clock-time' }, clock(at)), ' ', el('span', { class: 'quiet' },
      state === 'playing' ? t('watch.behind', { seconds: number(Math.max(behind, 0), { maximumFractionDigits: 1 }) }) : t('watch.waiting')));
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = false;
  }

  /** Nothing can be shown: that is said in the place of the picture. */
  unshowable() {
    this.canvas.replaceWith(el('p', { class: 'cover' }, t('player.unshowable')));
    this.note.hidden = true;
    fill(this.clock);
  }

  /** The last picture stays, and it is said that it is old. */
  stopped(why) {
    if (this.leaving.signal.aborted) return;
    this.say(`${why} ${t('watch.old')}`);
    this.note.classList.add('warn');
  }

  close() {
    this.leaving.abort();
    this.stills?.close();
    if (document.fullscreenElement) document.exitFullscreen();
    this.element.remove();
    this.place.hidden = true;
  }
}
