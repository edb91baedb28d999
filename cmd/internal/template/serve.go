package template

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// maxMemory is what rendering a message may take. It is Go's to keep below it; what cannot be kept below it ends with the process
	// when there is an eighth more.
	maxMemory = 512 << 20
	// maxStack bounds recursion in the libraries, which is fatal to a process of Go.
	maxStack = 64 << 20
	// watchEvery is how often a process looks at what it takes. Memory is filled at less than 10 GB a second: 50 MB in that time.
	watchEvery = 5 * time.Millisecond
	// stopTime is what a rendering has to stop by itself after its time, and a process to do so.
	stopTime = 2 * time.Second
)

// How a process ends that breaks a bound.
const (
	exitMemory = 71 + iota
	exitTime
)

// serverName is what the program is called as when it renders for itself: no command that somebody types.
const serverName = "postern-render"

// leftBehind tells that a rendering runs on in this process although its time is up.
var leftBehind atomic.Bool

// Called tells whether the arguments of a process say that it is one that Renderer has started; it is to be left to Serve then.
func Called(args []string) bool {
	return len(args) == 1 && strings.TrimSuffix(filepath.Base(args[0]), ".exe") == serverName
}

// Serve renders what Renderer asks for, until there is no more to read, and gives the exit status. Whatever a template does, it
// ends with this process: when it takes more memory or time than it may, and when the program has gone.
func Serve(r io.Reader, w io.Writer) int {
	os.Stdout = os.Stderr // what a library prints is no answer
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	debug.SetMemoryLimit(maxMemory)
	debug.SetGCPercent(400) // 16 MiB before the first collection, which most templates stay below
	debug.SetMaxStack(maxStack)
	limitData(2 * maxMemory)
	asked := make(chan []byte)
	go func() {
		for {
			b, err := readFrame(r)
			if err != nil {
				os.Exit(0)
			}
			asked <- b
		}
	}()
	for b := range asked {
		var u Unit
		if err := unitFormat.Decode(b, u.code); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		done := make(chan struct{})
		go watch(done)
		out, err := u.answer()
		if err == nil {
			err = writeFrame(w, out)
		}
		close(done)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if leftBehind.Load() {
			return 0
		}
		if taken() > maxMemory/4 {
			debug.FreeOSMemory()
		}
	}
	return 0
}

// answer renders a unit within the time that there is.
func (u *Unit) answer() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), engineTime)
	defer cancel()
	var a answer
	made, err := u.Render(ctx)
	if err != nil {
		a.failed(err)
	} else {
		a.made = *made
	}
	a.last = leftBehind.Load()
	return answerFormat.Encode(a.code)
}

// watch ends the process if a rendering takes too much before it is done.
func watch(done <-chan struct{}) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	late := time.After(engineTime + stopTime)
	for {
		select {
		case <-done:
			return
		case <-late:
			os.Exit(exitTime)
		case <-tick.C:
			if taken() > maxMemory+maxMemory/8 {
				os.Exit(exitMemory)
			}
		}
	}
}

// taken is the memory of the process that debug.SetMemoryLimit bounds.
func taken() uint64 {
	m := [2]metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m[:])
	return m[0].Value.Uint64() - m[1].Value.Uint64()
}
