// Lets an outsider fetch a package, with an address whose secret stands behind # and is sent with the form alone.

import { post } from './api.js';
import { byId, onSubmit } from './dom.js';

const form = byId('pickup-form');
const secret = decodeURIComponent(location.hash.slice(1));
byId('no-link').hidden = secret !== '';
form.hidden = secret === '';

onSubmit(form, async ({ passphrase, warned }) => {
  const { download } = await post('/links/uses', { secret, passphrase: passphrase.trim().toLowerCase(), warned: warned !== undefined });
  location.assign(`/api/v1${download}`); // a file to keep, which leaves the page where it is
  form.hidden = true;
  byId('done').hidden = false;
  byId('done-title').focus();
});
