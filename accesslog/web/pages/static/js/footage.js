// The footage page: cameras with their states, a calendar of the chosen one, and a day of it with what is looked at.

import { get, path } from './api.js';
import { choose, showCameras, showStates, statesOf } from './cameras.js';
import { showMonth } from './calendar.js';
import { showDay } from './day.js';
import { byId, empty, fill, tell, trouble } from './dom.js';
import { keepUp, Shown } from './events.js';
import { Looking } from './looking.js';
import { named } from './reach.js';
import { Requested } from './requested.js';
import { address, asked, onAsked } from './state.js';
import { beginning, dayOf } from './time.js';
import { t } from './words.js';

const places = { cameras: byId('cameras'), calendar: byId('calendar'), day: byId('day'), head: byId('day-head'), list: byId('day-list') };
let cameras = [];
let looking;
let requested;
let asking = new AbortController();
let before = asked().day; // the day that was shown last; another one that is asked for gets the focus

const hrefOf = (id) => address({ camera: id, day: asked().day, request: asked().request });

async function begin() {
  try {
    ({ cameras } = await get('/cameras'));
    cameras = named(cameras.filter((camera) => camera.may.includes('play')));
    showCameras(places.cameras, cameras, hrefOf, chosen()?.id);
    if (cameras.length === 0) {
      places.calendar.hidden = true;
      return;
    }
    const states = new Shown(places.cameras, () => statesOf(cameras), (now) => showStates(places.cameras, now), tell);
    states.again();
    keepUp({ cameras: states });
    requested = new Requested(byId('requested'), cameras);
    looking = new Looking({ stage: byId('stage'), timeline: byId('timeline'), marked: byId('marked'), live: byId('live'), cameras, requested, changed: () => show(asked()) });
    onAsked(show);
  } catch (error) {
    fill(places.cameras, trouble(error));
    places.cameras.removeAttribute('aria-busy');
    places.calendar.hidden = true;
  }
}

/** The camera that is asked for, or the first one where none is; undefined if there is no such camera. */
const chosen = () => (asked().camera ? cameras.find((camera) => camera.id === asked().camera) : cameras[0]);

/** Shows what is asked for, and stops what was on its way before. */
async function show({ day: dayAsked }) {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const camera = chosen();
  const wanted = camera && isDay(dayAsked) ? dayAsked : '';
  choose(places.cameras, cameras, hrefOf, camera?.id);
  if (!camera) { // never another one in its place: somebody would look at the wrong people
    places.day.hidden = true;
    looking.live.hidden = true;
    places.calendar.removeAttribute('aria-busy');
    fill(places.calendar, empty(t('footage.no-camera'), t('footage.no-camera-about')));
    before = wanted;
    return;
  }
  await requested.load(signal);
  if (signal.aborted) return;
  await Promise.all([
    attempt(places.calendar, signal, () => calendar(camera, (wanted || dayOf(new Date())).slice(0, 7), wanted, signal)),
    wanted ? attempt(places.head, signal, () => day(camera, wanted, signal)) : null,
    looking.offerLive(camera, signal).catch(tell),
  ]);
  places.day.hidden = !wanted;
  if (wanted && wanted !== before && !signal.aborted) places.day.focus();
  before = wanted;
}

/** Whether a text is a day that there was: 2026-02-31 is none. */
const isDay = (text) => /^(19[7-9]|2\d\d)\d-\d{2}-\d{2}$/.test(text ?? '') && dayOf(beginning(text)) === text;

/** The address of a day of a camera, for the same request. */
const hrefOn = (camera, day) => address({ camera: camera.id, day, request: asked().request });

/** Shows a month of a camera. */
async function calendar(camera, month, day, signal) {
  const first = await firstMonth(camera.id, signal);
  await showMonth(places.calendar, {
    camera, month, chosen: day, first, signal,
    href: (other) => hrefOn(camera, other),
    turn: (other) => attempt(places.calendar, signal, () => calendar(camera, other, day, signal)),
  });
}

/** Shows a day of a camera: the list, and the timeline of all cameras with this one before the others. */
async function day(camera, wanted, signal) {
  const found = await showDay(places, { camera, day: wanted, requested, href: (other) => hrefOn(camera, other), signal });
  await looking.showDay(camera, wanted, found, signal);
}

/** The first month in which there is footage of a camera. */
async function firstMonth(camera, signal) {
  const { days } = await get(path`/cameras/${camera}/days`, undefined, { signal });
  return days.length ? dayOf(`${days[0].day}T00:00:00Z`).slice(0, 7) : dayOf(new Date()).slice(0, 7);
}

/** Does something that fills a place, and says there what came in the way. */
async function attempt(place, signal, work) {
  try {
    await work();
  } catch (error) {
    if (signal.aborted) return;
    (place === places.head ? places.day : place).removeAttribute('aria-busy');
    fill(place, trouble(error));
  }
}

begin();
