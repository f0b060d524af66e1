package capture_test

import (
	"errors"
	"net"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"firetower/internal/capture"
	"firetower/internal/packet"
)

// namespace puts the test's thread into a network namespace of its own that holds
// a pair of interfaces, ftcap0 and ftcap1, and vanishes with the thread.
func namespace(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // never unlocked, so that the thread ends with the test
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		t.Skipf("no right to make a network namespace: %v", err)
	}
	ip(t, "link add ftcap0 type veth peer name ftcap1")
	ip(t, "link set ftcap0 up")
	ip(t, "link set ftcap1 up")
}

func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Skipf("ip %s: %v: %s", args, err, out)
	}
}

// send puts n frames of an experimental EtherType on an interface.
func send(t *testing.T, name string, n, size int) {
	t.Helper()
	i, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, 0)
	if err != nil {
		t.Skipf("no right to send frames: %v", err)
	}
	defer syscall.Close(s)
	frame := make([]byte, size)
	frame[12], frame[13] = 0x88, 0xb5
	for k := range n {
		frame[14], frame[15] = byte(k>>8), byte(k)
		if err := syscall.Sendto(s, frame, 0, &syscall.SockaddrLinklayer{Ifindex: i.Index}); err != nil {
			t.Fatal(err)
		}
	}
}

// gather reads until n frames came or ten seconds have passed, and checks that
// they came in order and unharmed.
func gather(t *testing.T, src capture.Source, n int) int {
	t.Helper()
	var b capture.Batch
	got := 0
	for end := time.Now().Add(10 * time.Second); got < n && time.Now().Before(end); {
		if err := src.Next(&b); err != nil {
			t.Fatal(err)
		}
		for _, f := range b.Frames {
			if k := int(f.Data[14])<<8 | int(f.Data[15]); k != got {
				t.Fatalf("frame %d came as number %d", k, got)
			}
			if age := time.Since(time.UnixMicro(f.Time)); age < 0 || age > time.Minute {
				t.Fatalf("frame is %v old", age)
			}
			got++
		}
	}
	return got
}

func TestLive(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  capture.Config
		size int
	}{
		{"defaults", capture.Config{}, 1000},
		{"many small batches", capture.Config{BatchBytes: 3000, SnapLen: 200}, 1000},
		{"one frame a batch", capture.Config{BatchBytes: 1}, 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			namespace(t)
			test.cfg.Filter = "ether proto 0x88b5"
			src, err := capture.Live("ftcap0", test.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			send(t, "ftcap1", 5000, test.size)
			if got := gather(t, src, 5000); got != 5000 {
				t.Errorf("got %d frames of 5000", got)
			}
			s := src.Stats()
			if s.Received != 5000 || s.Delivered != 5000 || s.Bytes != uint64(5000*test.size) || s.DroppedKernel != 0 {
				t.Errorf("counters: %+v", s)
			}
		})
	}
}

// TestLiveAny reads all interfaces at once, behind the cooked header of Linux.
func TestLiveAny(t *testing.T) {
	namespace(t)
	src, err := capture.Live("any", capture.Config{Filter: "ether proto 0x88b5"})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	send(t, "ftcap1", 10, 100)
	var b capture.Batch
	if err := src.Next(&b); err != nil || len(b.Frames) == 0 || b.Frames[0].Link != packet.LinkCooked {
		t.Errorf("%d frames, %v", len(b.Frames), err)
	}
}

// TestLiveWithoutPrivileges gives up all rights after opening, which takes none
// from reading, and then cannot open again.
func TestLiveWithoutPrivileges(t *testing.T) {
	namespace(t)
	cfg := capture.Config{Filter: "ether proto 0x88b5"}
	src, err := capture.Live("ftcap0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	send(t, "ftcap1", 100, 100)
	const nobody = 65534 // for this thread alone, which ends with the test
	if _, _, e := syscall.RawSyscall(syscall.SYS_SETRESUID, nobody, nobody, nobody); e != 0 {
		t.Skipf("cannot give up rights: %v", e)
	}
	if got := gather(t, src, 100); got != 100 {
		t.Errorf("got %d frames of 100", got)
	}
	if _, err := capture.Live("ftcap0", cfg); !errors.Is(err, capture.ErrPermission) || !strings.Contains(err.Error(), "setcap") {
		t.Errorf("opened without the right to: %v", err)
	}
}

func TestLiveTicks(t *testing.T) {
	namespace(t)
	src, err := capture.Live("ftcap0", capture.Config{Filter: "ether proto 0x88b5", ReadTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b capture.Batch
	began := time.Now()
	for range 10 {
		if err := src.Next(&b); err != nil || len(b.Frames) != 0 {
			t.Fatalf("%d frames, error %v", len(b.Frames), err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("ten silent batches of 20 ms took %v", took)
	}
}

func TestLiveDropsAreCounted(t *testing.T) {
	namespace(t)
	src, err := capture.Live("ftcap0", capture.Config{Filter: "ether proto 0x88b5", BufferBytes: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	send(t, "ftcap1", 20000, 1000)
	got := gather(t, src, 100)
	src.Close()
	s := src.Stats()
	if s.DroppedKernel == 0 || s.Received != uint64(got) {
		t.Errorf("nothing dropped by a buffer of 256 KiB: %+v", s)
	}
}

func TestLiveInterfaceGoes(t *testing.T) {
	namespace(t)
	src, err := capture.Live("ftcap0", capture.Config{Filter: "ether proto 0x88b5", ReadTimeout: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b capture.Batch

	// An interface that is down gives nothing, without using up the processor,
	// and goes on when it comes back.
	ip(t, "link set ftcap0 down")
	calls := 0
	for end := time.Now().Add(time.Second); time.Now().Before(end); calls++ {
		if err := src.Next(&b); err != nil {
			t.Fatalf("while the interface is down: %v", err)
		}
	}
	if calls > 1000 {
		t.Errorf("%d calls within a second: waiting does not wait", calls)
	}
	ip(t, "link set ftcap0 up")
	got := 0
	for end := time.Now().Add(5 * time.Second); got == 0 && time.Now().Before(end); {
		send(t, "ftcap1", 1, 100) // lost until the link is ready
		if err := src.Next(&b); err != nil {
			t.Fatal(err)
		}
		got += len(b.Frames)
	}
	if got == 0 {
		t.Error("no frames after the interface came back")
	}

	ip(t, "link del ftcap0")
	for end := time.Now().Add(time.Second); err == nil && time.Now().Before(end); {
		err = src.Next(&b)
	}
	if !errors.Is(err, capture.ErrInterfaceDown) {
		t.Errorf("after the interface was removed: %v", err)
	}
}

func TestLiveRefusals(t *testing.T) {
	if _, err := capture.Live("no-such-if", capture.Config{}); !errors.Is(err, capture.ErrNoInterface) || !strings.Contains(err.Error(), "no-such-if") {
		t.Errorf("unknown interface: %v", err)
	}
	namespace(t)
	if _, err := capture.Live("ftcap0", capture.Config{Filter: "no filter"}); !errors.Is(err, capture.ErrFilter) {
		t.Errorf("bad filter: %v", err)
	}
	ip(t, "link set ftcap0 down")
	if _, err := capture.Live("ftcap0", capture.Config{}); !errors.Is(err, capture.ErrInterfaceDown) {
		t.Errorf("interface that is down: %v", err)
	}
}

func TestInterfaces(t *testing.T) {
	list, err := capture.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(list, func(i capture.Interface) bool { return i.Loopback }) {
		t.Skip("no loopback interface here")
	}
}
