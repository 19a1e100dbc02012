package people

import "context"

// byOrder is how it is known who does what a program goes on with by itself.
const byOrder = "order"

// Ordered is a person as he is now, for what goes on by his order whether or not he is logged in, such as the building of a
// package: what ends his authorisation ends it. It is no session, and opens nothing where one is asked for. The errors are
// those of Session.
func (r *Register) Ordered(ctx context.Context, person string) (Session, error) {
	return r.picture(ctx, live{who: Person{ID: person}, proof: byOrder}, true)
}
