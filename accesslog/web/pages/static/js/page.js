// What every page has: times in the reader's zone, the language, the log-out.

import { put, remove } from './api.js';
import { byId, tell } from './dom.js';
import { putIntoWords } from './time.js';
import { language } from './words.js';

putIntoWords();

for (const button of document.querySelectorAll('button[data-language]')) {
  button.addEventListener('click', async () => {
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
  try {
    await remove('/session');
    location.assign(`/login?language=${language}`);
  } catch (error) {
    tell(error);
  }
});
