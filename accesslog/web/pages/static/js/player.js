// The player of a viewing: up to four cameras in step, by one clock, which is when what is shown was taken.

import { Problem } from './api.js';
import { Controls, speeds } from './controls.js';
import { el, fill, toast } from './dom.js';
import { at as what, nextRecorded } from './scale.js';
import { Nothing, Screen } from './screen.js';
import { clock } from './time.js';
import { over, windowEnd } from './viewing.js';
import { of, t } from './words.js';

const fastestVideo = 2; // beyond, key frames are shown
const follow = { every: 150, gain: 2, slack: 0.25, far: 700 }; // ms, 1/s, part of the speed, ms

export class Player {
  /** rowOf(camera) is what there is of a camera on the day that is shown; onmoment is told what is shown; mark(end, moment), if
   * there is one, lets a marked range begin or end there. */
  constructor(place, { viewing, rowOf, cameras, add, goTo, onmoment, mark }) {
    Object.assign(this, { viewing, rowOf, onmoment, screens: [], rate: 1, playing: false, turn: 0 });
    this.wall = el('div', { class: 'wall' });
    this.trouble = el('div', { class: 'note bad player-trouble', role: 'alert', hidden: true });
    this.controls = new Controls(this, { cameras, add, goTo, mark });
    this.element = el('section', { class: 'player', 'aria-label': t('player.label'), tabindex: '-1' }, this.wall, this.trouble, this.controls.element);
    this.element.addEventListener('keydown', (event) => this.controls.pressed(event));
    fill(place, this.element);
    place.hidden = false;
    this.tick = this.tick.bind(this);
    this.ticking = requestAnimationFrame(this.tick);
  }

  get lead() {
    return this.screens[0];
  }

  /** Key frames are shown in the place of video. */
  get byStills() {
    return this.rate > fastestVideo || this.lead?.byStills;
  }

  has(camera) {
    return this.screens.some((screen) => screen.camera.id === camera);
  }

  /** Shows a further camera. */
  add(camera) {
    const screen = new Screen({ viewing: this.viewing, camera, failed: (error) => this.fail(error), remove: () => this.remove(screen) });
    this.screens.push(screen);
    this.wall.append(screen.element);
    this.arrange();
    return screen;
  }

  /** Lets a camera lead: the others follow what it shows. */
  leadBy(camera) {
    this.screens.sort((a, b) => (b.camera.id === camera) - (a.camera.id === camera));
  }

  remove(screen) {
    this.screens = this.screens.filter((one) => one !== screen);
    screen.close();
    this.arrange();
    if (this.screens.length) this.element.focus();
  }

  arrange() {
    this.wall.dataset.count = String(this.screens.length);
    this.screens.forEach(({ element }) => { element.querySelector('figcaption button').hidden = this.screens.length < 2; });
    this.controls.arrange();
  }

  /** Shows a moment on all screens, the next one that there is of the first; promises which. */
  async jump(moment) {
    const turn = ++this.turn;
    const going = this.playing;
    this.wanted = moment;
    this.halt();
    this.trouble.hidden = true;
    try {
      const shown = await this.leadTo(moment);
      if (turn !== this.turn || shown === undefined) return undefined;
      this.at = shown;
      this.wanted = undefined;
      await Promise.all(this.screens.slice(1).map((screen) => this.bring(screen, shown)));
      if (turn === this.turn && going) this.play();
      this.tell();
      return this.at;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** Shows a moment of the first camera, or what comes next of it, over gaps and hours without anything. */
  async leadTo(moment) {
    for (let wanted = moment, tries = 0; tries < 3; tries++) {
      try {
        const shown = await this.lead.show(wanted);
        if (shown !== undefined && shown > moment + 1000) toast(t('player.skipped', { from: clock(moment), to: clock(shown) }));
        return shown;
      } catch (error) {
        if (!(error instanceof Nothing)) throw error;
        const later = nextRecorded(this.rowOf(this.lead.camera.id), windowEnd(wanted));
        if (later === undefined) break;
        wanted = later;
      }
    }
    this.lead.cover(t('player.over'));
    return undefined;
  }

  /** Brings another screen to a moment; where there is nothing it says so, and goes on when there is. */
  async bring(screen, moment) {
    if (screen.brings) return;
    screen.brings = true;
    try {
      const shown = await screen.show(moment);
      screen.ahead = shown !== undefined && shown > moment + 500 ? shown : undefined;
    } catch (error) {
      if (!(error instanceof Nothing)) {
        if (!(error instanceof Problem) || over(error)) throw error;
        screen.ahead = Infinity;
        screen.cover(error.said);
        return;
      }
      screen.ahead = Infinity;
    } finally {
      screen.brings = false;
    }
    if (screen.ahead !== undefined) screen.cover(this.missing(screen, moment));
  }

  missing(screen, moment) {
    const row = this.rowOf(screen.camera.id);
    const { gap } = what(row, moment);
    return gap ? t('player.gap', { cause: of('footage.cause', gap.cause) }) : t('player.nothing');
  }

  play() {
    if (!this.lead || this.viewing.ended) return;
    this.playing = true;
    this.at = this.lead.moment ?? this.at;
    this.since = undefined;
    if (!this.byStills) this.screens.forEach((screen) => this.run(screen, this.rate));
    this.tell();
  }

  run(screen, rate) {
    if (screen.byStills || screen.ahead !== undefined || !screen.footage) return;
    screen.video.playbackRate = rate;
    screen.video.play().catch(() => {}); // it was paused again, or its picture is gone, which is told elsewhere
  }

  halt() {
    this.playing = false;
    this.screens.forEach(({ video }) => video.pause());
  }

  /** Stops, and brings all screens to the same moment: the picture that was drawn last may be some frames old. */
  async pause() {
    this.halt();
    this.tell();
    await this.jump(this.at);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  async setRate(rate) {
    const before = this.byStills;
    this.rate = rate;
    const going = this.playing;
    if (going && before !== this.byStills) {
      this.halt();
      if (before) await this.jump(this.at);
      this.play();
    } else if (going && !this.byStills) this.screens.forEach((screen) => { screen.video.playbackRate = rate; });
    this.tell();
  }

  faster(way) {
    const i = speeds.indexOf(this.rate) + way;
    if (speeds[i]) this.setRate(speeds[i]);
  }

  /** Shows the next frame or the one before, of the first camera; the others follow. */
  async step(way) {
    if (this.playing) await this.pause();
    if (this.stepping || !this.lead) return;
    if (this.lead.byStills || !this.lead.footage || this.lead.showsStill) {
      await this.jump(this.at + way * (this.lead.byStills ? 2000 : 0));
      if (this.lead.byStills) return;
    }
    this.stepping = true;
    try {
      this.at = await this.lead.step(way) ?? this.at;
      await Promise.all(this.screens.slice(1).map((screen) => this.bring(screen, this.at)));
    } catch (error) {
      this.fail(error);
    } finally {
      this.stepping = false;
    }
    this.tell();
  }

  /** Shows key frames while somebody draws the playhead along; at its end the moment itself. */
  async scrub(moment, done) {
    if (this.playing) this.halt();
    if (done) {
      await this.jump(moment);
      return;
    }
    this.at = moment;
    this.onmoment(moment);
    this.stillsAt(moment);
  }

  stillsAt(moment) {
    for (const screen of this.screens) {
      screen.still(moment).catch((error) => {
        if (error instanceof Problem && !this.ends(error)) screen.cover(error.said);
        else this.fail(error);
      });
    }
  }

  /** One step of the clock. */
  tick(now) {
    this.ticking = requestAnimationFrame(this.tick);
    if (!this.playing || !this.lead) return;
    if (this.byStills) this.runStills(now);
    else this.runVideo(now);
    this.tell();
  }

  runStills(now) {
    const passed = now - (this.since ?? now);
    this.since = now;
    const next = nextRecorded(this.rowOf(this.lead.camera.id), this.at + passed * this.rate);
    if (next === undefined) {
      this.halt();
      this.lead.cover(t('player.over'));
      return;
    }
    this.at = next;
    if (Math.abs(this.at - (this.asked ?? 0)) < 250 * this.rate) return;
    if (this.screens.some(({ stills }) => stills.asking)) return; // one clock: none runs ahead of another
    this.asked = this.at;
    this.stillsAt(this.at);
  }

  runVideo(now) {
    const { lead } = this;
    this.at = lead.moment ?? this.at;
    if (lead.video.ended) {
      this.jump(lead.window.to);
      return;
    }
    if (now - (this.steered ?? 0) < follow.every) return;
    this.steered = now;
    const stalled = lead.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    for (const screen of this.screens.slice(1)) this.steer(screen, stalled);
  }

  /** Keeps a screen in step with the first: a little faster or slower, or by a jump if it is far off. */
  steer(screen, stalled) {
    if (screen.byStills) {
      screen.still(this.at).catch((error) => this.fail(error));
      return;
    }
    if (screen.ahead !== undefined) {
      if (this.at < screen.ahead && this.at < (screen.window?.to ?? 0)) return;
      screen.ahead = undefined;
      this.bring(screen, this.at).then(() => { if (this.playing) this.run(screen, this.rate); }).catch((error) => this.fail(error));
      return;
    }
    if (screen.brings || screen.moment === undefined) return;
    const by = screen.moment - this.at;
    if (Math.abs(by) > follow.far || screen.video.ended) {
      screen.video.pause();
      this.bring(screen, this.at).then(() => { if (this.playing) this.run(screen, this.rate); }).catch((error) => this.fail(error));
    } else if (stalled) screen.video.pause();
    else {
      const more = Math.min(Math.max((-by / 1000) * follow.gain, -follow.slack), follow.slack);
      this.run(screen, this.rate * (1 + more));
    }
  }

  tell() {
    this.controls.tell();
    if (this.at !== undefined && this.at !== this.toldAt) this.onmoment(this.toldAt = this.at);
  }

  ends(error) {
    return !['purpose', 'restricted', 'erased', 'damaged', 'away', 'too-old', 'live', 'sending', 'nothing', 'fresh'].includes(error.id);
  }

  /** Ends playing, and says why in plain words. What may pass can be tried again. */
  fail(error) {
    this.halt();
    if (error?.name === 'AbortError' || this.viewing.ended) return;
    if (!(error instanceof Problem)) {
      if (error instanceof Error && !(error instanceof Nothing)) console.warn(error.message);
      error = new Problem({ title: t('player.failed') });
    }
    const at = this.wanted ?? this.at;
    if (this.ends(error)) this.screens.forEach((screen) => screen.blank(t('player.gone')));
    fill(this.trouble, el('p', {}, error.said), over(error) ? null : el('button', { type: 'button', onclick: () => this.jump(at) }, t('player.again')));
    this.trouble.hidden = false;
    this.tell();
    if (over(error)) {
      toast(error.said, 'bad');
      this.viewing.close();
    }
  }

  close() {
    cancelAnimationFrame(this.ticking);
    this.halt();
    if (document.fullscreenElement) document.exitFullscreen();
    this.screens.forEach((screen) => screen.close());
    this.screens = [];
    this.element.remove();
  }
}
