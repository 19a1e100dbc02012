// What leaves the appliance to prove the diary elsewhere: a bundle, and the checkpoint on paper.

import { askFile } from './api.js';
import { el, fill, onSubmit, save, tell, toast } from './dom.js';
import { bytes, t } from './words.js';

/** Lets a form give a bundle; why says the reason that it is entered with. Who may take none has no form. */
export function offerBundle(form, state, why) {
  if (!form) return;
  onSubmit(form, async ({ from, to, passphrase, redact }) => {
    const asked = { reason: why(), redact: redact !== undefined };
    if (from !== '') asked.from = Number(from);
    if (to !== '') asked.to = Number(to) + 1; // the last one is meant
    if (passphrase !== '') asked.passphrase = passphrase;
    try {
      const file = await askFile('POST', '/diary/bundle', asked, { told: (count) => fill(state, t('diary.bundle-comes', { size: bytes(count) })) });
      save(file);
      form.elements.passphrase.value = '';
      fill(state, el('span', { class: 'tag good' }, t('diary.bundle-kept', { name: file.name, size: bytes(file.blob.size) })));
    } catch (error) {
      fill(state);
      throw error;
    }
  });
}

/** Lets a button give the checkpoint as a page for paper. */
export function offerPaper(button) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const file = await askFile('POST', '/diary/checkpoint/page');
      save(file);
      toast(t('diary.paper-kept', { name: file.name }));
    } catch (error) {
      tell(error);
    }
    button.disabled = false;
  });
}
