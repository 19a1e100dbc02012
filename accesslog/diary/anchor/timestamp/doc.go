// Package timestamp guards the time that somebody outside gave to a checkpoint: it asks for RFC 3161
// time stamps and checks them, offline and years later, down to a root certificate that is handed in.
package timestamp
