// What somebody looks at on the footage page: the timeline of a day, the viewing that is opened from it, and live pictures.

import { Activity } from './activity.js';
import { mostCameras } from './controls.js';
import { el, fill, tell, toast } from './dom.js';
import { Marking } from './marking.js';
import { Player } from './player.js';
import { askPurpose, fresh } from './purpose.js';
import { ranges } from './ranges.js';
import { reachOf, reachTold } from './reach.js';
import { at, nextRecorded } from './scale.js';
import { address } from './state.js';
import { beginning, clock, dayOf, ending } from './time.js';
import { Timeline } from './timeline.js';
import { Viewing } from './viewing.js';
import { mayWatch, watch } from './watch.js';
import { of, t } from './words.js';

const shownAround = 20 * 60e3; // of the timeline when a viewing is opened

export class Looking {
  /** changed is called when something was done about a day, which is then shown anew. */
  constructor({ stage, timeline, marked, live, cameras, requested, changed }) {
    Object.assign(this, { stage, live, cameras, requested, rows: new Map(), stale: new Set() });
    this.timeline = new Timeline(timeline, { pick: (moment, row) => this.pick(moment, row).catch(tell), scrub: (moment, done) => this.player?.scrub(moment, done) });
    this.timeline.onview = () => this.curve();
    this.marking = new Marking(marked, { timeline: this.timeline, cameraOf: (row) => this.cameraOf(row), leave: (href) => this.leave(href).catch(tell),
      secured: (camera) => { this.stale.add(camera.id); changed(); }, seen: marked.dataset.seen === 'yes' });
    timeline.addEventListener('keydown', (event) => this.player?.controls.pressed(event));
  }

  /** Shows a day of a camera, and of all others below it. */
  async showDay(camera, day, found, signal) {
    if (this.day !== day || this.request !== this.requested.id) this.rows.clear();
    Object.assign(this, { day, request: this.requested.id });
    this.keep(camera, found);
    this.draw(camera);
    await Promise.all(this.cameras.filter((one) => one !== camera && (!this.rows.has(one.id) || this.stale.delete(one.id))).map(async (one) => {
      const other = await ranges(one.id, beginning(day), ending(day), { disclosed: true, signal });
      if (signal.aborted) return;
      other.marks.push(...this.requested.marks(one.id, beginning(day), ending(day)));
      this.keep(one, other);
      this.draw(camera);
    }));
  }

  keep(camera, found) {
    const before = this.rows.get(camera.id);
    this.rows.set(camera.id, Object.assign(before ?? {}, { camera: camera.id, name: camera.name, reach: reachOf(camera), ...found }));
  }

  draw(camera) {
    const rows = [camera, ...this.cameras.filter((one) => one !== camera)].map(({ id }) => this.rows.get(id)).filter(Boolean);
    const pending = this.pending !== undefined && dayOf(this.pending) === this.day ? this.pending : undefined;
    this.pending = undefined;
    this.timeline.show(this.day, rows, 0, pending);
    const wanted = this.requested.take();
    if (wanted && !this.player) this.timeline.frame(wanted);
    if (this.player?.at !== undefined) this.timeline.play(this.player.at);
  }

  rowOf(camera) {
    return this.rows.get(camera) ?? { recorded: [], gaps: [], marks: [] };
  }

  cameraOf(row) {
    return this.cameras.find(({ id }) => id === row.camera);
  }

  /** Somebody wants to see a moment. What is asked for first is the purpose, once for each viewing. */
  async pick(moment, row) {
    if (!row) return;
    const wanted = this.possible(moment, row);
    if (wanted === undefined) return;
    if (this.viewing && !this.player && !await this.viewing.ask()) return; // live pictures are another viewing
    const camera = this.cameraOf(row);
    if (this.player) await this.show(camera, wanted, true);
    else await this.open(camera, wanted, at(row, wanted).marks.some(({ kind }) => kind === 'restriction'));
  }

  /** The moment that can be shown in the place of one that is wanted; undefined if there is none, which is said. */
  possible(moment, row) {
    const next = nextRecorded(row, moment);
    if (next === undefined) {
      toast(reachTold(this.cameraOf(row)) ?? t('viewing.nothing-later'), 'warn');
      return undefined;
    }
    if (next > Date.now() - fresh - 1000) {
      toast(t('viewing.fresh'), 'warn');
      return undefined;
    }
    const { gap } = at(row, moment);
    if (next > moment) toast(t('viewing.gap', { cause: of('footage.cause', gap?.cause), to: clock(next) }), 'warn');
    return next;
  }

  async open(camera, moment, restricted) {
    const viewing = await askPurpose({ camera, moment, restricted, open: ({ purpose, request, ground, remark, from, to }) => Viewing.open({ camera: camera.id, purpose, request, ground, remark, from, to }) });
    if (!viewing) return;
    viewing.bar();
    this.viewing = viewing;
    this.player = new Player(this.stage, { viewing, cameras: this.cameras, rowOf: (id) => this.rowOf(id), add: (other) => this.show(other, this.player.at).catch(tell), goTo: (to) => this.goTo(to), onmoment: (to) => this.timeline.play(to),
      mark: (end, at) => this.timeline.markEnd(end, at) });
    this.activity = new Activity(viewing, this.timeline);
    viewing.onend = () => this.ended();
    this.player.add(camera);
    this.player.element.focus();
    this.timeline.near(moment, shownAround);
    const shown = await this.player.jump(moment);
    if (shown !== undefined) this.player.play();
  }

  /** Shows a moment in the viewing that is open; a camera that is not there yet comes to it, and may lead the others. */
  async show(camera, moment, leads = false) {
    const { player } = this;
    if (!player.has(camera.id)) {
      if (player.screens.length >= mostCameras) {
        toast(t('viewing.enough'), 'warn');
        return;
      }
      await this.viewing.extend(camera.id, 'main', moment, Math.min(moment + 60e3, Date.now()));
      player.add(camera);
    }
    if (leads) player.leadBy(camera.id);
    await player.jump(moment);
  }

  /** Shows a moment that was typed, of this day or another. */
  async goTo(moment) {
    if (dayOf(moment) !== this.day) {
      this.pending = moment;
      location.hash = address({ camera: this.player.lead.camera.id, day: dayOf(moment), request: this.requested.id });
    }
    await this.player.jump(moment);
  }

  /** Goes to another page, once it is said what came of an open viewing. */
  async leave(href) {
    if (!this.viewing || await this.viewing.ask()) location.assign(href);
  }

  curve() {
    const screen = this.player?.lead;
    if (screen) this.activity.look(this.rows.get(screen.camera.id), this.timeline.view, screen.stream);
  }

  ended() {
    this.activity?.close();
    this.player?.close();
    for (const row of this.rows.values()) row.activity = undefined;
    Object.assign(this, { player: undefined, viewing: undefined, activity: undefined });
    this.stage.hidden = true;
    this.timeline.play(undefined);
    this.timeline.slider.focus();
  }

  /** Offers live pictures of a camera where the notice allows them, to whoever may see them. */
  async offerLive(camera, signal) {
    const allowed = await mayWatch(camera);
    if (signal.aborted || this.viewing) return;
    this.live.hidden = !allowed;
    fill(this.live, allowed ? el('button', { type: 'button', onclick: () => this.watch(camera).catch(tell) }, t('watch.open', { camera: camera.name })) : null);
  }

  async watch(camera) {
    if (this.viewing && !await this.viewing.ask()) return;
    const place = el('div', {});
    const button = this.live.firstChild;
    const viewing = await watch(place, camera);
    if (!viewing) return;
    this.viewing = viewing;
    fill(this.live, place);
    const { onend } = viewing;
    viewing.onend = () => {
      onend();
      this.viewing = undefined;
      fill(this.live, button);
      button.focus();
    };
  }
}
