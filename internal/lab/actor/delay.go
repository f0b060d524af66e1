package actor

import (
	"container/heap"
	"context"
	"flag"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"
)

// delay joins two interfaces and holds each frame for as long as its far end is
// away: the kernel of a small virtual machine often has no netem. The distance of
// a host is drawn from its hardware address, so it stays the same both ways.
func delay(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("delay", flag.ContinueOnError)
	a, b := f.String("a", "", "near interface"), f.String("b", "", "far interface")
	low, high := f.Duration("min", 0, "least one-way delay"), f.Duration("max", 0, "greatest")
	loss := f.Float64("loss", 0, "share of the frames that are lost")
	late := f.Float64("reorder", 0, "share of the frames that later ones overtake")
	if err := Parse(f, args); err != nil {
		return err
	}
	near, err := rawSocket(*a)
	if err != nil {
		return err
	}
	far, err := rawSocket(*b)
	if err != nil {
		return err
	}
	l := line{low: *low, spread: *high - *low, loss: *loss, late: *late, seed: maphash.MakeSeed()}
	go l.pump(near, far, 0) // destination address: the far host
	go l.pump(far, near, 6) // source address
	<-ctx.Done()
	return nil
}

type line struct {
	low, spread time.Duration
	loss, late  float64
	seed        maphash.Seed
}

func (l *line) pump(from, to, mac int) {
	var q frames
	var mu sync.Mutex
	wake := make(chan struct{}, 1)
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, sender, err := syscall.Recvfrom(from, buf, 0)
			if err != nil {
				return
			}
			if s, ok := sender.(*syscall.SockaddrLinklayer); n < 14 || ok && s.Pkttype == syscall.PACKET_OUTGOING {
				continue
			}
			if rand.Float64() < l.loss {
				continue
			}
			d := l.low
			if rand.Float64() < l.late {
				d += time.Duration(1+rand.IntN(4)) * time.Millisecond
			}
			if l.spread > 0 {
				d += time.Duration(maphash.Bytes(l.seed, buf[mac:mac+6]) % uint64(l.spread))
			}
			mu.Lock()
			if len(q) < 100000 { // what a router's buffer would hold, and then it drops
				heap.Push(&q, frame{time.Now().Add(d), append([]byte(nil), buf[:n]...)})
			}
			mu.Unlock()
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	}()
	for {
		mu.Lock()
		wait := time.Hour
		for len(q) > 0 {
			if wait = time.Until(q[0].due); wait > 0 {
				break
			}
			f := heap.Pop(&q).(frame)
			mu.Unlock()
			_, _ = syscall.Write(to, f.data) // a full queue loses the frame, as a wire does
			mu.Lock()
			wait = time.Hour
		}
		mu.Unlock()
		select {
		case <-wake:
		case <-time.After(wait):
		}
	}
}

type frame struct {
	due  time.Time
	data []byte
}

type frames []frame

func (q frames) Len() int           { return len(q) }
func (q frames) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q frames) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *frames) Push(x any)        { *q = append(*q, x.(frame)) }
func (q *frames) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// rawSocket opens a packet socket that gets and sends whole frames of an interface.
func rawSocket(device string) (int, error) {
	i, err := net.InterfaceByName(device)
	if err != nil {
		return 0, fmt.Errorf("interface %s: %w", device, err)
	}
	const all = syscall.ETH_P_ALL<<8&0xff00 | syscall.ETH_P_ALL>>8
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, all)
	if err != nil {
		return 0, fmt.Errorf("packet socket: %w", err)
	}
	_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<20) // capped by the system, still works
	return fd, syscall.Bind(fd, &syscall.SockaddrLinklayer{Protocol: all, Ifindex: i.Index})
}
