package packing

import (
	"context"
	"errors"
	"fmt"

	"varuh/accesslog/diary"
)

// Close ends deliveries before the program does: nothing leaves any more, what nobody came for is entered so, and what is on its way
// is cut off. Of what the diary takes no entry for until ctx ends, the next start says that nobody knows. [Jobs.Run] has ended by then.
func (j *Jobs) Close(ctx context.Context) error {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.halt(func(*delivery) bool { return true })
	j.unheard()
	quiet := make(chan struct{})
	go func() { j.outs.Wait(); close(quiet) }()
	var errs []error
	select {
	case <-quiet:
	case <-ctx.Done():
		errs = append(errs, fmt.Errorf("a package is still on its way out: %w", ctx.Err()))
	}
	for _, d := range j.ended() {
		errs = append(errs, j.enterOne(ctx, d))
	}
	return errors.Join(errs...)
}

// unheard ends what is on a disk and of which nobody has said yet that it is whole: after the program nobody can.
func (j *Jobs) unheard() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, d := range j.pending {
		if d.token != "" && d.end == nil {
			d.end = &End{Unknown, d.out.bytes.Load(), d.out.files.Load()}
		}
	}
}

// errClosed refuses what comes once the program ends.
var errClosed = fmt.Errorf("the program ends, so take the package out once it runs again: %w", diary.ErrClosed)
