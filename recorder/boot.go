package recorder

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"varuh/recorder/segment"
)

// Boot tells what time the machine takes it to be, and how far that can be trusted. Tests put their
// own in its place.
type Boot interface {
	// Now is the machine's wall clock.
	Now() time.Time
	// ID is the kernel's id of this boot.
	ID() [16]byte
	// Uptime is CLOCK_BOOTTIME: the time since the boot, sleep included.
	Uptime() time.Duration
	// Clock says whether the kernel's clock has been synchronised since the boot.
	Clock() segment.ClockState
}

// ThisBoot is the boot of the machine that the program runs on.
func ThisBoot() (Boot, error) {
	const name = "/proc/sys/kernel/random/boot_id"
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the id of this boot: %w", err)
	}
	id, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(string(text)), "-", ""))
	if err != nil || len(id) != 16 {
		return nil, fmt.Errorf("%s holds %q, which is no boot id", name, text)
	}
	return kernelBoot(id), nil
}

type kernelBoot [16]byte

func (kernelBoot) Now() time.Time { return time.Now() }

func (b kernelBoot) ID() [16]byte { return b }

// Uptime cannot fail on a Linux that runs Go: the clock is older than the kernels Go supports.
func (kernelBoot) Uptime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic(fmt.Sprintf("recorder: CLOCK_BOOTTIME: %v", err))
	}
	return time.Duration(ts.Nano())
}

// Clock asks adjtimex(2), whose error state means that nobody has set the clock yet. An answer that
// cannot be had counts as not synchronised, the side on which a wrong time is noticed.
func (kernelBoot) Clock() segment.ClockState {
	state, err := unix.Adjtimex(&unix.Timex{})
	if err != nil || state == unix.TIME_ERROR {
		return segment.Unsynchronised
	}
	return segment.Synchronised
}
