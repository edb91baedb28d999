package rules

// job is an evaluation that a worker does.
type job struct {
	do   func() answer
	done chan<- answer
	// end tells the worker whether to take another job after this one.
	end func() bool
}

// idle holds the workers that wait for a job. They are kept because the stack of an evaluation is deep: a goroutine that has
// grown one before saves a third of the time. Workers beyond its capacity end with their job.
var idle = make(chan chan job, 32)

// hand gives a job to a waiting worker or to a new one.
func hand(j job) {
	select {
	case w := <-idle:
		w <- j
	default:
		w := make(chan job, 1)
		w <- j
		go work(w)
	}
}

func work(w chan job) {
	for j := range w {
		j.done <- j.do()
		if !j.end() {
			return
		}
		select {
		case idle <- w:
		default:
			return
		}
	}
}
