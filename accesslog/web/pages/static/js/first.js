// Adds the first person, for whoever has the one-time link: its token stands behind # and is sent with the form alone.

import { post } from './api.js';
import { byId, blame, onSubmit } from './dom.js';
import { dayOf } from './time.js';
import { t } from './words.js';

const form = byId('first-form');
const token = decodeURIComponent(location.hash.slice(1));
byId('no-link').hidden = token !== '';
form.hidden = token === '';
byId('paper').value = dayOf(new Date());
byId('paper').max = dayOf(new Date());

onSubmit(form, async ({ name, login, paper, password, again, approver, caretaker }) => {
  if (password !== again) {
    blame(byId('again'), t('password.differs'));
    byId('again').focus();
    return;
  }
  const roles = ['administrator', ...(approver ? ['approver'] : []), ...(caretaker ? ['caretaker'] : [])];
  await post('/first', { token, name: name.trim(), login: login.trim(), language: form.dataset.language, paper, password, roles });
  history.replaceState(null, '', location.pathname + location.search);
  form.hidden = true;
  byId('done').hidden = false;
  byId('done-title').focus();
}, { weak: 'password' });
