// Package evidencetest guards that tests of packages have real footage and a real diary: test clips in the recorder's
// fragments, with leaves and salts as a segment has them, entries under a checkpoint that a witness signed, and a package
// of both.
package evidencetest
