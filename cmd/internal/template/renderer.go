package template

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
)

// maxProcesses bounds the processes of a Renderer, and with maxMemory what hostile templates can take of the machine.
const maxProcesses = 8

var errMemory = limitError(fmt.Sprintf("needs more than %d MiB of memory", maxMemory>>20))

// Renderer renders units in processes of their own, which are this program again and serve one unit after the other: what a template
// does ends with its process. It can be used by many goroutines at once. The zero value is ready for use. main has to ask Called.
type Renderer struct {
	once sync.Once
	free chan *process // as many as there may be; nil is one that has not been started
}

// process is one that renders.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	stderr head
}

// Render is Unit.Render, but that nothing that the template does to its process harms this one. A unit's Command is run from here, and
// only what it printed goes on.
func (r *Renderer) Render(ctx context.Context, u Unit) (*Rendered, error) {
	if u.Program() {
		if err := u.run(ctx); err != nil {
			return nil, err
		}
	}
	asked, err := unitFormat.Encode(u.code)
	if err != nil {
		return nil, u.broken(err.Error())
	}
	r.once.Do(func() {
		n := min(runtime.GOMAXPROCS(0), maxProcesses)
		r.free = make(chan *process, n)
		for range n {
			r.free <- nil
		}
	})
	var p *process
	select {
	case p = <-r.free:
	case <-ctx.Done():
		return nil, u.broken("interrupted")
	}
	defer func() { r.free <- p }()
	if p == nil {
		if p, err = start(); err != nil {
			return nil, u.broken("no process to render in: " + err.Error())
		}
	}
	a, why := p.ask(ctx, asked)
	if why != "" {
		p = nil
		if ctx.Err() != nil {
			why = "interrupted"
		}
		return nil, u.broken(why)
	}
	if a.last {
		p.end()
		p = nil
	}
	if err := a.err(); err != nil {
		return nil, err
	}
	return &a.made, nil
}

// Close ends the processes. None may be at work.
func (r *Renderer) Close() {
	for range cap(r.free) {
		if p := <-r.free; p != nil {
			p.end()
		}
		r.free <- nil
	}
}

// run runs the unit's Command, for what is rendered elsewhere.
func (u *Unit) run(ctx context.Context) error {
	t, err := openTree(u.root)
	if err != nil {
		return u.broken(err.Error())
	}
	defer t.close()
	j := &unitJob{Unit: u, ctx: ctx, t: t}
	if err := j.read(); err != nil {
		return err
	}
	b, err := j.command(ctx, t, j.data)
	if err == nil {
		text := string(b)
		u.output = &text
	}
	return err
}

// broken is an error that no engine has given.
func (u *Unit) broken(why string) error {
	engine := u.spec.Engine
	if u.Program() {
		engine = "command"
	}
	if t, err := openTree(u.root); engine == "" && err == nil {
		defer t.close()
		b, _ := t.read(u.Template, maxTemplateBytes)
		engine, _ = detectEngine(u.Template, string(b))
	}
	if engine == "" {
		engine = "template"
	}
	return &EngineError{File: u.Template, Engine: engine, Message: oneLine(why)}
}

// start makes a process.
func start() (*process, error) {
	program := "/proc/self/exe" // also when the file has been replaced, or deleted
	if _, err := os.Stat(program); err != nil {
		if program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	p := &process{cmd: exec.Command(program)}
	p.cmd.Args = []string{serverName}
	// A second processor is for its watch.
	p.cmd.Env = append(os.Environ(), "GOTRACEBACK=none", "GOMAXPROCS=2")
	p.cmd.Stderr = &p.stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// ask has a unit rendered. A reason instead of an answer means that the process has ended.
func (p *process) ask(ctx context.Context, asked []byte) (a *answer, why string) {
	// The process ends itself before; this is for one that cannot.
	ctx, cancel := context.WithTimeout(ctx, engineTime+2*stopTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { p.cmd.Process.Kill() })
	defer stop()
	err := writeFrame(p.in, asked)
	var b []byte
	if err == nil {
		b, err = readFrame(p.out)
	}
	if err == nil {
		a = &answer{}
		if err = answerFormat.Decode(b, a.code); err == nil {
			return a, ""
		}
	}
	late := ctx.Err() != nil
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		p.cmd.Process.Kill()
	}
	p.in.Close()
	p.cmd.Wait()
	said := p.stderr.String()
	switch code := p.cmd.ProcessState.ExitCode(); {
	case late, code == exitTime:
		return nil, string(errTime)
	case code == exitMemory, strings.Contains(said, "out of memory"), strings.Contains(said, "cannot allocate memory"):
		return nil, string(errMemory)
	case strings.Contains(said, "stack overflow"), strings.Contains(said, "stack exceeds"):
		return nil, fmt.Sprintf("nests too deep for %d MiB of stack", maxStack>>20)
	}
	why = "the engine broke down: " + p.cmd.ProcessState.String()
	if said != "" {
		why += ": " + said
	}
	return nil, why
}

// end ends a process that is not at work.
func (p *process) end() {
	p.in.Close()
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// head keeps the first octets written.
type head struct{ buf bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.buf.Write(p[:min(len(p), max(0, maxStderr-h.buf.Len()))])
	return len(p), nil
}

func (h *head) String() string { return h.buf.String() }
