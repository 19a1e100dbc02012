package playback

import (
	"fmt"
	"time"

	"varuh/accesslog"
	"varuh/recorder/segment"
)

// MostWindow is the most that one playlist spans. A day of 1-s entries is 2.1 MB, which keeps a browser busy
// for 300 ms at a time.
const MostWindow = 2 * time.Hour

// Window is the span of one playlist. A group of pictures belongs to the window in which its key frame lies, so
// that windows played one after the other show everything once.
type Window struct {
	From, To time.Time
	First    bool // of its range: begins with the key frame that From needs
	Last     bool // of its range: ends with the pictures before To and not with a key frame
}

// Windows divides a range into windows, at even hours UTC. The error is [accesslog.ErrSpan] if there is
// nothing to divide, or more than [accesslog.MaxSpan].
func Windows(from, to time.Time) ([]Window, error) {
	if !from.Before(to) {
		return nil, fmt.Errorf("%w: it would end before it begins", accesslog.ErrSpan)
	}
	if to.Sub(from) > accesslog.MaxSpan {
		return nil, fmt.Errorf("%w: it is longer than %d hours", accesslog.ErrSpan, accesslog.MaxSpan/time.Hour)
	}
	var list []Window
	for at := from.UTC(); at.Before(to); {
		end := at.Truncate(MostWindow).Add(MostWindow)
		if end.After(to) {
			end = to.UTC()
		}
		list = append(list, Window{From: at, To: end})
		at = end
	}
	list[0].First, list[len(list)-1].Last = true, true
	return list, nil
}

// check refuses what Windows does not give.
func (w Window) check() error {
	if !w.From.Before(w.To) {
		return fmt.Errorf("%w: it would end before it begins", accesslog.ErrSpan)
	}
	if span := w.To.Sub(w.From); span > MostWindow {
		return fmt.Errorf("%w: a playlist spans at most %v, not %v", accesslog.ErrSpan, MostWindow, span)
	}
	return nil
}

// Covered is the moment with which a range begins: that of the key frame before its beginning, so that the
// first moment can be seen, unless something of the group of pictures lies in a range that is withheld or was
// not recorded; then that of the next one. It tells whether there is any.
func Covered(t accesslog.Timeline, from time.Time) (begin time.Time, ok bool) {
	chain := pictures{withheld: t.Withheld}
	var key *accesslog.Piece // of the group of pictures at hand; nil while that cannot be decoded
	pieces := byRun(t.Pieces)
	for i := range pieces {
		piece := &pieces[i]
		if piece.Kind != segment.Video {
			continue
		}
		if whole, _ := chain.next(piece); piece.KeyFrame {
			key = piece
		} else if !whole {
			key = nil
		}
		if key != nil && piece.End().After(from) {
			return key.Start, true
		}
	}
	return time.Time{}, false
}
