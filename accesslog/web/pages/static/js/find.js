// Finds when something changed: a camera and a span of time, one viewing, and pictures between which one halves further.

import { get, post } from './api.js';
import { byId, complain, fill, empty, onSubmit, tell, trouble } from './dom.js';
import { watchSession } from './events.js';
import { stretches } from './halving.js';
import { askPurpose, fresh } from './purpose.js';
import { ranges } from './ranges.js';
import { cameraOptions, named, reachTold } from './reach.js';
import { Search } from './search.js';
import { readSpan, spanFields } from './spanform.js';
import { address, asked } from './state.js';
import { Viewing } from './viewing.js';
import { t } from './words.js';

const longest = 24 * 3600e3; // of one viewing
const night = 14 * 3600e3; // what is offered: from the afternoon before
const form = byId('range');
const place = byId('search');
let cameras = [];

async function begin() {
  try {
    ({ cameras } = await get('/cameras'));
    cameras = named(cameras.filter((camera) => camera.may.includes('play')));
  } catch (error) {
    form.replaceWith(trouble(error));
    return;
  }
  if (cameras.length === 0) {
    form.replaceWith(empty(t('footage.no-cameras'), t('footage.no-cameras-about')));
    return;
  }
  const wanted = asked();
  fill(byId('camera'), cameraOptions(cameras, wanted.camera));
  byId('span').replaceWith(spanFields('range', spanOf(wanted)));
  form.removeAttribute('aria-busy');
  onSubmit(form, search);
}

/** What is asked for by the address, else the last night. */
function spanOf({ from, to }) {
  const [begins, ends] = [new Date(from), new Date(to)];
  if (begins < ends) return { from: begins, to: ends };
  const minute = 60e3;
  const end = Math.floor((Date.now() - fresh) / minute) * minute;
  return { from: new Date(end - night), to: new Date(end) };
}

async function search({ camera: id }) {
  const span = readSpan('range', longest);
  if (!span) return;
  if (span.from > Date.now() - 2 * fresh) {
    complain(form, t('find.too-fresh'));
    return;
  }
  const from = +span.from;
  const to = Math.min(+span.to, Date.now() - fresh);
  const camera = cameras.find((one) => one.id === id);
  const found = await ranges(id, new Date(from), new Date(to));
  if (found.recorded.length === 0) {
    complain(form, reachTold(camera) ?? t('find.nothing'));
    return;
  }
  history.replaceState(null, '', address({ camera: id, from: span.from.toISOString(), to: span.to.toISOString() }));
  const restricted = camera.may.includes('restricted') && found.marks.some(({ kind }) => kind === 'restriction');
  const viewing = await askPurpose({ camera, moment: from, to, restricted, open: (answer) => open(camera, answer) });
  if (viewing) look({ camera, from, to, found, viewing }).catch(tell);
}

/** Opens the viewing, and keeps what it may not see. */
async function open(camera, { purpose, request, ground, remark, from, to }) {
  const [{ person }, opened] = await Promise.all([get('/session'),
    post('/viewings', { camera: camera.id, purpose, request, ground, remark, from: new Date(from).toISOString(), to: new Date(to).toISOString() })]);
  const viewing = new Viewing(opened, person.name);
  viewing.reach = opened;
  return viewing;
}

/** Begins the search. What lies in gaps, or is withheld, is not looked at. */
async function look({ camera, from, to, found, viewing }) {
  const inMs = (list) => list.map((one) => ({ ...one, from: Date.parse(one.from), to: Date.parse(one.to ?? new Date(to)) }));
  const withheld = inMs(viewing.reach.withheld);
  const gaps = inMs(viewing.reach.gaps).filter(({ cause }) => cause !== 'clock');
  const recorded = found.recorded.map((one) => ({ from: +one.from, to: +one.to }));
  const parts = stretches(recorded, { from, to }, [...gaps, ...withheld]);
  viewing.bar();
  watchSession();
  viewing.onend = () => {
    running.close();
    fill(place);
    place.hidden = true;
    form.hidden = false;
    byId('camera').focus();
  };
  const running = new Search({ place, camera, viewing, whole: { from, to }, parts, gaps, withheld, seen: place.dataset.seen === 'yes' });
  form.hidden = true;
  place.hidden = false;
  await running.begin();
}

begin();
