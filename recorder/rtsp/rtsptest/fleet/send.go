package fleet

import (
	"container/heap"
	"encoding/binary"
	"runtime"
	"syscall"
	"time"
)

const (
	linkRate       = 100e6           // bit/s of a camera's own link
	linkOverhead   = 66 + 24         // bytes around a packet there: Ethernet, IP and TCP headers; preamble, check sum, pause
	reportInterval = 5 * time.Second // between sender reports
	longestNap     = 5 * time.Millisecond
	lateAfter      = 5 * time.Millisecond
)

// reader is one playing session: what it is sent next, and when. Only send's goroutine touches it.
type reader struct {
	out             *outlet
	channel         byte // of RTP; RTCP has the next one
	ssrc, timestamp uint32
	sequence        uint16
	picture, packet int       // what is sent next
	pictureDue, due time.Time // when that picture begins, and when that packet leaves
	reportDue       time.Time
	packets, octets uint32 // sent, for sender reports
	buffer          []byte
}

// join makes a reader of the camera whose place in the clip follows from seed.
func (s *Source) join(out *outlet, channel byte, seed uint32, now time.Time) *reader {
	c := s.clip
	at := now.Sub(s.began) + time.Duration(seed%9973)*c.Duration()/9973
	passed := int64(at / c.interval())
	due := now.Add(c.interval() - at%c.interval())
	return &reader{
		out: out, channel: channel, ssrc: seed, sequence: uint16(passed), timestamp: seed + uint32(passed)*c.tick(),
		picture: int(passed % int64(len(c.pictures))), pictureDue: due, due: due,
		reportDue: now.Add(reportInterval * time.Duration(seed%97) / 97),
	}
}

// tick is the RTP time between two pictures.
func (c *Clip) tick() uint32 { return uint32(clockRate / c.rate) }

// send is the one thread that sends for all cameras. It naps in the kernel: a Go timer would cost
// this process more than the packet.
func (s *Source) send() {
	runtime.LockOSThread()
	var q queue
	for {
		if len(q) == 0 {
			select {
			case r := <-s.joining:
				heap.Push(&q, r)
			case <-s.closed:
				return
			}
		}
		select {
		case r := <-s.joining:
			heap.Push(&q, r)
		case <-s.closed:
			return
		default:
		}
		now := time.Now()
		r := q[0]
		if wait := r.due.Sub(now); wait > 0 {
			nap(min(wait, longestNap))
			continue
		}
		s.steps.Add(1)
		if now.Sub(r.due) > lateAfter {
			s.late.Add(1)
		}
		if err := r.step(s.clip, s.pacing, now); err != nil {
			heap.Pop(&q) // its connection is gone; serve ends by itself
			continue
		}
		heap.Fix(&q, 0)
	}
}

func nap(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil) // woken early by a signal, send looks at the clock again
}

// step sends what is due and sets when the next is.
func (r *reader) step(c *Clip, pacing Pacing, now time.Time) error {
	if r.packet == 0 && !now.Before(r.reportDue) {
		r.reportDue = now.Add(reportInterval)
		if _, err := r.out.Write(r.report(now)); err != nil {
			return err
		}
	}
	p := &c.pictures[r.picture]
	from, to := 0, len(p.packets)
	if pacing == Link {
		from, to = r.packet, r.packet+1
	}
	_, err := r.out.Write(r.stamp(p, p.packets[from:to]))
	if r.packet = to; to == len(p.packets) {
		r.nextPicture(c)
	} else {
		onLink := p.packets[from].to - p.packets[from].from + linkOverhead
		r.due = r.due.Add(time.Duration(float64(onLink) * 8 * float64(time.Second) / linkRate))
	}
	return err
}

func (r *reader) nextPicture(c *Clip) {
	r.picture, r.packet = (r.picture+1)%len(c.pictures), 0
	r.timestamp += c.tick()
	r.pictureDue = r.pictureDue.Add(c.interval())
	r.due = r.pictureDue
}

// stamp copies packets of a picture and fills in what differs from reader to reader.
func (r *reader) stamp(p *picture, packets []span) []byte {
	first := packets[0].from
	r.buffer = append(r.buffer[:0], p.wire[first:packets[len(packets)-1].to]...)
	for _, sp := range packets {
		b := r.buffer[sp.from-first:]
		b[1] = r.channel
		binary.BigEndian.PutUint16(b[frameHeader+2:], r.sequence)
		binary.BigEndian.PutUint32(b[frameHeader+4:], r.timestamp)
		binary.BigEndian.PutUint32(b[frameHeader+8:], r.ssrc)
		r.sequence++
		r.packets++
		r.octets += uint32(sp.to - sp.from - frameHeader - rtpHeader)
	}
	return r.buffer
}

// report is a sender report, RFC 3550 section 6.4.1.
func (r *reader) report(now time.Time) []byte {
	const size, untilUnix = 28, 2208988800 // seconds from 1900 to 1970
	b := make([]byte, frameHeader+size)
	b[0], b[1] = '$', r.channel+1
	binary.BigEndian.PutUint16(b[2:], size)
	b[4], b[5] = 0x80, 200
	binary.BigEndian.PutUint16(b[6:], size/4-1)
	binary.BigEndian.PutUint32(b[8:], r.ssrc)
	binary.BigEndian.PutUint32(b[12:], uint32(now.Unix()+untilUnix))
	binary.BigEndian.PutUint32(b[16:], uint32(uint64(now.Nanosecond())<<32/1e9))
	binary.BigEndian.PutUint32(b[20:], r.timestamp)
	binary.BigEndian.PutUint32(b[24:], r.packets)
	binary.BigEndian.PutUint32(b[28:], r.octets)
	return b
}

// queue is a heap of readers by when they are due.
type queue []*reader

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*reader)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	*q = (*q)[:last]
	return r
}
