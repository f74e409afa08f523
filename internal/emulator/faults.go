package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Kinds of Fault.
const (
	Throttle    = "throttle"    // ThrottlingException, status 400
	ServerError = "error"       // InternalServiceError, status 500
	Unavailable = "unavailable" // ServiceUnavailable, status 503
	Slow        = "slow"        // the call succeeds, after a delay
	ResetConn   = "reset"       // the connection is reset, nothing was done
	LoseAnswer  = "lose"        // the operation is carried out, then the connection is reset
)

const maxDelay = time.Minute

// Fault is a bad day: what goes wrong with the next calls.
type Fault struct {
	Kind      string
	Operation string        // "" means every operation, AssumeRole included
	Times     int           // how many calls; 0 means all until Reset
	Delay     time.Duration // of Slow, at most a minute
}

// check names what is wrong with f.
func (f Fault) check(known func(string) bool) error {
	switch {
	case !slices.Contains([]string{Throttle, ServerError, Unavailable, Slow, ResetConn, LoseAnswer}, f.Kind):
		return fmt.Errorf("kind of fault is %q, must be throttle, error, unavailable, slow, reset or lose", f.Kind)
	case f.Operation != "" && !known(f.Operation):
		return fmt.Errorf("operation of fault is %q, which there is not", f.Operation)
	case f.Times < 0:
		return fmt.Errorf("times of fault is %d, must not be negative", f.Times)
	case f.Kind == Slow && (f.Delay <= 0 || f.Delay > maxDelay):
		return fmt.Errorf("delay of fault is %s, must be over 0 and at most %s", f.Delay, maxDelay)
	case f.Kind != Slow && f.Delay != 0:
		return fmt.Errorf("delay of fault is %s, but only a slow fault has one", f.Delay)
	}
	return nil
}

func (f Fault) err() *apiError {
	switch f.Kind {
	case Throttle:
		return fail("ThrottlingException", "Rate exceeded")
	case ServerError:
		return internal("An error occurred on the server side.")
	case Unavailable:
		return &apiError{"ServiceUnavailable", http.StatusServiceUnavailable, "The service is unavailable."}
	}
	return nil
}

// Inject queues a fault. Each call takes the oldest fault that concerns it.
func (e *Emulator) Inject(f Fault) error {
	if err := f.check(e.serves); err != nil {
		return err
	}
	e.faults.add(f)
	return nil
}

// serves reports whether there is such an operation.
func (e *Emulator) serves(operation string) bool {
	_, ok := e.operations[operation]
	return ok || operation == assumeRole
}

// faults is the queue of faults. The zero value is ready.
type faults struct {
	mu    sync.Mutex
	queue []Fault
}

func (q *faults) add(f Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue = append(q.queue, f)
}

// take returns the fault for one call; the zero Fault when there is none.
func (q *faults) take(operation string) Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.queue, func(f Fault) bool { return f.Operation == "" || f.Operation == operation })
	if i < 0 {
		return Fault{}
	}
	f := q.queue[i]
	switch f.Times {
	case 0:
	case 1:
		q.queue = slices.Delete(q.queue, i, i+1)
	default:
		q.queue[i].Times--
	}
	return f
}

func (q *faults) reset() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue = nil
}
