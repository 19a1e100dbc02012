// Package people guards that every access has one named person, and that the last administrator cannot vanish.
package people
