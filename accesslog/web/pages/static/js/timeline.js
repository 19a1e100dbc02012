// The timeline of a day: a row for each camera, a cursor that is a slider for whoever has no mouse, a zoom from the whole
// day to a minute. It opens no footage: pick says that somebody wants to see a moment.

import { draw, layOut } from './draw.js';
import { el, fill } from './dom.js';
import { around, at, border, ended, length, momentAt, ordered, placeOf, shifted, showing, wholeOf, within, zoomed } from './scale.js';
import { pointing } from './pointing.js';
import { clock, span } from './time.js';
import { of, t } from './words.js';

const missed = { mouse: 12, touch: 24 }; // px that somebody may miss the playhead or an end of what is marked by
const mostMarked = 3600e3; // of a range that nobody has given a length

/** What there is at a moment, in words. */
export function toldOf(row, moment, near) {
  const { gap, recorded, marks } = at(row, moment, near);
  const nothing = moment < row.reach ? t('timeline.out-of-reach') : t('timeline.nothing');
  const what = gap ? t('timeline.gap', { cause: of('footage.cause', gap.cause), from: clock(gap.from), length: span(gap.to - gap.from) }) : recorded ? t('timeline.recorded') : nothing;
  return [...new Set([what, ...marks.map((one) => of('footage.kind', one.kind))])].join(', ');
}

export class Timeline {
  /** pick(moment, row) is called for a moment that somebody wants to see; scrub(moment, done) while a playhead is drawn along. */
  constructor(place, { pick, scrub }) {
    Object.assign(this, { pick, scrub, rows: [], chosen: 0, head: undefined });
    this.canvas = el('canvas', { class: 'timeline-canvas', 'aria-hidden': 'true' });
    this.names = el('div', { 'aria-hidden': 'true' });
    this.cursorLine = el('div', { class: 'timeline-cursor', 'aria-hidden': 'true' });
    this.markBox = el('div', { class: 'timeline-mark', 'aria-hidden': 'true', hidden: true });
    this.headLine = el('div', { class: 'timeline-head', 'aria-hidden': 'true', hidden: true });
    this.slider = el('div', { class: 'timeline-body', role: 'slider', tabindex: '0', 'aria-label': t('timeline.label'), 'aria-describedby': 'timeline-how', 'aria-valuemin': '0' },
      this.canvas, this.names, this.markBox, this.cursorLine, this.headLine);
    this.watchButton = el('button', { type: 'button', class: 'main', onclick: () => this.choose() }, t('timeline.watch'));
    this.told = el('p', { class: 'timeline-told numbers' });
    fill(place,
      el('div', { class: 'row apart timeline-top' }, this.told,
        el('div', { class: 'row timeline-buttons' },
          this.button('−', t('timeline.out'), () => this.zoom(2)),
          this.button('+', t('timeline.in'), () => this.zoom(0.5)),
          this.button(t('timeline.whole'), null, () => this.look(this.whole)),
          this.button(t('timeline.mark'), null, () => this.markAround()),
          this.watchButton)),
      this.slider,
      el('p', { class: 'help', id: 'timeline-how' }, t('timeline.how')),
      this.legend = el('ul', { class: 'legend' }),
      el('details', { class: 'more timeline-keys' }, el('summary', {}, t('timeline.keys')), el('p', {}, t('timeline.keys-do'))));
    this.slider.addEventListener('keydown', (event) => this.pressed(event));
    pointing(this.slider, {
      zoom: (times, x) => this.look(zoomed(this.view, this.whole, times, this.momentAt(x))),
      pan: (px) => this.look(shifted(this.view, this.whole, (-px / this.px) * length(this.view))),
      hover: (x, y) => this.hover(x, y),
      tap: (x, y, held) => { if (held !== 'mark') this.tapped(x, y); },
      grabs: (x, y, how) => this.grabs(x, y, how),
      drag: (x, done, held) => this.dragged(x, done, held),
    });
    new ResizeObserver(() => this.measure()).observe(this.slider);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.paint());
  }

  button(sign, label, onclick) {
    return el('button', { type: 'button', 'aria-label': label, title: label, onclick }, sign);
  }

  /** Shows a day of some cameras, as {camera, name, recorded, gaps, marks}; the chosen one is larger. A cursor stays if it can. */
  show(day, rows, chosen, cursor) {
    const other = this.day !== day;
    Object.assign(this, { day, rows, chosen, whole: wholeOf(day) });
    if (other) this.view = this.whole;
    const first = rows[chosen]?.recorded[0]?.from;
    this.cursor = within(this.whole, cursor ?? (other || this.cursor === undefined ? +(first ?? this.whole.from) : this.cursor));
    this.slider.setAttribute('aria-valuemax', String(length(this.whole) / 1000));
    const { places, height } = layOut(rows, chosen);
    this.slider.style.height = `${height}px`;
    fill(this.names, rows.map((row, i) => {
      const name = el('span', { class: i === chosen ? 'timeline-name chosen' : 'timeline-name' }, row.name);
      name.style.top = `${places[i].name}px`;
      return name;
    }));
    fill(this.legend, legend(rows.some(({ marks }) => marks.some(({ kind }) => kind === 'requested'))));
    if (this.mark && (this.mark.to <= this.whole.from || this.mark.from >= this.whole.to)) this.mark = undefined;
    this.onmark?.();
    this.measure();
  }

  measure() {
    this.px = this.slider.clientWidth;
    if (this.px > 0 && this.view) this.paint();
  }

  /** Draws once before the next picture of the screen, however often it is asked to; the lines alone where nothing else moved. */
  paint(all = true) {
    this.drawsAll ||= all;
    if (this.painting || !this.view || !this.px) return;
    this.painting = requestAnimationFrame(() => {
      this.painting = 0;
      if (this.drawsAll) draw(this.canvas, { rows: this.rows, chosen: this.chosen, view: this.view, day: this.day, px: this.px, now: Date.now() });
      this.drawsAll = false;
      this.place(this.cursorLine, this.cursor);
      this.place(this.headLine, this.head);
      this.placeMark();
      this.tell();
    });
  }

  placeMark() {
    const [from, to] = this.mark ? [this.mark.from, this.mark.to].map((one) => placeOf(this.view, one) * this.px) : [-1, -1];
    this.markBox.hidden = to < 0 || from > this.px;
    const row = layOut(this.rows, this.chosen).places[this.chosen];
    if (row) Object.assign(this.markBox.style, { top: `${row.top - 5}px`, height: `${row.height + 10}px` });
    this.markBox.style.left = `${Math.max(from, -8)}px`;
    this.markBox.style.width = `${Math.min(to, this.px + 8) - Math.max(from, -8)}px`;
  }

  place(line, moment) {
    const part = moment === undefined ? -1 : placeOf(this.view, moment);
    line.hidden = part < 0 || part > 1;
    line.style.transform = `translateX(${Math.round(part * this.px)}px)`;
  }

  /** Says in words what there is where somebody points, else at the cursor, which the slider always says. */
  tell() {
    const row = this.rows[this.chosen];
    if (!row) return;
    const text = this.textOf(this.cursor, row);
    const said = this.pointed ? this.textOf(this.momentAt(this.pointed.x), this.rows[this.rowAt(this.pointed.y)]) : text;
    if (this.told.textContent !== said) this.told.textContent = said;
    if (this.runs && document.activeElement === this.slider) return; // or it would be read out each second
    this.slider.setAttribute('aria-valuenow', String(Math.round((this.cursor - this.whole.from) / 1000)));
    this.slider.setAttribute('aria-valuetext', text);
  }

  textOf(moment, row) {
    return `${clock(moment)} · ${row.name}: ${toldOf(row, moment, (3 / this.px) * length(this.view))}`;
  }

  momentAt(x) {
    return within(this.whole, momentAt(this.view, x / this.px));
  }

  rowAt(y) {
    const { places } = layOut(this.rows, this.chosen);
    const found = places.findIndex(({ bottom }) => y <= bottom + 4);
    return found < 0 ? this.chosen : y < places[0].name ? this.chosen : found;
  }

  hover(x, y) {
    this.pointed = x === undefined ? undefined : { x, y };
    this.slider.classList.toggle('at-end', x !== undefined && this.view !== undefined && y >= 24 && this.endAt(x, missed.mouse) !== undefined);
    if (this.view) this.tell();
  }

  /** What a press takes along: the playhead, an end of what is marked, or with Shift the end of another range. */
  grabs(x, y, { touch, shift }) {
    const near = missed[touch ? 'touch' : 'mouse'];
    if (this.head !== undefined && y < 24) return 'head';
    const end = this.endAt(x, near);
    if (shift || end) {
      this.anchor = shift ? this.momentAt(x) : this.mark[end === 'from' ? 'to' : 'from'];
      return 'mark';
    }
    return this.head !== undefined && Math.abs(placeOf(this.view, this.head) * this.px - x) < near ? 'head' : undefined;
  }

  /** The end of what is marked that lies near a place: 'from', 'to' or undefined. */
  endAt(x, near) {
    if (!this.mark) return undefined;
    const off = ['from', 'to'].map((end) => Math.abs(placeOf(this.view, this.mark[end]) * this.px - x));
    return Math.min(...off) < near ? (off[0] < off[1] ? 'from' : 'to') : undefined;
  }

  dragged(x, done, held) {
    const moment = this.momentAt(x);
    if (held === 'mark') {
      this.setMark(ordered(this.anchor, Math.min(moment, Date.now())));
      return;
    }
    this.move(moment);
    this.scrub(this.cursor, done);
  }

  /** Marks a range of the chosen camera; undefined takes the mark away. */
  setMark(range) {
    this.mark = range;
    this.onmark?.();
    this.paint(false);
  }

  /** Marks some time around the cursor. */
  markAround() {
    const half = this.markLong() / 2;
    const middle = within(this.view, this.cursor);
    this.setMark(ordered(Math.max(middle - half, this.whole.from), Math.min(middle + half, this.whole.to, Date.now())));
  }

  /** Lets what is marked begin ('from') or end ('to') at a moment: the cursor, or another one. */
  markEnd(end, moment = this.cursor) {
    const { from, to } = ended(this.mark, end, moment, this.markLong());
    this.setMark(ordered(from, Math.min(to, Math.max(Date.now(), from))));
  }

  markLong() {
    return Math.min(mostMarked, length(this.view) / 6);
  }

  tapped(x, y) {
    const row = this.rowAt(y);
    this.cursor = this.momentAt(x);
    this.pointed = undefined;
    this.paint();
    this.pick(this.cursor, this.rows[row]);
  }

  choose() {
    this.pick(this.cursor, this.rows[this.chosen]);
  }

  look(view) {
    this.view = view;
    this.onview?.(view);
    this.paint();
  }

  zoom(times) {
    this.look(zoomed(this.view, this.whole, times, within(this.view, this.cursor)));
  }

  /** Puts the cursor at a moment of the day, in sight. */
  move(moment) {
    this.cursor = within(this.whole, moment);
    this.look(showing(this.view, this.whole, this.cursor));
  }

  /** Shows a moment with some time around it. */
  near(moment, long) {
    this.cursor = within(this.whole, moment);
    this.look(around(this.cursor, Math.min(long, length(this.view)), this.whole));
  }

  /** Shows a range with as much time before it and behind it, the cursor at its beginning. */
  frame({ from, to }) {
    const [begin, end] = [within(this.whole, from), within(this.whole, to)];
    this.cursor = begin;
    this.look(around((begin + end) / 2, (end - begin) * 3, this.whole));
  }

  /** Shows where it plays; undefined where nothing does. Whoever has moved the cursor since keeps it where it is. */
  play(moment) {
    if (this.head === this.cursor || this.head === undefined) this.cursor = moment ?? this.cursor;
    if ((this.head === undefined) !== (moment === undefined)) this.watchButton.textContent = moment === undefined ? t('timeline.watch') : t('timeline.show');
    const seen = (one) => one >= this.view.from && one <= this.view.to;
    const left = seen(this.head) && !seen(moment) && moment >= this.whole.from && moment < this.whole.to;
    Object.assign(this, { head: moment, runs: moment !== undefined });
    if (left) this.look(showing(this.view, this.whole, moment)); // whoever has moved the view away keeps it
    else this.paint(false);
  }

  pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    this.runs = false;
    const step = (event.shiftKey ? 1 : 6) * (length(this.view) / 360);
    const to = { ArrowLeft: this.cursor - step, ArrowRight: this.cursor + step, PageUp: this.cursor - step * 15, PageDown: this.cursor + step * 15, Home: this.whole.from, End: this.whole.to - 1000,
      n: border(this.rows[this.chosen], this.cursor, 1), p: border(this.rows[this.chosen], this.cursor, -1) };
    const others = { ArrowUp: -1, ArrowDown: 1 };
    const ends = { i: 'from', o: 'to' };
    const zooms = { '+': 0.5, '-': 2 };
    if (event.key in to) this.move(to[event.key] ?? this.cursor);
    else if (event.key in others) this.turn(others[event.key]);
    else if (event.key in zooms) this.zoom(zooms[event.key]);
    else if (event.key === '0') this.look(this.whole);
    else if (event.key in ends) this.markEnd(ends[event.key]);
    else if (event.key === 'Escape' && this.mark) this.setMark(undefined);
    else if (event.key === 'Enter') this.choose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Goes to the row above or below. */
  turn(by) {
    const next = Math.min(Math.max(this.chosen + by, 0), this.rows.length - 1);
    if (next !== this.chosen) this.show(this.day, this.rows, next, this.cursor);
  }
}

/** What the patterns mean; what is requested only where something is. */
function legend(requested) {
  const kinds = [['recorded', t('timeline.recorded')], ['gap', of('footage.kind', 'gap')], ['hold', of('footage.kind', 'hold')], ['restriction', of('footage.kind', 'restriction')], ['disclosure', of('footage.kind', 'disclosure')], ['none', t('timeline.nothing')],
    ...(requested ? [['requested', of('footage.kind', 'requested')]] : [])];
  return kinds.map(([kind, said]) => el('li', {}, el('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), said));
}
