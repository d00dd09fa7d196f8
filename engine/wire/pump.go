package wire

import (
	"io"
	"time"
)

// pump lets a producer run ahead of its consumer, by two items at most. The
// consumer owns it and calls stop; the producer is one goroutine.
type pump[T any] struct {
	full chan *T // filled, in order; closed after the last
	free chan *T // to be filled
	quit chan struct{}
	done chan struct{}
	err  error // why full was closed
	held *T    // what next gave last
}

// items is how many items a pump has: one with the consumer, one with the
// producer, one between them.
const items = 3

// startPump starts a goroutine that calls fill until it fails; io.EOF is the
// end. A panic in fill is an *engine.Panic.
func startPump[T any](fill func(*T) error) *pump[T] {
	p := &pump[T]{full: make(chan *T, 1), free: make(chan *T, items), quit: make(chan struct{}), done: make(chan struct{})}
	for range items {
		p.free <- new(T)
	}
	go func() {
		defer close(p.done)
		defer close(p.full)
		for {
			var item *T
			select {
			case item = <-p.free:
			case <-p.quit:
				return
			}
			if p.err = guard(func() error { return fill(item) }); p.err != nil {
				return
			}
			select {
			case p.full <- item:
			case <-p.quit:
				return
			}
		}
	}()
	return p
}

// patience is how long a consumer waits for the next item before it does
// something else.
const patience = 10 * time.Millisecond

// next gives the next item, valid until the next call; io.EOF ends. When there
// is none for a while, it calls idle, once, and waits on.
func (p *pump[T]) next(idle func() error) (*T, error) {
	if p.held != nil {
		p.free <- p.held
		p.held = nil
	}
	item, ok, err := p.wait(idle)
	if err != nil {
		return nil, err
	}
	if !ok {
		if p.err == nil {
			return nil, io.ErrUnexpectedEOF // stop was called
		}
		return nil, p.err
	}
	p.held = item
	return item, nil
}

func (p *pump[T]) wait(idle func() error) (item *T, ok bool, err error) {
	select {
	case item, ok = <-p.full:
		return item, ok, nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case item, ok = <-p.full:
		return item, ok, nil
	case <-timer.C:
	}
	if err = idle(); err != nil {
		return nil, false, err
	}
	item, ok = <-p.full
	return item, ok, nil
}

// stop ends the producer and waits for it. Whatever fill may wait for must end
// by the caller's doing.
func (p *pump[T]) stop() {
	close(p.quit)
	<-p.done
}
