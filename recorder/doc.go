// Package recorder guards the recording: one camera's failure never stops another, a gap is
// recorded, never hidden, and plaintext goes nowhere but into package segment.
package recorder
