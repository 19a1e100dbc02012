// What the player can be told to do: by buttons, and by keys while the focus is in it. One table has the keys, and the
// help is made of it.

import { el, fill, blame, svg } from './dom.js';
import { clock, date, dayOf, moments } from './time.js';
import { language, number, t } from './words.js';

export const mostCameras = 4; // side by side
export const speeds = [0.25, 0.5, 1, 2, 4, 8, 16];

/** When something was taken, to the millisecond. */
export function preciseClock(moment) {
  const [time, zone] = clock(moment).split(' ');
  return `${time}${language === 'sl' ? ',' : '.'}${String(Math.floor(moment) % 1000).padStart(3, '0')} ${zone}`;
}

const speedText = (speed) => t('player.speed', { speed: number(speed, { maximumFractionDigits: 2 }) });

/** What the buttons show, in a square of 24: no font has to have it. */
const icons = {
  play: 'M7 4v16l13-8z',
  pause: 'M6 4h4v16H6zM14 4h4v16h-4z',
  back: 'M5 4h3v16H5zM20 4v16L9 12z',
  on: 'M16 4h3v16h-3zM4 4v16l11-8z',
  full: 'M4 4h6v2.5H6.5V10H4zM14 4h6v6h-2.5V6.5H14zM4 14h2.5v3.5H10V20H4zM17.5 14H20v6h-6v-2.5h3.5z',
  help: 'M2 6h20v12H2zM4 8v8h16V8zM6 9.5h2v2H6zM9.5 9.5h2v2h-2zM13 9.5h2v2h-2zM16.5 9.5h2v2h-2zM7 13h10v2H7z',
};
const icon = (name) => svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' }, svg('path', { d: icons[name], 'fill-rule': 'evenodd' }));
const button = (name, label, onclick) => el('button', { type: 'button', 'aria-label': label, title: label, onclick }, icon(name));

/** The keys: which, what they are called, what they do, and what is said of that. */
const keysOf = (player, controls, mark) => [
  [[' ', 'k'], t('player.key-space'), () => player.toggle(), t('player.does-play')],
  [['j', 'l'], 'J L', (key) => player.faster(key === 'l' ? 1 : -1), t('player.does-speed')],
  [[',', '.'], ', .', (key) => player.step(key === '.' ? 1 : -1), t('player.does-step')],
  [['ArrowLeft', 'ArrowRight'], '← →', (key, shift) => player.jump(player.at + (key === 'ArrowLeft' ? -1 : 1) * (shift ? 60e3 : 5e3)), t('player.does-skip')],
  [['g'], 'G', () => controls.time.focus(), t('player.does-go')],
  ...(mark ? [[['i', 'o'], 'I O', (key) => mark(key === 'i' ? 'from' : 'to', player.at), t('player.does-mark')]] : []),
  [['f'], 'F', () => controls.fullScreen(), t('player.does-full')],
  [['e'], 'E', () => player.viewing.ask(), t('player.does-end')],
  [['?'], '?', () => controls.help(), t('player.does-help')],
];

export class Controls {
  constructor(player, { cameras, add, goTo, mark }) {
    Object.assign(this, { player, cameras, add });
    this.keys = keysOf(player, this, mark);
    this.playButton = button('play', t('player.play'), () => player.toggle());
    this.playButton.classList.add('main');
    this.speed = el('select', { id: 'speed', 'aria-label': t('player.speed-label'), onchange: () => player.setRate(Number(this.speed.value)) }, speeds.map((one) => el('option', { value: one, selected: one === 1 }, speedText(one))));
    this.more = el('select', { id: 'more', 'aria-label': t('player.more'), onchange: () => this.addChosen() });
    this.clock = el('p', { class: 'clock numbers', 'aria-live': 'off' });
    this.element = el('div', { class: 'controls' }, this.clock,
      el('div', { class: 'row control-row' },
        button('back', t('player.frame-back'), () => player.step(-1)), this.playButton, button('on', t('player.frame-on'), () => player.step(1)), this.speed,
        button('full', t('player.full'), () => this.fullScreen()), button('help', t('player.help'), () => this.help()), this.more),
      this.goForm(goTo));
  }

  /** The form by which somebody jumps to a date and time that he types. */
  goForm(goTo) {
    this.day = el('input', { type: 'date', id: 'go-day', name: 'day', required: true });
    this.time = el('input', { id: 'go-time', name: 'time', inputmode: 'numeric', autocomplete: 'off', placeholder: '14:03:20', required: true });
    this.which = el('div', { class: 'row go-which', role: 'group', 'aria-label': t('player.twice'), hidden: true });
    const form = el('form', { class: 'inputs go' },
      el('div', {}, el('label', { for: 'go-day' }, t('player.day')), this.day),
      el('div', {}, el('label', { for: 'go-time' }, t('player.time')), this.time),
      el('button', { type: 'submit' }, t('player.go')), this.which);
    form.noValidate = true;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const found = this.day.value ? moments(this.day.value, this.time.value) : [];
      this.which.hidden = found.length < 2;
      blame(this.time, found.length ? '' : t('player.no-such-time'));
      if (found.length > 1) {
        fill(this.which, el('span', {}, t('player.twice')), found.map((one) => el('button', { type: 'button', onclick: () => { this.which.hidden = true; goTo(+one); } }, clock(one))));
        this.which.querySelector('button').focus();
      } else if (found.length === 1) goTo(+found[0]);
    });
    return form;
  }

  /** The cameras that can still be added. */
  arrange() {
    const rest = this.cameras.filter(({ id }) => !this.player.has(id));
    this.more.hidden = rest.length === 0 || this.player.screens.length >= mostCameras;
    fill(this.more, el('option', { value: '' }, t('player.more')), rest.map((camera) => el('option', { value: camera.id }, camera.name)));
  }

  addChosen() {
    const camera = this.cameras.find(({ id }) => id === this.more.value);
    this.more.value = '';
    if (camera) this.add(camera);
  }

  /** Does what a key stands for, while no field has the focus. */
  pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, select, textarea, dialog')) return;
    if (event.key === ' ' && event.target.closest('button')) return;
    const found = this.keys.find(([keys]) => keys.includes(event.key.length === 1 ? event.key.toLowerCase() : event.key));
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    found[2](event.key.length === 1 ? event.key.toLowerCase() : event.key, event.shiftKey);
  }

  help() {
    const dialog = el('dialog', { 'aria-labelledby': 'help-title' }, el('form', { method: 'dialog' },
      el('h2', { id: 'help-title' }, t('player.help')),
      el('p', { class: 'quiet' }, t('player.help-about')),
      el('dl', { class: 'facts keys' }, this.keys.flatMap(([, name, , said]) => [el('dt', {}, el('kbd', {}, name)), el('dd', {}, said)])),
      el('div', { class: 'actions' }, el('button', { value: 'close', class: 'main' }, t('common.close')))));
    (document.fullscreenElement ?? document.body).append(dialog);
    dialog.addEventListener('close', () => dialog.remove());
    dialog.showModal();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.player.element.requestFullscreen().catch(() => {}); // a browser that has none, as on an iPhone, leaves it as it is
  }

  /** Shows what the player does now. */
  tell() {
    const { at, playing, rate } = this.player;
    if (this.playing !== playing) {
      this.playing = playing;
      const label = playing ? t('player.pause') : t('player.play');
      this.playButton.setAttribute('aria-label', label);
      this.playButton.title = label;
      this.playButton.replaceChildren(icon(playing ? 'pause' : 'play'));
    }
    this.speed.value = String(rate);
    if (at === undefined) return;
    const text = playing ? clock(at) : preciseClock(at);
    if (text === this.told) return;
    this.told = text;
    fill(this.clock, el('span', { class: 'clock-time' }, text), ' ', el('span', { class: 'quiet' }, date(at)));
    if (document.activeElement !== this.day && document.activeElement !== this.time && this.day.value !== dayOf(at)) this.day.value = dayOf(at);
  }
}
