package fakeserver

import (
	"io"
	"strings"
	"time"
)

// Reply says a line and goes on.
func Reply(lines ...string) Action {
	return func(c *Conn, _ string) bool { return c.Say(lines...) }
}

// ReplyAndClose says a line and closes the connection.
func ReplyAndClose(lines ...string) Action {
	return func(c *Conn, _ string) bool {
		c.Say(lines...)
		return false
	}
}

// Hang says nothing until the client has gone.
func Hang(c *Conn, _ string) bool {
	io.Copy(io.Discard, c.In)
	return false
}

// Deaf neither reads nor says anything until the server is stopped.
func Deaf(c *Conn, _ string) bool {
	<-c.server.done
	return false
}

// Close closes the connection.
func Close(*Conn, string) bool { return false }

// Reset ends the connection with RST.
func Reset(c *Conn, _ string) bool {
	c.Raw.SetLinger(0)
	c.Raw.Close()
	return false
}

// HalfClose ends the server's side only, and reads on.
func HalfClose(c *Conn, arg string) bool {
	c.Raw.CloseWrite()
	return Hang(c, arg)
}

// Raw sends octets as they are and goes on.
func Raw(text string) Action {
	return func(c *Conn, _ string) bool {
		_, err := io.WriteString(c.Net, text)
		return err == nil
	}
}

// Slow sends text an octet at a time, without end.
func Slow(text string, pause time.Duration) Action {
	return func(c *Conn, _ string) bool {
		for {
			for i := range len(text) {
				if _, err := io.WriteString(c.Net, text[i:i+1]); err != nil {
					return false
				}
				time.Sleep(pause)
			}
		}
	}
}

// Then does one thing after the other while the session goes on.
func Then(actions ...Action) Action {
	return func(c *Conn, arg string) bool {
		for _, a := range actions {
			if !a(c, arg) {
				return false
			}
		}
		return true
	}
}

// For does an action for some arguments (recipients), and says 250 to the others.
func For(match string, a Action) Action {
	return func(c *Conn, arg string) bool {
		if strings.Contains(arg, match) {
			return a(c, arg)
		}
		return c.Say("250 2.1.5 ok")
	}
}
