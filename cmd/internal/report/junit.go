package report

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"postern/rules"
)

// junit writes JUnit XML as Jenkins, GitLab, Azure and Bitbucket read it: a test suite for each message and a test case for
// each finding. A finding that fails the message is a failure, an accepted one is skipped, any other passes with its text as
// output. A message that could not be judged is an error, and one without findings a test case that passes.
type junit struct {
	out xmlSink
	o   Options
}

func newJUnit(w io.Writer, o Options) *junit { return &junit{out: xmlSink{sink: sink{w: w}}, o: o} }

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	File     string      `xml:"file,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	File    string       `xml:"file,attr,omitempty"`
	Line    int64        `xml:"line,attr,omitempty"`
	Failure *junitResult `xml:"failure"`
	Error   *junitResult `xml:"error"`
	Skipped *junitResult `xml:"skipped"`
	Output  string       `xml:"system-out,omitempty"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (j *junit) start() { j.out.root("testsuites", ` name="postern"`) }

// Item writes the suite of one message.
func (j *junit) Item(it *Item) error {
	j.start()
	suite := junitSuite{Name: xmlText(it.Name), File: xmlText(j.o.place(it, nil).file)}
	all := it.All()
	seen := map[string]int{}
	for i := range all {
		f := &all[i]
		if f.BaselineState == Absent {
			continue
		}
		suite.add(j.finding(it, f, seen))
	}
	switch {
	case it.Verdict.Outcome == rules.Unjudged:
		suite.add(junitCase{Name: "verdict", Class: suite.Name, File: suite.File, Error: &junitResult{
			Message: xmlText(why(it)), Type: "unjudged", Text: xmlText(it.Name + " could not be judged: " + why(it)),
		}})
	case it.Verdict.Outcome == rules.Fail && suite.Failures == 0:
		suite.add(junitCase{Name: "verdict", Class: suite.Name, File: suite.File, Failure: &junitResult{Message: "the message fails", Type: "fail"}})
	case len(suite.Cases) == 0:
		suite.add(junitCase{Name: "verdict", Class: suite.Name, File: suite.File})
	}
	j.out.element(suite)
	return j.out.err
}

// Close ends the document. A run that was interrupted, or found nothing, ends with a suite that holds an error.
func (j *junit) Close(s *Summary) error {
	j.start()
	if text := incomplete(s, j.o.noun()); text != "" {
		suite := junitSuite{Name: "postern"}
		suite.add(junitCase{Name: "run", Class: "postern", Error: &junitResult{Message: text, Type: "unjudged"}})
		j.out.element(suite)
	}
	j.out.end()
	return j.out.err
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func (j *junit) finding(it *Item, f *Finding, seen map[string]int) junitCase {
	p := j.o.place(it, f)
	// The name is what CI servers follow a test by: it has no line, and findings of one rule are numbered.
	name := xmlText(f.Rule)
	if seen[f.Rule]++; seen[f.Rule] > 1 {
		name += " " + strconv.Itoa(seen[f.Rule])
	}
	c := junitCase{Name: name, Class: xmlText(it.Name), File: xmlText(p.file)}
	where := xmlText(p.file)
	if p.sure {
		c.Line = p.line
		where += ":" + strconv.FormatInt(p.line, 10)
	}
	text := strings.Join(append([]string{where + ": " + string(f.Severity) + ": " + xmlText(sentence(f))}, details(f)...), "\n")
	switch {
	case f.Suppressed != nil:
		c.Skipped = &junitResult{Message: xmlText(accepted(f))}
	case j.o.fails(f):
		c.Failure = &junitResult{Message: xmlText(sentence(f)), Type: string(f.Severity), Text: text}
	default:
		c.Output = text
	}
	return c
}

// incomplete says why a run as a whole cannot be taken for a pass, "" if it can.
func incomplete(s *Summary, n Noun) string {
	switch {
	case !s.Complete:
		return "interrupted: the " + n.Many + " that follow were not looked at"
	case s.Total == 0:
		return "no " + n.One + " was found"
	}
	return ""
}
