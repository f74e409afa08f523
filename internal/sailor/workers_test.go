package sailor

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"aws-secrets-manager-connector/internal/broker"
)

func TestWorkers(t *testing.T) {
	t.Run("as many at once as there are deliveries", func(t *testing.T) {
		const n = 10
		var entered sync.WaitGroup
		entered.Add(n)
		w := newWorkers(func(broker.Delivery) {
			entered.Done()
			entered.Wait() // for all the others
		})
		for range n {
			w.do(broker.Delivery{})
		}
		w.wait()
	})
	t.Run("each delivery once", func(t *testing.T) {
		var mu sync.Mutex
		seen := map[string]int{}
		w := newWorkers(func(d broker.Delivery) {
			mu.Lock()
			defer mu.Unlock()
			seen[d.RoutingKey]++
		})
		want := map[string]int{}
		for i := range 600 {
			key := string(rune('a'+i%26)) + string(rune('a'+i/26))
			want[key] = 1
			w.do(broker.Delivery{RoutingKey: key})
		}
		w.wait()
		assert.Equal(t, want, seen)
	})
}
