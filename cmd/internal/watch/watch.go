// Package watch tells when files change. It reads none of them.
package watch

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Quiet is how long nothing may have happened before a change is told: editors save in several steps.
const Quiet = 100 * time.Millisecond

// longest is how long a change can be held back by others that follow it.
const longest = 2 * time.Second

// maxDirs bounds the directories of one watch; the system has a limit too.
const maxDirs = 10_000

// Watcher tells of changes below paths.
type Watcher struct {
	w     *fsnotify.Watcher
	files map[string]bool // watched by themselves, by their absolute paths
	trees []string        // watched with all below
	own   map[string]bool // what the program writes itself
	out   []fs.FileInfo   // the same, of files whose names are not known
}

// New begins to watch files, and directories with all that they hold but for hidden ones. Changes from now on are told, but
// not those of the files own, which the program writes itself.
func New(paths, own []string) (*Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	x := &Watcher{w: w, files: map[string]bool{}, own: map[string]bool{}}
	for _, p := range own {
		if abs, err := filepath.Abs(p); err == nil {
			x.own[abs] = true
		}
	}
	for _, p := range paths {
		if err := x.add(p); err != nil {
			w.Close()
			return nil, err
		}
	}
	return x, nil
}

// Leave makes the watch pass over a stream that the program writes to, if it is a file: what is redirected into a watched
// directory would cause the next run for ever.
func (x *Watcher) Leave(stream any) {
	f, ok := stream.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		x.out = append(x.out, info)
	}
}

// written tells whether path is one of the streams.
func (x *Watcher) written(path string) bool {
	if len(x.out) == 0 {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && slices.ContainsFunc(x.out, func(o fs.FileInfo) bool { return os.SameFile(o, info) })
}

// Close ends the watch.
func (x *Watcher) Close() error { return x.w.Close() }

func (x *Watcher) add(p string) error {
	abs, err := filepath.Abs(p)
	if err != nil {
		return err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		// The directory is watched: editors put a new file in the place of the old one.
		x.files[abs] = true
		return x.w.Add(filepath.Dir(abs))
	}
	x.trees = append(x.trees, abs)
	return x.tree(abs)
}

// tree watches a directory and those below it.
func (x *Watcher) tree(dir string) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && p == dir:
			return err
		case err != nil || !d.IsDir():
			return nil
		case p != dir && hidden(d.Name()) || d.Name() == "node_modules" || len(x.w.WatchList()) >= maxDirs:
			return fs.SkipDir
		}
		return x.w.Add(p)
	})
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") && name != "." && name != ".." }

// Wait returns when something has changed and nothing has for Quiet. Its error is ctx's, or that of the watch.
func (x *Watcher) Wait(ctx context.Context) error {
	var quiet <-chan time.Time
	var first time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-quiet:
			return nil
		case err := <-x.w.Errors:
			if err != nil {
				return err
			}
			return fs.ErrClosed
		case e, ok := <-x.w.Events:
			if !ok {
				return fs.ErrClosed
			}
			if !x.matters(e) {
				continue
			}
			if first.IsZero() {
				first = time.Now()
			}
			if time.Since(first) > longest {
				return nil
			}
			quiet = time.After(Quiet)
		}
	}
}

// matters tells whether an event is about what is watched. A directory that is new is watched from then on.
func (x *Watcher) matters(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod || x.own[e.Name] || x.written(e.Name) {
		return false // reading sets times
	}
	if x.files[e.Name] {
		return true
	}
	for _, t := range x.trees {
		if !strings.HasPrefix(e.Name, strings.TrimSuffix(t, "/")+"/") || hidden(filepath.Base(e.Name)) || strings.HasSuffix(e.Name, "~") {
			continue
		}
		if e.Has(fsnotify.Create) {
			if info, err := os.Stat(e.Name); err == nil && info.IsDir() {
				_ = x.tree(e.Name) // gone again, or beyond the limit
			}
		}
		return true
	}
	return false
}
