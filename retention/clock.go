package retention

import "time"

// Present is what is known of now.
type Present struct {
	// Certain is a moment that has been reached for certain; zero: none is known. It may lag behind the
	// true present, by up to Tolerance while Held is false.
	Certain time.Time `json:"certain"`

	// Held says that Certain may lag behind by more: terms may be over without anybody knowing. It is an alarm.
	Held bool `json:"held"`

	// Why is a sentence about Held: what disagrees, and what to do.
	Why string `json:"why,omitempty"`
}

// Boot is one boot of the machine as the guard saw it. What a boot recorded is dated by it.
type Boot struct {
	ID [16]byte `json:"id"`

	// Earliest is when CLOCK_BOOTTIME was zero, at the earliest.
	Earliest time.Time `json:"earliest"`

	// Agreed is the same by the machine's clock when it last agreed with what is certain; zero: it never did.
	Agreed time.Time `json:"agreed,omitzero"`
}
