// Package reader guards that whoever is handed a package can look at it and check it with a browser alone: it writes
// 1_PREBERI.html, one file that needs no network and is opened from the folder.
//
// The page plays the clips, verifies the folder that somebody chooses, and tells the three verdicts, Slovenian first. It
// keeps these:
//
//  1. Nothing is good before somebody typed the fingerprint that stands on paper, and it is that of the key that signed.
//     The page does not show the key's own before.
//  2. What is said of the package comes from the chosen files alone. What is written in the page is for reading: it does
//     for choosing a clip, and for no verdict. With other files around the package, but for what operating systems leave, it is not
//     verified, and the page says which folder to choose; where it is not the one that was chosen, which one was verified.
//  3. It says of itself that it proves nothing, being a part of what it checks, and names what only varuh-verify checks:
//     outside witnesses, changes of the key, the index of clips, and whether something was left out. So the verdict
//     "unchanged since capture" is never good here.
//  4. No file is in memory as a whole: files are hashed by the chunks of 4 MiB that the manifest lists, fragments one by
//     one. It reaches no network: its policy (CSP) allows its own script and style by their hashes, and files to play.
//
// The scripts are plain ones, for modules can't be loaded from a folder, in the language of Chrome and Edge 109 and Firefox
// 115: sha2.js and ed25519.js are what these browsers may refuse a page of a folder or have not got; form.js reads the forms
// of a package and its diary, package.js verifies, words.js says it, and page.js is the page. The manifest lists the page
// as reading, so it is written before the manifest, of what is known of the clips by then.
package reader
