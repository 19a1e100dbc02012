// Package fleet guards measurements of the recorder against the cost of its cameras: many cameras
// in one cheap process, whose packets are made once and then only stamped and sent.
//
// What makes it unlike rtsptest:
//
//  1. A picture is split into RTP packets when its clip is loaded, never while sending.
//  2. One thread sends for every camera. With [Link] each packet leaves when the camera's own
//     100 Mbit/s link would have carried it, so a reader that wakes for every packet pays for it
//     as on a real network; with [Frame] each picture is one write, the kindest a source can be.
//  3. A write never waits. What the kernel does not take at once is kept (a stall), and a reader
//     that is 8 MiB behind is cut off, so that a slow recorder cannot make the source look idle.
//  4. Where a camera stands in its clip depends on its path alone, and a reader joins there, not at
//     a key frame. The key frames of a fleet do not coincide.
//
// Any path is a camera. There is RTP over TCP only, one picture stream, no password.
package fleet
