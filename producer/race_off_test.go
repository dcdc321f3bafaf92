//go:build !race

package producer_test

// raceDetector slows everything down by ten.
const raceDetector = false
