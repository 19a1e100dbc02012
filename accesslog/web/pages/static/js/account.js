// The own account: takes the second factor away.

import { post } from './api.js';
import { byId, onSubmit } from './dom.js';

const dialog = byId('drop-dialog');

if (dialog) {
  byId('drop').addEventListener('click', () => dialog.showModal());
  byId('drop-cancel').addEventListener('click', () => dialog.close());
  onSubmit(byId('drop-form'), async ({ password }) => {
    await post('/session/second/removal', { password });
    location.reload();
  }, { refused: 'password' });
}
