// The one script that is no module: it runs before the page is read. No form is ever sent by the browser itself, since all
// that a page asks it asks of the API, by its modules: what is submitted before they are there waits for them, see onSubmit.
// Where no script runs the stylesheet shows no form at all, and the page says why.

document.documentElement.dataset.script = 'on';

addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || (event.submitter?.getAttribute('formmethod') ?? form.getAttribute('method')) === 'dialog') return;
  event.preventDefault();
  form.dataset.waits = 'yes';
});
