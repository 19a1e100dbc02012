// An open viewing: what it may see, its bar, and how it ends. A page that is left ends it too, as far as the browser lets it.

import { get, path, post, Problem } from './api.js';
import { hideBar, showBar } from './bar.js';
import { byId, el, tell, toast } from './dom.js';
import { fresh } from './purpose.js';
import { language, t } from './words.js';

const windowLong = 2 * 3600e3; // of one playlist, at even hours UTC
export const windowEnd = (moment) => (Math.floor(moment / windowLong) + 1) * windowLong;
const outcomes = () => [['nothing found', t('viewing.nothing-found')], ['secured', t('viewing.secured')], ['extract asked', t('viewing.extract-asked')], ['reported', t('viewing.reported')]];

export class Viewing {
  /** Opens one: the answer comes once its entry is durable. */
  static async open({ camera, stream, purpose, request, ground, remark, from, to, live }) {
    const [{ person }, opened] = await Promise.all([get('/session'),
      post('/viewings', live ? { camera, stream, purpose, remark, live } : { camera, stream, purpose, request, ground, remark, from: iso(from), to: iso(to) })]);
    return new Viewing(opened, person.name);
  }

  constructor({ id, entry }, name) {
    Object.assign(this, { id, entry, name, since: new Date(), ended: false, onend: () => {} });
    this.leaving = () => this.leave();
    this.over = () => this.close();
    addEventListener('pagehide', this.leaving);
    document.addEventListener('session-over', this.over);
  }

  /** Lets the viewing have a further camera, with an entry. */
  extend(camera, stream, from, to) {
    return post(path`/viewings/${this.id}/cameras`, { camera, stream, from: iso(from), to: iso(to) });
  }

  /** The window that a moment lies in, of at most two hours: {from, to, playlist}. */
  async window(camera, stream, moment) {
    const from = windowEnd(moment) - windowLong;
    const to = Math.min(windowEnd(moment), Date.now() - fresh);
    if (to <= moment) throw new Problem({ type: 'fresh', title: t('viewing.fresh') });
    const { windows } = await get(path`/viewings/${this.id}/${camera}/${stream}/windows`, { from: iso(from), to: iso(to) });
    return { from, to, playlist: windows[0].playlist };
  }

  timeline(camera, stream, from, to, signal) {
    return get(path`/viewings/${this.id}/${camera}/${stream}/timeline`, { from: iso(from), to: iso(to) }, { signal });
  }

  address(camera, stream, what) {
    return `/api/v1${path`/viewings/${this.id}/${camera}/${stream}/`}${what}`;
  }

  bar() {
    showBar({ entry: this.entry, name: this.name, purpose: this.purposeText, button: t('viewing.end'), end: () => this.ask() });
  }

  /** Asks what came of it, and ends it with one tap; promises whether it has ended. It asks once, however often it is called. */
  ask() {
    this.asking ??= this.question().finally(() => { this.asking = undefined; });
    return this.asking;
  }

  question() {
    const answer = (value, said) => el('button', { value, class: 'main' }, said);
    const dialog = el('dialog', { 'aria-labelledby': 'outcome-title' }, el('form', { method: 'dialog' },
      el('h2', { id: 'outcome-title' }, t('viewing.outcome')), el('p', {}, t('viewing.outcome-about')),
      el('div', { class: 'outcomes' }, outcomes().map(([value, said]) => answer(value, said))),
      el('div', { class: 'actions' }, el('button', { value: '', autofocus: true }, t('viewing.go-on')))));
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener('close', async () => {
        dialog.remove();
        resolve(dialog.returnValue !== '' && await this.end(dialog.returnValue));
      });
    });
  }

  async end(outcome) {
    try {
      await post(path`/viewings/${this.id}/end`, { outcome });
      toast(t('viewing.ended', { entry: this.entry }));
    } catch (error) {
      if (!(error instanceof Problem) || !over(error)) {
        tell(error);
        return false;
      }
      toast(error.said, 'bad');
    }
    this.close();
    return true;
  }

  /** Takes the bar away, and tells whoever shows it. It is over, or the page goes. */
  close() {
    if (this.ended) return;
    this.ended = true;
    removeEventListener('pagehide', this.leaving);
    document.removeEventListener('session-over', this.over);
    hideBar();
    this.onend();
  }

  /** Ends it while the page goes: the browser sends this when the page is no more. */
  leave() {
    if (this.ended) return;
    fetch(`/api/v1${path`/viewings/${this.id}/end`}`, { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ outcome: 'not stated' }) });
    this.close();
  }

  /** Says, once at a time, in the place of the browser's menu how footage is had for use elsewhere. */
  noSaving(event) {
    event.preventDefault();
    this.told?.remove();
    this.told = toast(t('viewing.no-saving'), 'warn');
  }

  /** The viewer's name, the time and the viewing's number, to lie over a picture. A right click meets it, and not the picture, which
   * browsers would save without it. */
  watermark() {
    const text = t('viewing.mark', { name: this.name, entry: this.entry, at: byDay(this.since) });
    return el('div', { class: 'watermark', 'aria-hidden': 'true', oncontextmenu: (event) => this.noSaving(event) }, Array.from({ length: 6 }, () => el('span', {}, text)));
  }
}

const iso = (moment) => new Date(moment).toISOString();
const byDay = (moment) => moment.toLocaleString(language === 'en' ? 'en-GB' : language, { dateStyle: 'short', timeStyle: 'short' });

/** Whether a problem says that the viewing is over. */
export const over = (error) => ['no-viewing', 'ended', 'no-session'].includes(error.id);

/** The place of the bar is there from the beginning: it is announced when it fills. */
byId('viewing-bar')?.setAttribute('aria-live', 'polite');
