// Changes the own password.

import { put } from './api.js';
import { byId, blame, onSubmit } from './dom.js';
import { go } from './duty.js';
import { t } from './words.js';

const form = byId('password-form');

onSubmit(form, async ({ old, next, again }) => {
  if ([...next].length < 12) {
    wrong('next', t('password.short'));
  } else if (next !== again) {
    wrong('again', t('password.differs'));
  } else {
    go(await put('/session/password', { old, next }), form.dataset.next);
  }
}, { weak: 'next', refused: 'old' });

function wrong(id, text) {
  blame(byId(id), text);
  byId(id).focus();
}
