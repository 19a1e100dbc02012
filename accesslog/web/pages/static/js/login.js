// Logs a person in: name and password, then the code if there is a second factor.

import { post, remove, Problem } from './api.js';
import { byId, complain, onSubmit } from './dom.js';
import { following, go } from './duty.js';
import { t } from './words.js';

const form = byId('login');
let ends = 'ends' in form.dataset; // a session that the new one takes the place of

onSubmit(form, async ({ login, password, code }) => {
  if (ends) {
    await remove('/session');
    ends = false;
  }
  try {
    arrived(await post('/session', { login: login.trim(), password, ...(code ? { code: code.replace(/\s/g, '') } : {}) }));
  } catch (error) {
    if (!(error instanceof Problem) || error.id !== 'code-missing') throw error;
    askForCode(error);
  }
});

function askForCode(problem) {
  byId('second').hidden = false;
  byId('code').required = true;
  complain(form, problem.said);
  queueMicrotask(() => byId('code').focus());
}

/** Goes on, unless there is something to tell first. */
function arrived(me) {
  if (!me.closed) {
    go(me, form.dataset.next);
    return;
  }
  form.hidden = true;
  byId('closed').hidden = false;
  byId('closed-why').textContent = t('login.closed', { why: me.closed });
  byId('closed-go').href = following(me, form.dataset.next);
  byId('closed-go').focus();
}
