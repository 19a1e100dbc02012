// What somebody has typed and nobody has saved yet: it is not lost without a question, and not because a session has ended.

/** Has what is typed into a form kept until it is saved or the form is gone. Filling it in by a module is no typing. */
export const keepTyped = (form) => form.addEventListener('input', () => { form.dataset.typed = 'yes'; });

/** Whether leaving the page would lose something. */
export const unsaved = () => document.querySelector('form[data-typed]') !== null;

/** Says that all is saved, or may be lost. */
export const nothingTyped = () => document.querySelectorAll('form[data-typed]').forEach((form) => { delete form.dataset.typed; });

addEventListener('beforeunload', (event) => { if (unsaved()) event.preventDefault(); });
