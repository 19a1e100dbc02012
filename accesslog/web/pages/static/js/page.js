// What every page has: times in the reader's zone, the language, the log-out.

import { put, remove } from './api.js';
import { byId, confirm, tell } from './dom.js';
import { putIntoWords } from './time.js';
import { nothingTyped, unsaved } from './unsaved.js';
import { language, t } from './words.js';

putIntoWords();

/** Asks whether what was typed may be lost, if anything was. */
async function leaves() {
  if (unsaved() && !await confirm({ title: t('common.typed-title'), text: t('common.typed-about'), yes: t('common.typed-leave'), danger: true })) return false;
  nothingTyped();
  return true;
}

for (const button of document.querySelectorAll('button[data-language]')) {
  button.addEventListener('click', async () => {
    if (!await leaves()) return;
    try {
      await put('/session/language', { language: button.dataset.language });
      location.reload();
    } catch (error) {
      tell(error);
    }
  });
}

// What stands behind # goes along to the page in the other language: it may be a one-time link.
for (const link of document.querySelectorAll('a[data-keep]')) {
  link.addEventListener('click', () => { link.hash = location.hash; });
}

byId('log-out')?.addEventListener('click', async () => {
  if (!await leaves()) return;
  try {
    await remove('/session');
    location.assign(`/login?language=${language}`);
  } catch (error) {
    tell(error);
  }
});
