package capture

/*
#cgo LDFLAGS: -lpcap
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <pcap/pcap.h>

// record is where a frame lies in the batch's memory.
struct record { int64_t time; uint32_t offset, captured, wire; };

// sink is what the callback fills.
struct sink {
	pcap_t *handle;
	unsigned char *memory;
	uint32_t used, full; // full: no more frames once this much is used
	struct record *records;
	int count, most;
};

static void take(unsigned char *user, const struct pcap_pkthdr *h, const unsigned char *data) {
	struct sink *s = (struct sink *)user;
	struct record *r = &s->records[s->count++];
	r->time = (int64_t)h->ts.tv_sec * 1000000 + h->ts.tv_usec;
	r->offset = s->used;
	r->captured = h->caplen;
	r->wire = h->len;
	memcpy(s->memory + s->used, data, h->caplen);
	s->used += h->caplen;
	if (s->used >= s->full || s->count >= s->most)
		pcap_breakloop(s->handle);
}

// firetower_read waits up to timeout milliseconds for frames and copies those that
// are there. memory must have room for one frame more than full. It returns the
// number of frames, or less than zero as pcap_dispatch does.
static int firetower_read(pcap_t *handle, int fd, int timeout, unsigned char *memory,
		uint32_t full, struct record *records, int most) {
	struct sink s = { handle, memory, 0, full, records, 0, most };
	int status = pcap_dispatch(handle, most, take, (unsigned char *)&s);
	if (status == PCAP_ERROR_BREAK && s.count == 0) // left over from the last batch
		status = pcap_dispatch(handle, most, take, (unsigned char *)&s);
	if (status == 0 && s.count == 0) {
		struct pollfd p = { fd, POLLIN, 0 };
		poll(&p, 1, timeout);
		status = pcap_dispatch(handle, most, take, (unsigned char *)&s);
	}
	if (s.count > 0 || status == PCAP_ERROR_BREAK)
		return s.count;
	return status;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"
	"unsafe"
)

// maxLiveFrames bounds the frames in a batch from an interface.
const maxLiveFrames = 8192

// live is a Source that reads an interface.
type live struct {
	name    string
	cfg     Config
	handle  *C.pcap_t
	fd      C.int
	link    LinkType
	records []C.struct_record
	asked   time.Time // when the kernel was last asked for its drop counts
	last    C.struct_pcap_stat
	kernel  uint64
	iface   uint64
	counters
}

// Live opens an interface for capturing; "any" stands for all of them. The right
// to capture is needed for this call only and may be given up before Next.
//
// Next waits no longer than the read timeout. It returns an error for which
// errors.Is(err, ErrInterfaceDown) holds when the interface went away.
func Live(name string, cfg Config) (Source, error) {
	l := &live{name: name, cfg: cfg.withDefaults(), records: make([]C.struct_record, maxLiveFrames)}
	if err := l.open(); err != nil {
		if l.handle != nil {
			C.pcap_close(l.handle)
		}
		return nil, err
	}
	return l, nil
}

func (l *live) open() error {
	device := C.CString(l.name)
	defer C.free(unsafe.Pointer(device))
	text := (*C.char)(C.calloc(1, C.PCAP_ERRBUF_SIZE))
	defer C.free(unsafe.Pointer(text))
	if l.handle = C.pcap_create(device, text); l.handle == nil {
		return fmt.Errorf("interface %s: cannot open: %s", l.name, C.GoString(text))
	}
	promiscuous := C.int(0)
	if l.cfg.Promiscuous {
		promiscuous = 1
	}
	C.pcap_set_snaplen(l.handle, C.int(l.cfg.SnapLen))
	C.pcap_set_promisc(l.handle, promiscuous)
	C.pcap_set_timeout(l.handle, C.int(max(l.cfg.ReadTimeout.Milliseconds(), 1)))
	C.pcap_set_buffer_size(l.handle, C.int(min(l.cfg.BufferBytes, 1<<30)))
	if status := C.pcap_activate(l.handle); status < 0 {
		return l.refused(status)
	}
	l.link = LinkType(C.pcap_datalink(l.handle))
	if !l.link.Supported() {
		return fmt.Errorf("interface %s: link type %v is not supported; name another interface", l.name, l.link)
	}
	if err := l.setFilter(); err != nil {
		return err
	}
	if C.pcap_setnonblock(l.handle, 1, text) != 0 {
		return fmt.Errorf("interface %s: cannot read without blocking: %s", l.name, C.GoString(text))
	}
	if l.fd = C.pcap_get_selectable_fd(l.handle); l.fd < 0 {
		return fmt.Errorf("interface %s: cannot be waited for", l.name)
	}
	return nil
}

// refused says why an interface cannot be opened.
func (l *live) refused(status C.int) error {
	why := C.GoString(C.pcap_statustostr(status))
	if detail := C.GoString(C.pcap_geterr(l.handle)); detail != "" {
		why = detail
	}
	switch status {
	case C.PCAP_ERROR_PERM_DENIED, C.PCAP_ERROR_PROMISC_PERM_DENIED:
		return fmt.Errorf("interface %s: %w; run as root, or give the program cap_net_raw with setcap", l.name, ErrPermission)
	case C.PCAP_ERROR_NO_SUCH_DEVICE:
		return fmt.Errorf("interface %s: %w; there are %s", l.name, ErrNoInterface, names())
	case C.PCAP_ERROR_IFACE_NOT_UP:
		return fmt.Errorf("interface %s: %w; bring it up with ip link set %s up", l.name, ErrInterfaceDown, l.name)
	}
	return fmt.Errorf("interface %s: cannot open: %s", l.name, why)
}

// setFilter gives the filter to the kernel.
func (l *live) setFilter() error {
	if l.cfg.Filter == "" {
		return nil
	}
	expression := C.CString(l.cfg.Filter)
	defer C.free(unsafe.Pointer(expression))
	var program C.struct_bpf_program
	if C.pcap_compile(l.handle, &program, expression, 1, C.PCAP_NETMASK_UNKNOWN) != 0 {
		return fmt.Errorf("interface %s: %w %q: %s; see pcap-filter(7)", l.name, ErrFilter, l.cfg.Filter, C.GoString(C.pcap_geterr(l.handle)))
	}
	defer C.pcap_freecode(&program)
	if C.pcap_setfilter(l.handle, &program) != 0 {
		return fmt.Errorf("interface %s: cannot set the filter: %s", l.name, C.GoString(C.pcap_geterr(l.handle)))
	}
	return nil
}

// Next implements Source.
func (l *live) Next(b *Batch) error {
	b.Frames = b.Frames[:0]
	if l.handle == nil {
		return io.EOF
	}
	if size := l.cfg.BatchBytes + l.cfg.SnapLen; len(b.buf) < size {
		b.buf = make([]byte, size)
	}
	n := C.firetower_read(l.handle, l.fd, C.int(max(l.cfg.ReadTimeout.Milliseconds(), 1)),
		(*C.uchar)(unsafe.SliceData(b.buf)), C.uint32_t(l.cfg.BatchBytes),
		unsafe.SliceData(l.records), C.int(len(l.records)))
	if n < 0 {
		return l.failed(n)
	}
	for i := range l.records[:n] {
		r := &l.records[i]
		end := r.offset + r.captured
		b.Frames = append(b.Frames, Frame{Time: int64(r.time), Data: b.buf[r.offset:end:end], WireLen: uint32(r.wire), Link: l.link})
	}
	l.count(uint64(n), b.Frames)
	if now := time.Now(); now.Sub(l.asked) >= time.Second {
		l.asked = now
		l.losses()
	}
	return nil
}

// failed explains an error while reading.
func (l *live) failed(status C.int) error {
	why := C.GoString(C.pcap_geterr(l.handle))
	gone := status == C.PCAP_ERROR_IFACE_NOT_UP
	if l.name != "any" {
		i, err := net.InterfaceByName(l.name)
		gone = gone || err != nil || i.Flags&net.FlagUp == 0
	}
	if gone {
		return fmt.Errorf("interface %s: %w: %s", l.name, ErrInterfaceDown, why)
	}
	return fmt.Errorf("interface %s: cannot read: %s", l.name, why)
}

// losses asks the kernel what it dropped. Its counters are totals of 32 bits that
// wrap around.
func (l *live) losses() {
	var now C.struct_pcap_stat
	if C.pcap_stats(l.handle, &now) != 0 {
		return
	}
	l.kernel += uint64(uint32(now.ps_drop) - uint32(l.last.ps_drop))
	l.iface += uint64(uint32(now.ps_ifdrop) - uint32(l.last.ps_ifdrop))
	l.last = now
	l.dropped(l.kernel, l.iface)
}

// Close implements Source.
func (l *live) Close() error {
	if l.handle == nil {
		return errors.New("interface " + l.name + ": closed twice")
	}
	l.losses()
	C.pcap_close(l.handle)
	l.handle = nil
	return nil
}
