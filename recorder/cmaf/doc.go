// Package cmaf guards the camera's bytes on their way into fragments (ISO/IEC 23000-19): unchanged
// and in order, SEI included, and time inside a run never goes back.
package cmaf
