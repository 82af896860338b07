package proof

import "time"

// Until asks again and again, every twenty milliseconds, until ok says yes.
// It is for conditions the server has no long poll for.
func (s *Stage) Until(what string, ok func() bool) {
	s.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-s.Ctx.Done():
			s.t.Fatalf("in vain waited until %s", what)
		case <-again.C:
		}
	}
}

// AwaitCall returns once the outside world was asked for op.
func (s *Stage) AwaitCall(op string) {
	s.t.Helper()
	s.Until(op+" is called", func() bool { return s.Gateway.Count(op) > 0 })
}
