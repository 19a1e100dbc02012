// Package durabletest has a simulated disk, [Disk], for the crash tests of everything that is
// built on [durable.FS]: it can fail at any chosen operation, lose power there, run full, turn
// read-only, and hold an operation up.
//
// The disk keeps two views. What the running program sees is volatile. What is durable is less:
//
//   - the bytes and the length of a file as of its last Sync;
//   - the names in a folder as of its last SyncDir;
//   - all of it as of the last SyncFS.
//
// After a loss of power a real disk holds what was durable and any part of the rest.
// [Disk.AfterPowerLoss] shows the extremes of that, one per [Loss]. Bytes that were written before
// a Sync that failed become durable only if they are written again, whatever later calls return:
// Linux counts the pages as written out.
//
// The counted operations are those that change something or make it durable: Create, Mkdir,
// Rename, Remove, Write, WriteAt, Truncate, Sync, SyncDir and SyncFS, in one sequence from 0.
// [Sweep] runs a piece of work once for every operation and every fault.
package durabletest
