package sailor

import (
	"sync"

	"aws-secrets-manager-connector/internal/broker"
)

// workers are goroutines that work on deliveries, as many as there were ever
// deliveries at once, which the prefetch bounds. They are kept, because a new
// goroutine for each message spends much of its time growing its stack.
type workers struct {
	work  func(broker.Delivery)
	tasks chan broker.Delivery
	alive sync.WaitGroup
}

func newWorkers(work func(broker.Delivery)) *workers {
	return &workers{work: work, tasks: make(chan broker.Delivery)}
}

// do hands the delivery to a worker that is free, or to a new one.
func (w *workers) do(d broker.Delivery) {
	select {
	case w.tasks <- d:
	default:
		w.start(d)
	}
}

// start is apart from do, where d would be moved to the heap for its sake.
func (w *workers) start(d broker.Delivery) {
	w.alive.Go(func() {
		w.work(d)
		for next := range w.tasks {
			w.work(next)
		}
	})
}

// wait waits until all work is done. Nothing may be handed over any more.
func (w *workers) wait() {
	close(w.tasks)
	w.alive.Wait()
}
