// Sets up the own second factor. The secret is nowhere kept until a code shows that the authenticator has it.

import { post, put } from './api.js';
import { byId, el, fill, onSubmit, svg, tell } from './dom.js';
import { following } from './duty.js';
import { t } from './words.js';

const form = byId('enrol');
let secret = '';

byId('draw').addEventListener('click', async () => {
  try {
    const drawn = await post('/session/second/secret');
    secret = drawn.secret;
    fill(byId('qr'), picture(drawn.qr));
    byId('secret').textContent = secret.match(/.{1,4}/g).join(' ');
    byId('begin').hidden = true;
    form.hidden = false;
    byId('code').focus();
  } catch (error) {
    tell(error);
  }
});

/** The QR code, which the server has drawn as a path. */
const picture = ({ size, path }) => svg('svg', { class: 'qr', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': t('second.qr'), 'shape-rendering': 'crispEdges' }, svg('path', { d: path }));

onSubmit(form, async ({ code, password }) => {
  const { codes, me } = await put('/session/second', { password, secret, code: code.replace(/\s/g, '') });
  form.hidden = true;
  byId('done').hidden = false;
  fill(byId('codes'), codes.map((one) => el('li', {}, one)));
  byId('go').href = following(me, byId('done').dataset.next);
  byId('done-title').focus();
}, { refused: 'password', 'person-incomplete': 'code' });

byId('print').addEventListener('click', () => print());
