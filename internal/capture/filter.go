package capture

/*
#cgo LDFLAGS: -lpcap
#include <stdint.h>
#include <stdlib.h>
#include <pcap/pcap.h>

// span is a frame within a batch's memory.
struct span { uint32_t offset, captured, wire; };

// firetower_filter runs a program over n frames and writes 1 for those that pass.
static void firetower_filter(const struct bpf_program *program, const unsigned char *base,
		const struct span *spans, int n, unsigned char *pass) {
	for (int i = 0; i < n; i++)
		pass[i] = bpf_filter(program->bf_insns, base + spans[i].offset,
			spans[i].wire, spans[i].captured) != 0;
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// filter keeps frames that a BPF expression matches. It compiles the expression
// anew for each link type that turns up.
type filter struct {
	text     string
	snap     int
	programs map[LinkType]*C.struct_bpf_program
	spans    []C.struct_span
}

// newFilter makes a filter; the expression is compiled when the link type is known.
func newFilter(text string, snap int) *filter {
	return &filter{text: text, snap: snap, programs: make(map[LinkType]*C.struct_bpf_program)}
}

// program compiles the expression for a link type.
func (f *filter) program(link LinkType) (*C.struct_bpf_program, error) {
	if p, ok := f.programs[link]; ok {
		return p, nil
	}
	dlt := C.int(link)
	if link == 101 || link == 14 {
		dlt = C.DLT_RAW
	}
	dead := C.pcap_open_dead(dlt, C.int(f.snap))
	if dead == nil {
		return nil, fmt.Errorf("%w %q: out of memory", ErrFilter, f.text)
	}
	defer C.pcap_close(dead)
	text := C.CString(f.text)
	defer C.free(unsafe.Pointer(text))
	p := (*C.struct_bpf_program)(C.calloc(1, C.sizeof_struct_bpf_program))
	if C.pcap_compile(dead, p, text, 1, C.PCAP_NETMASK_UNKNOWN) != 0 {
		C.free(unsafe.Pointer(p))
		return nil, fmt.Errorf("%w %q: %s; see pcap-filter(7)", ErrFilter, f.text, C.GoString(C.pcap_geterr(dead)))
	}
	f.programs[link] = p
	return p, nil
}

// apply removes the frames of b that do not match. Frames of one link type that
// follow one another cost a single call into C.
func (f *filter) apply(b *Batch) error {
	kept := b.Frames[:0]
	for rest := b.Frames; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Link == rest[0].Link {
			n++
		}
		program, err := f.program(rest[0].Link)
		if err != nil {
			return err
		}
		kept = f.run(program, b, rest[:n], kept)
		rest = rest[n:]
	}
	b.Frames = kept
	return nil
}

// run appends the frames that match to kept.
func (f *filter) run(program *C.struct_bpf_program, b *Batch, frames, kept []Frame) []Frame {
	if cap(b.pass) < len(frames) {
		b.pass = make([]byte, len(frames))
	}
	pass := b.pass[:len(frames)]
	base := unsafe.SliceData(b.buf)
	f.spans = f.spans[:0]
	for i := range frames {
		s := C.struct_span{captured: C.uint32_t(len(frames[i].Data)), wire: C.uint32_t(frames[i].WireLen)}
		if len(frames[i].Data) > 0 {
			s.offset = C.uint32_t(uintptr(unsafe.Pointer(unsafe.SliceData(frames[i].Data))) - uintptr(unsafe.Pointer(base)))
		}
		f.spans = append(f.spans, s)
	}
	C.firetower_filter(program, (*C.uchar)(base), unsafe.SliceData(f.spans), C.int(len(frames)), (*C.uchar)(unsafe.SliceData(pass)))
	for i := range frames {
		if pass[i] != 0 {
			kept = append(kept, frames[i])
		}
	}
	return kept
}

// free releases the compiled programs.
func (f *filter) free() {
	for link, p := range f.programs {
		C.pcap_freecode(p)
		C.free(unsafe.Pointer(p))
		delete(f.programs, link)
	}
}
