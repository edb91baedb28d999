package audit

import (
	"cmp"
	"slices"
	"time"
)

// Pace says what counts as too fast. Zero values switch a limit off.
type Pace struct {
	// Batch is the number of addresses that one batch may have, Seconds the least time between two deliveries: Pair's
	// resource policy states 25 and 3.
	Batch   int64 `json:"batch_recipients"`
	Seconds int64 `json:"seconds_between"`
	// Gap is how many seconds without a delivery end a batch. No page states it.
	Gap int64 `json:"batch_gap_seconds"`
	// Hour and Day are how many recipients a sender may have within any 60 minutes and any 24 hours. Pair states no such number.
	Hour int64 `json:"hourly_recipients"`
	Day  int64 `json:"daily_recipients"`
}

// SenderPace is the sending pace of one sender.
type SenderPace struct {
	Sender  string `json:"sender"`
	Batches int64  `json:"batches"`
	// Over counts the batches of more addresses than one may have, Largest is the most in one.
	Over    int64 `json:"batches_over"`
	Largest int64 `json:"largest_batch"`
	// LargestAt is when the largest began.
	LargestAt int64  `json:"-"`
	Started   string `json:"largest_batch_at"`
	// Fast counts the messages that came sooner after the one before than the seconds between deliveries allow.
	Fast int64 `json:"too_fast"`
	// PeakHour and PeakDay are the most recipients within 60 minutes and 24 hours; HourOver and DayOver count the messages
	// that were sent while the sum was over the limit.
	PeakHour int64 `json:"peak_hour"`
	PeakDay  int64 `json:"peak_day"`
	HourOver int64 `json:"hour_over"`
	DayOver  int64 `json:"day_over"`
}

func (s *SenderPace) broken() int64 { return s.Over + s.Fast + s.HourOver + s.DayOver }

// PaceDay is what was broken on one day (UTC) by all senders.
type PaceDay struct {
	Day      string `json:"day"`
	Over     int64  `json:"batches_over"`
	Fast     int64  `json:"too_fast"`
	HourOver int64  `json:"hour_over"`
	DayOver  int64  `json:"day_over"`
}

// PaceReport is the answer about the sending pace.
type PaceReport struct {
	Limits  Pace         `json:"limits"`
	Dated   int64        `json:"messages_with_date"`
	Batches int64        `json:"batches"`
	Over    int64        `json:"batches_over"`
	Fast    int64        `json:"too_fast"`
	Senders []SenderPace `json:"senders"` // those with something broken, most first
	Days    []PaceDay    `json:"days"`    // those with something broken
	// Left counts senders with something broken beyond those listed.
	Left int64 `json:"senders_left_out"`
}

// pacer finds what was sent too fast. It wants the sendings sorted by sender and time.
type pacer struct {
	limits    Pace
	names     func(uint64) string // asked in rising order
	out       PaceReport
	days      map[int64]*PaceDay
	s         SenderPace
	id        uint64
	any       bool
	last      int64 // unix of the sending before
	batch     int64 // recipients of the batch so far
	since     int64 // unix of its first
	counted   bool  // the batch is counted as over
	hour, day window
}

// window is a sum over the last seconds.
type window struct {
	length int64
	sum    int64
	list   []second
	from   int
}

type second struct{ unix, n int64 }

func (w *window) add(unix, n int64) int64 {
	for w.from < len(w.list) && w.list[w.from].unix <= unix-w.length {
		w.sum -= w.list[w.from].n
		w.from++
	}
	if w.from > len(w.list)/2 && w.from > 64 {
		w.list = append(w.list[:0], w.list[w.from:]...)
		w.from = 0
	}
	if k := len(w.list); k > w.from && w.list[k-1].unix == unix {
		w.list[k-1].n += n
	} else {
		w.list = append(w.list, second{unix, n})
	}
	w.sum += n
	return w.sum
}

func (w *window) reset() { w.list, w.from, w.sum = w.list[:0], 0, 0 }

const (
	maxPaceSenders = 1000
	maxPaceDays    = 20_000
)

func (p *pacer) add(x *sending) {
	if !p.any || x.sender != p.id {
		p.end()
		p.any, p.id = true, x.sender
		p.s = SenderPace{}
		p.hour.reset()
		p.day.reset()
		p.begin(x)
	} else {
		gap := x.unix - p.last
		if gap > p.limits.Gap {
			p.begin(x)
		}
		if p.limits.Seconds > 0 && gap < p.limits.Seconds {
			p.s.Fast++
			p.at(x.unix).Fast++
		}
	}
	p.out.Dated++
	p.last = x.unix
	n := int64(x.recipients)
	p.batch += n
	if p.batch > p.s.Largest {
		p.s.Largest, p.s.LargestAt = p.batch, p.since
	}
	if p.limits.Batch > 0 && p.batch > p.limits.Batch && !p.counted {
		p.counted = true
		p.s.Over++
		p.at(p.since).Over++
	}
	sum := p.hour.add(x.unix, n)
	p.s.PeakHour = max(p.s.PeakHour, sum)
	if p.limits.Hour > 0 && sum > p.limits.Hour {
		p.s.HourOver++
		p.at(x.unix).HourOver++
	}
	sum = p.day.add(x.unix, n)
	p.s.PeakDay = max(p.s.PeakDay, sum)
	if p.limits.Day > 0 && sum > p.limits.Day {
		p.s.DayOver++
		p.at(x.unix).DayOver++
	}
}

// begin begins a batch.
func (p *pacer) begin(x *sending) {
	p.batch, p.since, p.counted = 0, x.unix, false
	p.s.Batches++
}

func (p *pacer) at(unix int64) *PaceDay {
	d := floorDiv(unix, 86400)
	x := p.days[d]
	if x == nil {
		x = &PaceDay{Day: dayName(d)}
		if len(p.days) < maxPaceDays {
			p.days[d] = x
		}
	}
	return x
}

// end ends a sender.
func (p *pacer) end() {
	if !p.any {
		return
	}
	p.out.Batches += p.s.Batches
	p.out.Over += p.s.Over
	p.out.Fast += p.s.Fast
	if p.s.broken() == 0 {
		return
	}
	p.s.Sender = p.names(p.id)
	p.s.Started = stamp(p.s.LargestAt)
	p.out.Senders = append(p.out.Senders, p.s)
	if len(p.out.Senders) >= 2*maxPaceSenders {
		p.trim()
	}
}

func (p *pacer) trim() {
	slices.SortFunc(p.out.Senders, func(a, b SenderPace) int {
		return cmp.Or(cmp.Compare(b.broken(), a.broken()), cmp.Compare(b.Largest, a.Largest), cmp.Compare(a.Sender, b.Sender))
	})
	if n := len(p.out.Senders); n > maxPaceSenders {
		p.out.Left += int64(n - maxPaceSenders)
		p.out.Senders = p.out.Senders[:maxPaceSenders]
	}
}

// paceOf gives the answer about the sendings of a run.
func paceOf(s *sorter[sending, *sending], limits Pace, names func(uint64) string) (*PaceReport, error) {
	p := &pacer{limits: limits, names: names, days: map[int64]*PaceDay{}}
	p.out.Limits = limits
	p.out.Senders, p.out.Days = []SenderPace{}, []PaceDay{}
	p.hour.length, p.day.length = 3600, 86400
	for x := range s.all() {
		p.add(x)
	}
	p.end()
	p.trim()
	keys := make([]int64, 0, len(p.days))
	for d := range p.days {
		keys = append(keys, d)
	}
	slices.Sort(keys)
	for _, d := range keys {
		p.out.Days = append(p.out.Days, *p.days[d])
	}
	s.close()
	return &p.out, s.disk.err
}

func senderID(address string) uint64 { return Label(address) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// dayName is the date of a number of days since 1970 (UTC).
func dayName(d int64) string { return time.Unix(d*86400, 0).UTC().Format(time.DateOnly) }

// stamp is a time as reports show it, "" for NoDate.
func stamp(unix int64) string {
	if unix == NoDate {
		return ""
	}
	return time.Unix(unix, 0).UTC().Format(time.RFC3339)
}
