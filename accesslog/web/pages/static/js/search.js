// A search for a change in one viewing. Only pictures that are shown are asked for, each once; all of them stay on the page,
// so that a step back asks for nothing.

import { Problem } from './api.js';
import { el, fill, tell } from './dom.js';
import { between, overall } from './halving.js';
import { Result } from './result.js';
import { Picture, Sheet } from './sheet.js';
import { Stills, Unshowable } from './stills.js';
import { missingList, strip } from './strip.js';
import { clock, dateTime, span } from './time.js';
import { over } from './viewing.js';
import { n, of, t } from './words.js';

export class Search {
  constructor({ place, camera, viewing, whole, parts, gaps, withheld, seen }) {
    Object.assign(this, { place, camera, viewing, whole, parts, gaps, withheld, seen, steps: [], times: new Set(), leaving: new AbortController(), loading: Promise.resolve() });
    this.note = el('p', { class: 'note warn', role: 'status', hidden: true });
    this.use('main');
  }

  /** Looks at a stream of the camera from now on. */
  use(stream) {
    const { viewing, camera, leaving } = this;
    this.stills?.close();
    this.stills = new Stills(null, viewing.address(camera.id, stream, 'frame'));
    this.where = { viewing, camera: camera.id, stream, signal: leaving.signal };
  }

  async begin() {
    const moments = this.parts.length ? await overall(this.where, this.parts) : [];
    if (moments.length) await this.show(moments.map((moment) => new Picture(moment + 1)));
    else fill(this.place, el('div', { class: 'note warn' }, el('p', {}, t('find.all-withheld'))), missingList(this));
  }

  /** Shows a sheet of pictures, and asks for those that are still to come, one after the other. */
  async show(pictures, focus = false) {
    const sheet = new Sheet({ pictures, mark: () => oneLine(this.viewing.watermark()), changed: (half) => this.prompt(half), marked: (a, b) => this.halve(a, b),
      retry: (picture) => this.fetch(picture, sheet).catch(tell) });
    this.steps.push(pictures);
    this.sheet = sheet;
    this.frame(sheet.list);
    if (focus) sheet.focus();
    else this.place.focus();
    for (const picture of [...pictures]) {
      if (this.sheet !== sheet || this.viewing.ended) return;
      if (picture.at === undefined && !picture.missing) await this.fetch(picture, sheet);
    }
    if (this.sheet === sheet && this.steps.length > 1 && pictures.length === 2) {
      this.steps.pop();
      this.found(...pictures);
    }
  }

  /** Gets one picture onto a sheet, unless it is there already. There is one on its way at a time, also where somebody goes on
   * before all of a sheet are there. */
  async fetch(picture, sheet) {
    Object.assign(picture, { missing: '', again: false });
    if (this.sheet === sheet) sheet.draw(picture);
    await (this.loading = this.loading.catch(() => {}).then(() => this.load(picture)));
    if (this.sheet !== sheet || this.viewing.ended) return;
    if (picture.at !== undefined && sheet.has(picture)) sheet.drop(picture);
    else sheet.draw(picture);
    this.count();
  }

  /** What stands around the pictures. */
  frame(content) {
    const shown = this.steps.at(-1);
    const looked = { from: shown[0].at ?? this.whole.from, to: shown.at(-1).at ?? this.whole.to };
    this.line = el('p', { class: 'search-line', role: 'status' });
    this.total = el('p', { class: 'quiet' });
    fill(this.place,
      el('div', { class: 'card' },
        el('div', { class: 'row apart' }, el('h2', { class: 'search-title' }, t('find.between', { camera: this.camera.name, from: dateTime(looked.from), to: clock(looked.to) })),
          this.steps.length > 1 ? el('button', { type: 'button', class: 'back', onclick: () => this.back() }, t('find.back')) : null),
        strip({ ...this, looked, moments: shown.map(({ at, moment }) => at ?? moment) }),
        this.line, this.note, content, this.total, missingList(this)));
    this.prompt(false);
    this.count();
  }

  /** Says what to do next. */
  prompt(half) {
    fill(this.line, half ? t('find.mark-after') : t('find.mark-before'));
  }

  count() {
    fill(this.total, n('find.shown', this.times.size), ' ', this.sheet ? t('find.first-has-it') : null);
  }

  async load(picture) {
    this.stills.canvas = picture.canvas;
    try {
      picture.at = await this.stills.show(picture.moment);
      this.times.add(picture.at);
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (error instanceof Problem && over(error)) {
        tell(error);
        this.viewing.close();
      } else if (error instanceof Problem) Object.assign(picture, { missing: error.title, again: true });
      else if (error instanceof Unshowable) await this.fallBack(picture);
      else throw error;
    }
  }

  /** Goes on with the smaller stream where the browser can't show the picture; where it can't show that, it says so. */
  async fallBack(picture) {
    const smaller = this.where.stream === 'main' && this.camera.streams.includes('sub');
    this.note.textContent = smaller ? t('player.smaller') : t('player.unshowable');
    this.note.hidden = false;
    if (smaller) {
      this.use('sub');
      await this.load(picture);
    } else this.sheet.pictures.filter(({ at }) => at === undefined).forEach((one) => { one.missing = t('find.unshowable'); });
  }

  /** Goes on between two pictures, or tells that there is nothing between them. */
  async halve(before, after) {
    if (this.halving) return;
    this.halving = true;
    fill(this.line, t('common.working'));
    try {
      const moments = await between(this.where, before.at, after.at, this.parts).finally(() => { this.halving = false; });
      if (moments.length === 0) this.found(before, after);
      else await this.show([before, ...moments.map((moment) => new Picture(moment + 1)), after], true);
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.prompt(false);
      tell(error);
      if (over(error)) this.viewing.close();
    }
  }

  /** Shows the sheet before this one. */
  async back() {
    this.result?.close();
    this.result = undefined;
    this.steps.pop();
    await this.show(this.steps.pop(), true);
  }

  found(before, after) {
    this.sheet = undefined;
    this.steps.push([before, after]);
    const { camera, viewing, parts, gaps, seen } = this;
    const missing = this.missingBetween(before, after);
    this.result = new Result({ before, after, over: missing.some(({ cause }) => cause !== undefined), camera, viewing, row: { recorded: parts, gaps, marks: [] }, seen, mark: () => viewing.watermark() });
    this.frame(this.result.element);
    fill(this.line, t('find.found', { from: clock(before.at), to: clock(after.at), length: span(after.at - before.at) }),
      missing.flatMap((one) => [' ', toldOf(one)]));
    this.place.focus();
  }

  /** The gaps between two pictures, and what is withheld there. */
  missingBetween(before, after) {
    return [...this.gaps, ...this.withheld.filter(({ code }) => code !== 'nothing')].filter(({ from, to }) => from < after.at && to > before.at).sort((a, b) => a.from - b.from);
  }

  close() {
    this.leaving.abort();
    this.sheet = undefined;
    this.result?.close();
    this.stills.close();
  }
}

/** Only the first line of a watermark: on a small picture more would cover what one looks for. */
function oneLine(mark) {
  mark.replaceChildren(mark.firstElementChild);
  return mark;
}

/** What is missing between two pictures, in words. */
function toldOf({ from, to, cause, why }) {
  const told = { from: clock(from), to: clock(to), why: why ?? of('footage.cause', cause) };
  return why === undefined ? t('find.found-gap', told) : t('find.found-withheld', told);
}
