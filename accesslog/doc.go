// Package accesslog guards the door: no footage byte out before its entry is durable under a signed
// checkpoint.
//
// [Door] is the one type that opens footage, live included, since live is the stored record. Whoever
// wants to see footage opens a [Viewing]: one person, one purpose, one remark, any cameras in scope.
package accesslog
