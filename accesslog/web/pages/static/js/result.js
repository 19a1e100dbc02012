// What a search came to: the last picture before a change and the first one after it, and what can be done next.

import { el, tell } from './dom.js';
import { Player } from './player.js';
import { secure } from './secure.js';
import { address } from './state.js';
import { clock } from './time.js';
import { t } from './words.js';

const around = { before: 5 * 60e3, after: 10 * 60e3 }; // what is offered to be secured

export class Result {
  /** The two pictures, with what to do about them; over says that a gap is between them. row is what there is of the camera; mark makes what lies over a picture. */
  constructor({ before, after, over, camera, viewing, row, seen, mark }) {
    Object.assign(this, { camera, viewing, row, place: el('div', { class: 'result-player', hidden: true }) });
    const range = { camera, from: new Date(before.at - around.before), to: new Date(Math.min(after.at + around.after, Date.now())) };
    const picture = (one, caption) => el('figure', {}, el('div', { class: 'picture' }, one.copy(), mark()), el('figcaption', {}, `${caption}, `, el('span', { class: 'numbers' }, clock(one.at))));
    this.element = el('div', {},
      el('div', { class: 'result' }, picture(before, t('find.before')), picture(after, t('find.after'))),
      el('div', { class: 'actions left' },
        el('button', { type: 'button', class: 'main', onclick: () => this.play(before.at).catch(tell) }, over ? t('find.play-over') : t('find.play')),
        camera.may.includes('secure') ? el('button', { type: 'button', class: 'secure', onclick: () => secure(range).catch(tell) }, t('find.secure')) : null,
        seen ? this.link('seen', range, t('find.seen')) : null,
        camera.may.includes('extract') ? this.link('receive', range, t('marking.extract')) : null),
      this.place);
  }

  /** A link to another page, by which one goes once it is said what came of the viewing. */
  link(page, { camera, from, to }, text) {
    const leave = async (href) => { if (this.viewing.ended || await this.viewing.ask()) location.assign(href); };
    const follow = (event) => {
      if (event.ctrlKey || event.shiftKey || event.metaKey) return;
      event.preventDefault();
      leave(event.currentTarget.href).catch(tell);
    };
    return el('a', { class: 'button', onclick: follow, href: `/${page}${address({ camera: camera.id, from: from.toISOString(), to: to.toISOString() })}` }, text);
  }

  /** Plays from a moment on, in the same viewing. */
  async play(moment) {
    if (!this.player) {
      this.player = new Player(this.place, { viewing: this.viewing, cameras: [this.camera], rowOf: () => this.row, add: () => {}, goTo: (to) => this.player.jump(to), onmoment: () => {} });
      this.player.add(this.camera);
    }
    this.player.element.focus();
    if (await this.player.jump(moment) !== undefined) this.player.play();
  }

  close() {
    this.player?.close();
  }
}
