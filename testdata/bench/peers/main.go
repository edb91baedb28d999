// Command peers reads an mbox with the mail libraries of Go that postern is compared with, or measures another program.
//
//	peers go-message|net-mail MBOX
//	peers measure LOG NAME COMMAND [ARGUMENT]...
//
// The first prints how many messages and addresses of recipients there are. The second runs a program and adds a line to LOG: its
// name, microseconds of processor time and of time, and its peak of memory in KiB, those of its children in it.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/mail"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	gomail "github.com/emersion/go-message/mail"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("peers: ")
	if len(os.Args) > 4 && os.Args[1] == "measure" {
		os.Exit(measure(os.Args[2], os.Args[3], os.Args[4:]))
	}
	readers := map[string]func([]byte) (int, error){"go-message": goMessage, "net-mail": netMail}
	if len(os.Args) != 3 || readers[os.Args[1]] == nil {
		log.Fatal("usage: peers go-message|net-mail MBOX")
	}
	messages, recipients := 0, 0
	err := split(os.Args[2], func(b []byte) error {
		n, err := readers[os.Args[1]](b)
		messages++
		recipients += n
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(messages, recipients)
}

// split calls each for the messages of an mbox without quoting.
func split(name string, each func([]byte) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	var b []byte
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || bytes.HasPrefix(line, []byte("From ")) {
			if !first {
				if err := each(b); err != nil {
					return err
				}
			}
			if b = b[:0]; err == io.EOF {
				return nil
			}
			continue
		}
		b = append(b, line...)
	}
}

// goMessage reads a message and walks over its parts, decoding each.
func goMessage(b []byte) (recipients int, err error) {
	e, err := message.Read(bytes.NewReader(b))
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return 0, err
	}
	h := gomail.Header{Header: e.Header}
	for _, field := range []string{"To", "Cc", "Bcc"} {
		list, err := h.AddressList(field)
		if err != nil {
			return 0, err
		}
		recipients += len(list)
	}
	return recipients, e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return err
		}
		if part.MultipartReader() == nil {
			_, err = io.Copy(io.Discard, part.Body)
		}
		return err
	})
}

// netMail reads the header and the addresses of a message.
func netMail(b []byte) (recipients int, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	for _, field := range []string{"To", "Cc", "Bcc"} {
		list, err := m.Header.AddressList(field)
		if err != nil && !errors.Is(err, mail.ErrHeaderNotPresent) {
			return 0, err
		}
		recipients += len(list)
	}
	return recipients, nil
}

func measure(file, name string, args []string) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if cmd.ProcessState == nil {
		log.Fatal(err)
	}
	s := cmd.ProcessState
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err == nil {
		_, err = fmt.Fprintln(f, name, (s.UserTime() + s.SystemTime()).Microseconds(), took.Microseconds(), s.SysUsage().(*syscall.Rusage).Maxrss)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		log.Fatal(err)
	}
	return s.ExitCode()
}
