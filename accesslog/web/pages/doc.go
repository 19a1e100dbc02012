// Package pages guards that what people read on varuh's pages is said in their language, and that a page has nothing on
// it that its reader may not use.
//
// It knows no HTTP and no footage: package web decides who may have a page, and answers with what this package writes.
//
// # What holds
//
//  1. A page is structure and words. All data on it comes from the API, by the modules in static/js, so that there is one
//     place that decides who may have it. The only exceptions are who is logged in and what he may do, see [View].
//  2. Who may not use something has it nowhere in the HTML: templates ask {{if .May "secure"}}, and the menu is
//     made of the table of routes.
//  3. Every word stands in the catalogue, in Slovenian and English. A key that is in one language alone, that nothing uses,
//     or that is used and in no file fails a test.
//  4. Nothing stands in a page that the policy of web forbids: no script, no style, no handler, no address of another host.
//  5. No form is sent by the browser itself: what is submitted before the modules are there waits for them (static/js/early.js,
//     onSubmit of dom.js), and where no script runs there is no form, and a sentence.
//  6. Files of the pages have no data. Their address has a hash of all of them, so that browsers may keep them.
//
// # To add a page
//
//  1. templates/NAME.html defines "title" and "main"; layout.html has all around it. NAME is the page's address, the
//     first part of its words' keys, and what the menu calls it: "common.page.NAME".
//
//  2. words/sl/NAME.json and words/en/NAME.json: flat keys that begin with "NAME.". What several pages say is in
//     common.json. A text may have {names}; one that depends on a number is an object with the forms of plural.json:
//
//     "footage.days": {"one": "{n} dan", "two": "{n} dneva", "few": "{n} dnevi", "other": "{n} dni"}
//
//  3. static/js/NAME.js, a module, which the page loads by itself: each language has a folder of all modules, with its
//     words. It imports words.js (t, n, of), api.js (get, post, path, Problem), dom.js (el, fill, onSubmit, confirm, tell,
//     toast, empty), time.js (clock, dateTime, beginning, …), tables.js (table, which is a list where the page is narrow),
//     asking.js (askFor, a form in a dialog, with a field for each answer) and state.js (asked, address, onAsked);
//     from elsewhere only the player of package web, at /static/footage.js and /static/live.js. What it shows of what may change is a
//     Shown of events.js, which asks for it, shows it, and with keepUp does so anew when others have changed it, never under
//     somebody's hands. notices.js is a page that has all of this.
//
//  4. A line in pageRoutes of package web, with who may see the page, and inMenu if the menu has it, in the order of the
//     table. Then go test -run TestMatrix -update writes the table of who may what anew, to be looked through.
//
//  5. A look in a file web/pages_NAME_test.go and in the list looks, by which a real browser visits the page in both
//     languages, three widths, light and dark, as somebody of the cast. With VARUH_SCREENS=1 it writes pictures into web/testdata/screens.
//
// Templates say {{t "login.title"}}, {{t "common.by" "name" .Person}}, {{n "footage.days" 3}} and {{of "common.role" .Role}};
// modules t('login.title'), t('common.by', {name}), n('footage.days', 3) and of('common.role', role). The key is a literal
// in all of them, since the test looks for it. "of" takes one of a family of words by a value of the API; the family
// has a member "other" for values that are newer than the page.
//
// The state of a page (which camera, which day) stands behind the # of its address: it is never sent to anybody.
package pages
