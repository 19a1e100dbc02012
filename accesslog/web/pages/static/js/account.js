// The own account: takes the second factor away, and ends what one has open at other devices.

import { get, post, remove } from './api.js';
import { byId, confirm, el, fill, onSubmit, tell, toast, trouble } from './dom.js';
import { table } from './tables.js';
import { dateTime } from './time.js';
import { t } from './words.js';

const dialog = byId('drop-dialog');

if (dialog) {
  byId('drop').addEventListener('click', () => dialog.showModal());
  byId('drop-cancel').addEventListener('click', () => dialog.close());
  onSubmit(byId('drop-form'), async ({ password }) => {
    await post('/session/second/removal', { password });
    location.reload();
  }, { refused: 'password' });
}

const place = byId('elsewhere');
if (place) elsewhere();

/** Shows the sessions at other devices. */
async function elsewhere() {
  try {
    const { sessions } = await get('/session/elsewhere');
    fill(place, sessions.length === 0 ? el('p', {}, t('account.elsewhere-none')) : [
      el('p', {}, t('account.elsewhere-about')),
      table([t('account.device'), t('account.began'), t('account.used')], sessions.map((one) => [one.address || t('account.console'), dateTime(one.began), dateTime(one.used)]), { class: 'table elsewhere' }),
      el('button', { type: 'button', id: 'elsewhere-end', onclick: end }, t('account.elsewhere-end'))]);
  } catch (error) {
    fill(place, trouble(error));
  }
  place.removeAttribute('aria-busy');
}

async function end() {
  if (!await confirm({ title: t('account.elsewhere-end-title'), text: t('account.elsewhere-end-about'), yes: t('account.elsewhere-end'), danger: true })) return;
  try {
    await remove('/session/elsewhere');
    toast(t('account.elsewhere-ended'));
    elsewhere();
  } catch (error) {
    tell(error);
  }
}
