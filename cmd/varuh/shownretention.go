package main

import "context"

// decided remembers a change of what is held beside the key slots, as commands do, and has what is due looked at soon.
func (d *Daemon) decided(ctx context.Context) {
	d.eraser.remembered(ctx)
	d.clerk.wrote("hold")
	d.eraser.decided()
}
