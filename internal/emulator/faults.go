package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Kinds of Fault.
const (
	Throttle     = "throttle"    // ThrottlingException, status 400
	ServerError  = "error"       // InternalServiceError, status 500
	Unavailable  = "unavailable" // ServiceUnavailable, status 503
	Slow         = "slow"        // the call succeeds, after a delay
	ResetConn    = "reset"       // the connection is reset, nothing was done
	LoseResponse = "lose"        // the operation is carried out, then the connection is reset
)

const (
	maxDelay  = time.Minute
	maxFaults = 1000
)

// Fault is what goes wrong with the next calls.
type Fault struct {
	Kind      string
	Operation string        // "" means every operation, those of STS included
	Times     int           // how many calls; 0 means all until Reset
	Delay     time.Duration // of Slow, at most a minute
}

// check names what is wrong with f.
func (f Fault) check(known bool) error {
	switch {
	case !slices.Contains([]string{Throttle, ServerError, Unavailable, Slow, ResetConn, LoseResponse}, f.Kind):
		return fmt.Errorf("kind of fault is %q, must be throttle, error, unavailable, slow, reset or lose", f.Kind)
	case f.Operation != "" && !known:
		return fmt.Errorf("operation of fault is %q, which is unknown", f.Operation)
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
	known := e.operations[f.Operation] != nil || e.stsOperations()[f.Operation] != nil
	if err := f.check(known); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.faults) == maxFaults {
		return fmt.Errorf("there are %d faults already, which is the most", maxFaults)
	}
	e.faults = append(e.faults, f)
	return nil
}

// takeFault returns the fault for one call; the zero Fault when there is none.
func (e *Emulator) takeFault(operation string) Fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.faults, func(f Fault) bool { return f.Operation == "" || f.Operation == operation })
	if i < 0 {
		return Fault{}
	}
	f := e.faults[i]
	switch f.Times {
	case 0: // until Reset
	case 1:
		e.faults = slices.Delete(e.faults, i, i+1)
	default:
		e.faults[i].Times--
	}
	return f
}
