// What changes on the appliance is told as it happens: what it is now, whoever is told asks for.

import { get, Problem } from './api.js';
import { fill, tell, toast, trouble } from './dom.js';
import { t } from './words.js';

const pause = 10e3; // ms until it is listened again, where that was refused though the session is good
const retry = 5000; // ms until is asked for again what could not be had
const listeners = new Set();
let source, before;

/** Calls changed whenever the API tells of a change, with the parts that have changed, such as {status: true}, and all that is told now. */
export function onChanged(changed) {
  listeners.add(changed);
  watchSession();
  heard();
}

/** Takes from the page what it shows of footage once the session has ended elsewhere, as by a log-out in another tab. */
export function watchSession() {
  if (source) return;
  source = new EventSource('/api/v1/events');
  source.addEventListener('changed', (event) => {
    const now = JSON.parse(event.data);
    const parts = Object.keys({ ...before, ...now }).filter((name) => before && JSON.stringify(now[name]) !== JSON.stringify(before[name]));
    before = now;
    heard();
    if (parts.length) listeners.forEach((changed) => changed(Object.fromEntries(parts.map((name) => [name, true])), now));
  });
  source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) refused(); });
}

/** Marks the page once nothing is missed any more. */
function heard() {
  if (before && listeners.size) document.documentElement.dataset.live = 'yes';
}

/** Nothing is told any more. If that is because the session is over, so is what is looked at, and one is led to the log-in. */
async function refused() {
  source = undefined;
  try {
    await get('/session');
  } catch (error) {
    if (error.id === 'no-session') {
      document.dispatchEvent(new Event('session-over'));
      toast(t('common.session-over'), 'warn');
      return;
    }
    if (!(error instanceof Problem)) throw error;
  }
  setTimeout(watchSession, pause);
}

addEventListener('pagehide', () => source?.close());

/*
 * What a page shows is made anew in one way. Nothing is made anew under a press: the button would not be there any more when it is let go, and
 * nothing would come of it. So it is looked when the answer is there, not only when it is asked for; an answer that comes at a bad moment is
 * thrown away, and asked for anew as soon as the moment is a better one.
 */

const due = new Map(); // what is to be asked for anew, with {stands, unasked} of the run that could not show it

/** The question that is open, if one is. */
const question = () => document.querySelector('dialog[open]');
const pressed = () => document.querySelector(':active') !== null;

/** Asks for what is due, as far as nothing stands against it any more. */
function work() {
  for (const [one, { stands, unasked }] of due) if (!one.underWay && !stands()) one.run(stands, unasked);
}

document.addEventListener('visibilitychange', work);
for (const over of ['focusout', 'pointerup', 'pointercancel', 'dragend', 'keyup']) document.addEventListener(over, () => setTimeout(work)); // after what the press does
document.addEventListener('close', work, true); // of a dialogue

/**
 * Something that a page shows in one or more places: ask promises what it is now, show puts that there, and is told whether nobody asked for it.
 * The places are aria-busy until the last answer is there, and marked data-waits while there is something newer that can't be shown yet. An
 * answer that comes after that of a later question is not shown.
 */
export class Shown {
  #begun = 0; // how many times it was asked for: the number of the last run
  #runs = new Set(); // numbers of those whose answer may yet be shown
  #missed = false; // whether the last answer that nobody asked for did not come, which is told once

  /** failed shows what came in the way of what somebody asked for: without it the first place says so, and the others are empty. */
  constructor(places, ask, show, failed) {
    this.places = [places].flat();
    Object.assign(this, { ask, show, failed: failed ?? ((error) => this.places.forEach((place, i) => fill(place, i === 0 ? trouble(error) : null))) });
  }

  get underWay() {
    return this.#runs.size > 0;
  }

  /** Shows it (anew) for somebody who asked for that, by what he did. The question that he has just answered may still be open. */
  again() {
    const answered = question();
    return this.run(() => pressed() || ![null, answered].includes(question()), false);
  }

  /** Shows it anew though nobody asked: while a question is open, something is pressed, the keyboard stands on something in one of the places,
   * or nobody looks, that waits. What is shown stays if nothing newer can be had. */
  renew(places = []) {
    const stands = () => document.hidden || pressed() || question() !== null || places.some((place) => place.querySelector(':focus-visible:not([tabindex="-1"])'));
    this.#wait(stands, true);
    work();
  }

  /** Lets it be asked for as soon as nothing stands against it; what somebody has asked for doesn't wait for more because of what nobody did. */
  #wait(stands, unasked) {
    if (!unasked || due.get(this)?.unasked !== false) due.set(this, { stands, unasked });
    this.#mark();
  }

  /** Asks, and shows the answer unless something stands against it then. */
  async run(stands, unasked) {
    const mine = ++this.#begun;
    due.delete(this); // what it waited for is asked for now
    this.#runs.add(mine);
    this.#mark();
    let now, problem;
    try {
      now = await this.ask();
    } catch (error) {
      problem = error;
    }
    if (!this.#runs.has(mine)) return; // something newer is shown
    for (const run of this.#runs) if (run <= mine) this.#runs.delete(run);
    try {
      if (stands()) this.#wait(stands, unasked);
      else if (!problem) this.show(now, unasked);
      else if (problem.name !== 'AbortError') (unasked ? this.#stays : this.failed).call(this, problem, stands);
      if (!problem) this.#missed = false;
    } finally {
      this.#mark();
      work(); // what became due meanwhile
    }
  }

  /** Tells once that nothing newer can be had. If that may pass, it is tried again. */
  #stays(problem, stands) {
    if (!this.#missed) tell(problem);
    this.#missed = true;
    if (problem.status >= 400 && problem.status < 500 && problem.id !== 'at-once') return;
    setTimeout(() => { if (!due.has(this)) this.#wait(stands, true); work(); }, retry);
  }

  #mark() {
    for (const place of this.places) {
      if (this.underWay) place.setAttribute('aria-busy', 'true');
      else place.removeAttribute('aria-busy');
      place.toggleAttribute('data-waits', due.has(this));
    }
  }
}

/** Shows anew whatever belongs to a part that has changed, such as keepUp({ holds, retention: [depth, next] }, place), as Shown.renew does. */
export function keepUp(shows, ...places) {
  onChanged((what) => Object.keys(shows).filter((part) => what[part]).flatMap((part) => shows[part]).forEach((one) => one?.renew(places)));
}
