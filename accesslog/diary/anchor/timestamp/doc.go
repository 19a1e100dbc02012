// Package timestamp guards the time that somebody outside gave to a checkpoint: it asks for RFC 3161
// timestamps and checks them, offline and years later, down to root certificates that are handed in.
//
// What is stamped is the SHA-256 of the checkpoint's text, its three lines without signatures. So the
// authority learns nothing of the diary, the stamp still fits when witnesses have added their
// signatures, and openssl checks the same token:
//
//	sed '/^$/,$d' checkpoint >body
//	openssl ts -verify -data body -in token.der -token_in -CAfile roots.pem
//
// Invariants:
//
//  1. A [Token] exists only if its signature, its certificate's purpose and chain, and its imprint
//     were all checked. What an answer says beside its token is not believed.
//  2. An answer to a [Request] carries the request's nonce: an old answer played again is refused.
//  3. A chain must hold at the time of the stamp, not of the check: a stamp outlives the certificate
//     that made it. That it was not revoked then cannot be told offline and is not.
//  4. No SHA-1 but in the attribute by which RFC 2634 names the signer's certificate, since
//     authorities still write it; what binds there is the signature, which is not made with it.
//
// Only DER is taken, as RFC 3161 has it, not the other forms of BER.
package timestamp
