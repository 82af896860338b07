// Package gateway plays the outside world of the examples: the stock, the card
// processor, the carrier, the mail server.
//
// Activities call it where a real program would call an API. It fails on
// demand and remembers every call in order, so that a test can say what the
// outside world saw and how often. It knows nothing of workflows.
package gateway

import (
	"context"
	"slices"
	"sync"
)

// Always makes a failure last for ever.
const Always = -1

// plentiful is the stock of an article nobody has set.
const plentiful = 100

// Call is one request the outside world received.
type Call struct {
	Op  string // what was asked, for example "Charge"
	Key string // for whom, for example an order id
}

// Gateway is a fake outside world. Use New; it is safe for many goroutines.
type Gateway struct {
	mu    sync.Mutex
	calls []Call
	plans map[Call]*plan
	holds map[string]*Hold
	stock map[string]int
}

type plan struct {
	left int // failures still to come; negative: all
	err  error
}

// New returns a world in which everything works and everything is in stock.
func New() *Gateway {
	return &Gateway{
		plans: map[Call]*plan{},
		holds: map[string]*Hold{},
		stock: map[string]int{},
	}
}

// Fail lets the next times calls of op fail with err (Always: every call).
func (g *Gateway) Fail(op string, times int, err error) {
	g.FailFor(op, "", times, err)
}

// FailFor is Fail for the calls with this key alone.
func (g *Gateway) FailFor(op, key string, times int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.plans[Call{op, key}] = &plan{left: times, err: err}
}

// SetStock says how many pieces of an article there are.
func (g *Gateway) SetStock(sku string, pieces int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stock[sku] = pieces
}

// Stock asks for the number of pieces of an article. It counts as CheckStock.
func (g *Gateway) Stock(ctx context.Context, sku string) (int, error) {
	if err := g.Call(ctx, "CheckStock", sku); err != nil {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if pieces, set := g.stock[sku]; set {
		return pieces, nil
	}
	return plentiful, nil
}

// Call records a request and answers as planned. A held op answers only when it
// is released or ctx ends.
func (g *Gateway) Call(ctx context.Context, op, key string) error {
	hold, err := g.record(op, key)
	if hold == nil {
		return err
	}
	hold.enter()
	select {
	case <-hold.released:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *Gateway) record(op, key string) (*Hold, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, Call{op, key})
	for _, at := range []Call{{op, key}, {op, ""}} {
		p := g.plans[at]
		if p == nil || p.left == 0 {
			continue
		}
		if p.left > 0 {
			p.left--
		}
		return g.holds[op], p.err
	}
	return g.holds[op], nil
}

// Count says how often op was called.
func (g *Gateway) Count(op string) int {
	n := 0
	for _, c := range g.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}

// Calls lists every call in the order of arrival.
func (g *Gateway) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.calls)
}

// Ops lists the names of every call in the order of arrival.
func (g *Gateway) Ops() []string {
	var ops []string
	for _, c := range g.Calls() {
		ops = append(ops, c.Op)
	}
	return ops
}

// Hold keeps callers of one op waiting.
type Hold struct {
	// Entered is closed when the first caller waits.
	Entered  chan struct{}
	once     sync.Once
	released chan struct{}
}

// Hold makes calls of op wait until Release.
func (g *Gateway) Hold(op string) *Hold {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := &Hold{Entered: make(chan struct{}), released: make(chan struct{})}
	g.holds[op] = h
	return h
}

func (h *Hold) enter() { h.once.Do(func() { close(h.Entered) }) }

// Release lets every caller go. Call it once.
func (h *Hold) Release() { close(h.released) }
