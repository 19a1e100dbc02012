// Package rtsp guards the line to the cameras: only it talks to them, and no credential of theirs
// is ever in a log, an error, a metric or a page.
//
// What holds:
//
//  1. A camera's bytes reach the sink unchanged and in order. Start codes and RTP headers go, length
//     fields come; nothing else is touched, SEI messages included.
//  2. Whatever is missing is told: a unit that packets were missing in or before has Loss set, and a
//     NAL unit of which a fragment is missing is left out whole, the rest of its unit kept.
//  3. A run begins with a key frame whose parameter sets are known. Other parameter sets, or a camera
//     clock that jumps, begin a new run at the next key frame; no unit is left out for it.
//  4. Decoding times rise strictly within a run, whatever the camera's timestamps do.
//  5. Nothing a camera sends can take more than 8 MiB or 4096 NAL units for one access unit, nor
//     crash the recorder.
//  6. Errors are made of this package's own words and the camera's host and port. Text from the
//     camera or from a library, which may repeat a URL, never gets into one.
//  7. Credentials go to the host of the source's URL and to no other: a redirection elsewhere is refused.
//
// What a session costs is decided by how often it wakes, not by its bytes. Over TCP it goes in these
// steps:
//
//  1. gortsplib opens the session: OPTIONS, DESCRIBE, SETUP, authentication.
//  2. Before PLAY the connection under it is armed. SO_RCVLOWAT keeps the kernel from waking us for
//     single packets. A read deadline on a grid of 100 ms that all sessions share wakes them together
//     and takes what has come, so nothing waits longer than that.
//  3. RTP packets are taken out of the 64-KiB read-ahead where they lie and put together there and
//     then, in the goroutine that read them: no channel, no allocation and no clock reading per
//     packet. gortsplib gets only what it needs: responses, requests, RTCP.
//  4. Keep-alive, RTCP and the end of the session are gortsplib's again.
//
// Over UDP, and where SRTP encrypts the packets, gortsplib reads, orders and decrypts, and the same
// code takes its packets.
package rtsp
