// Package footage guards the index of which camera has what when: every row has a file; every file
// has a row, or is found and reported. The index holds nothing that cannot be rebuilt from the
// segment files and key slots.
package footage
