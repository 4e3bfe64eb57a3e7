// Package bans breaks the rules of bans_test.go.
package bans

import (
	"math/rand" // importing is not using
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	fixed   = []string{"a"}
	counter int
	cache   = map[string]int{}
	current struct{ name string }
	now     = time.Now // BAD: time.Now
)

func init() {} // BAD: an init function

func clock(epoch time.Time) (time.Duration, metav1.Time) {
	time.Sleep(time.Second)            // BAD: time.Sleep
	return epoch.Sub(now()), meta(now) // a method is nobody's clock
}

func meta(func() time.Time) metav1.Time { return metav1.Now() } // BAD: meta/v1.Now

func chance() int { return rand.Int() } // BAD: math/rand.Int

func concurrent() {
	go chance() // BAD: a goroutine
}

func channel(wait <-chan int) { // BAD: a channel
	<-wait                         // BAD: a channel
	done := make(chan struct{})    // BAD: a channel
	for range time.NewTimer(1).C { // BAD: time.NewTimer
	}
	close(done)
	for range wait { // BAD: a channel
	}
	select { // BAD: a channel
	default:
	}
}

func state() []string {
	counter++              // BAD: the package variable counter changes
	cache["a"] = 1         // BAD: the package variable cache changes
	current.name = "a"     // BAD: the package variable current changes
	counter, local := 1, 2 // these are others
	counter += local
	return fixed
}
