package diary

import (
	"context"
	"time"
)

// printKind is the kind of an anchor that is a sheet of paper.
const printKind = "print"

// Pages are the checkpoints that were taken out to be printed. Whether a sheet is kept where nobody can change
// it the diary does not know: they are no proof that anybody outside holds one.
type Pages struct {
	Count int64
	Size  int64     // entries under the last one
	Time  time.Time // of the last one, by the appliance's clock
}

// Print enters that a released checkpoint of that size was taken out to be printed. It names nobody.
func (d *Diary) Print(ctx context.Context, size int64) (Receipt, error) {
	return d.Anchored(ctx, Anchor{Kind: printKind, Party: "paper", Size: size, Time: d.o.Now(), Data: []byte{}})
}

// Printed tells of the pages so far.
func (d *Diary) Printed(ctx context.Context) (p Pages, err error) {
	var ms int64
	err = d.read.QueryRowContext(ctx, `SELECT count(*), coalesce(max(size), 0), coalesce(max(time), 0) FROM diary_anchors WHERE kind = ?`,
		printKind).Scan(&p.Count, &p.Size, &ms)
	p.Time = time.UnixMilli(ms).UTC()
	return p, explain(err, "couldn't read what was printed")
}
