// Package durable guards one promise: when one of its operations returns nil, what it did
// survives a loss of power.
//
// Everything that must survive goes through [FS]: segments, key slots, markers and public
// keys. The operating system's file system is [OS]; package durabletest has a simulated disk
// that fails or loses power at any chosen operation, which is how the crash tables of the
// other packages are made.
//
// What POSIX does not promise, and what therefore has to be asked for:
//
//   - written bytes are durable after [File.Sync], not after Write or Close;
//   - a created, renamed or removed name is durable after [FS.SyncDir] of its folder;
//   - [FS.SyncFS] does both for a whole file system at once, which is cheaper than one
//     fdatasync per file as soon as several files are open;
//   - a sync that failed once may have dropped the dirty pages: the next nil says nothing about
//     the bytes before it. Whoever sees a failed write or sync gives the file up.
package durable
