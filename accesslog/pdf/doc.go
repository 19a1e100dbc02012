// Package pdf guards that a paper reads the same wherever it is opened and printed: A4, in Slovenian with a small gloss
// in English, its fonts within, its bytes the same for the same contents.
//
//  1. Nothing is left out silently. A character that the fonts lack, or that shows nothing or turns the writing around,
//     stands as its number, such as [U+202E]; a value that is missing leaves a line to write on.
//  2. Text is broken wherever it does not fit, also within a word: none runs off the page.
//  3. Each page says its number and that of all, and which paper it is of.
//  4. What is written is kept in memory alone, and not compressed by time or chance: the time in it is the caller's.
//
// The fonts are those of the Go project (Bigelow & Holmes; its licence comes with module golang.org/x/image): they have
// the letters of all languages in Latin, Greek and Cyrillic script of Europe, and no zero that is an O.
package pdf
