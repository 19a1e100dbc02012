// Draws a timeline: a scale, and a row for each camera. What is told by colour is told by pattern as well.

import { marks, placeOf, strokes } from './scale.js';
import { of } from './words.js';

export const scaleHeight = 28;
const nameHeight = 20;
const heights = { chosen: 40, other: 20 };
const space = 8;

/** Where the rows lie: [{top, height, bottom}] and the height of all. */
export function layOut(rows, chosen) {
  let top = scaleHeight;
  const places = rows.map((row, i) => {
    const height = heights[i === chosen ? 'chosen' : 'other'];
    const place = { name: top, top: top + nameHeight, height, bottom: top + nameHeight + height };
    top = place.bottom + space;
    return place;
  });
  return { places, height: top };
}

/** The colours of the stylesheet, as they are now. */
function colours(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(['ink', 'quiet', 'line', 'sunk', 'card', 'recorded', 'gap', 'held', 'restricted', 'disclosed', 'edge'].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** Draws all of it into a canvas that is so many px wide. */
export function draw(canvas, { rows, chosen, view, day, px, now }) {
  const { places, height } = layOut(rows, chosen);
  const dots = Math.min(devicePixelRatio || 1, 2);
  if (canvas.width !== Math.round(px * dots) || canvas.height !== Math.round(height * dots)) {
    canvas.width = Math.round(px * dots);
    canvas.height = Math.round(height * dots);
    canvas.style.height = `${height}px`;
  }
  const g = canvas.getContext('2d');
  const colour = colours(canvas);
  g.setTransform(dots, 0, 0, dots, 0, 0);
  g.clearRect(0, 0, px, height);
  const hatches = { gap: hatch(g, colour.gap, colour.card, 1), restriction: hatch(g, colour.restricted, colour.card, -1), disclosure: blocks(g, colour.disclosed, colour.card) };
  drawScale(g, { view, day, px, height, colour });
  rows.forEach((row, i) => {
    drawRow(g, row, places[i], { view, px, colour, hatches, now });
    drawRequested(g, row, places[i], { view, px, colour });
  });
}

function drawScale(g, { view, day, px, height, colour }) {
  g.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  g.textBaseline = 'middle';
  let free = 0; // from where on there is room for a name
  for (const { at, name, change } of marks(view, day, px)) {
    const x = Math.round(placeOf(view, at) * px) + 0.5;
    g.fillStyle = change ? colour.held : colour.line;
    g.fillRect(x - 0.5, 20, change ? 2 : 1, height - 20);
    g.fillStyle = colour.quiet;
    const said = change ? `${name} ${change}` : name;
    const width = g.measureText(said).width;
    const left = Math.min(Math.max(x - width / 2, 0), px - width);
    if (left < free) continue;
    g.fillText(said, left, 10);
    free = left + width + 6;
  }
}

function drawRow(g, row, { top, height }, { view, px, colour, hatches, now }) {
  g.fillStyle = colour.sunk;
  const passed = Math.min(Math.max(placeOf(view, now) * px, 0), px);
  g.fillRect(0, top, passed, height);
  const paint = (list, style, y, h, narrowest) => {
    g.fillStyle = style;
    for (const { x, w } of strokes(list, view, px, narrowest)) g.fillRect(x, y, w, h);
  };
  paint(row.recorded, colour.recorded, top, height);
  if (row.activity) drawActivity(g, row.activity, { top, height, view, px, colour });
  const gaps = row.gaps.filter((one) => one.cause !== 'clock');
  paint(gaps, hatches.gap, top, height, 3);
  const restricted = row.marks.filter((one) => one.kind === 'restriction');
  paint(restricted, hatches.restriction, top, height, 3);
  paint(restricted, colour.restricted, top, 4, 3);
  paint(row.marks.filter((one) => one.kind === 'hold'), colour.held, top + height - 6, 6, 3);
  const disclosed = row.marks.filter((one) => one.kind === 'disclosure');
  paint(disclosed, colour.card, top + 6, 7, 5);
  paint(disclosed, hatches.disclosure, top + 6, 7, 5);
  g.strokeStyle = colour.edge;
  g.strokeRect(0.5, top + 0.5, Math.max(passed - 1, 0), height - 1);
}

/** Frames what a request asks for, with a word beside it where there is room. */
function drawRequested(g, row, { top, height }, { view, px, colour }) {
  const said = of('footage.kind', 'requested');
  g.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const wide = g.measureText(said).width + 8;
  for (const { x, w } of strokes(row.marks.filter((one) => one.kind === 'requested'), view, px, 5)) {
    g.strokeStyle = colour.card;
    g.lineWidth = 5;
    g.strokeRect(x + 1, top - 1, w - 2, height + 2);
    g.strokeStyle = colour.ink;
    g.lineWidth = 3;
    g.strokeRect(x + 1, top - 1, w - 2, height + 2);
    g.lineWidth = 1;
    if (height < 30) continue; // the row of another camera
    const left = w > wide + 6 ? x + 4 : x + w + wide < px ? x + w + 2 : Math.max(x - wide - 2, 0);
    g.fillStyle = colour.card;
    g.fillRect(left, top + height / 2 - 9, wide, 18);
    g.fillStyle = colour.ink;
    g.fillText(said, left + 4, top + height / 2 + 1);
  }
}

/** How much moved, inside a viewing: the sizes of fragments, from the bottom up. */
function drawActivity(g, { values, most }, { top, height, view, px, colour }) {
  g.fillStyle = colour.card;
  g.globalAlpha = 0.75;
  for (const { x, w, one } of strokes(values, view, px, 1)) {
    const h = Math.min(one.size / most, 1) * (height - 8);
    g.fillRect(x, top + height - h, w, h);
  }
  g.globalAlpha = 1;
}

/** A pattern of blocks, as of a film. */
function blocks(g, ink, ground) {
  const key = `${ink} ${ground} blocks`;
  if (!hatched.has(key)) {
    const tile = new OffscreenCanvas(8, 8);
    const t = tile.getContext('2d');
    t.fillStyle = ground;
    t.fillRect(0, 0, 8, 8);
    t.fillStyle = ink;
    t.fillRect(1, 0, 5, 8);
    hatched.set(key, g.createPattern(tile, 'repeat'));
  }
  return hatched.get(key);
}

const hatched = new Map(); // patterns by their colours and ways

/** A pattern of lines that rise (1) or fall (-1). */
function hatch(g, ink, ground, way) {
  const key = `${ink} ${ground} ${way}`;
  if (!hatched.has(key)) hatched.set(key, newHatch(g, ink, ground, way));
  return hatched.get(key);
}

function newHatch(g, ink, ground, way) {
  const tile = new OffscreenCanvas(8, 8);
  const t = tile.getContext('2d');
  t.fillStyle = ground;
  t.fillRect(0, 0, 8, 8);
  t.strokeStyle = ink;
  t.lineWidth = 2.5;
  t.beginPath();
  for (const shift of [-8, 0, 8]) {
    t.moveTo(shift, way > 0 ? 8 : 0);
    t.lineTo(shift + 8, way > 0 ? 0 : 8);
  }
  t.stroke();
  return g.createPattern(tile, 'repeat');
}
