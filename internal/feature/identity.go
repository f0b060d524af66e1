package feature

import (
	"strconv"
	"time"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

// text prints one column that is no number.
type text func(dst []byte, r *flow.Record, p flow.Profile) []byte

func flowID(dst []byte, r *flow.Record, p flow.Profile) []byte {
	k, proto := r.Tuple, protocolFixed(r, nil)
	if p != flow.CICFixed {
		proto = protocol2017(r, nil)
		if p == flow.CIC2017 && signedLess(&k.Dst, &k.Src) {
			k = k.Reverse()
		}
	}
	dst = k.Src.Netip().AppendTo(dst)
	dst = append(dst, '-')
	dst = k.Dst.Netip().AppendTo(dst)
	for _, n := range [...]uint64{uint64(k.SrcPort), uint64(k.DstPort), uint64(proto)} {
		dst = append(dst, '-')
		dst = strconv.AppendUint(dst, n, 10)
	}
	return dst
}

// signedLess compares addresses as Java's signed bytes.
func signedLess(a, b *packet.Addr) bool {
	for i := range a {
		if a[i] != b[i] {
			return int8(a[i]) < int8(b[i])
		}
	}
	return false
}

func srcIP(dst []byte, r *flow.Record, _ flow.Profile) []byte { return r.Src.Netip().AppendTo(dst) }
func dstIP(dst []byte, r *flow.Record, _ flow.Profile) []byte { return r.Dst.Netip().AppendTo(dst) }

func label(dst []byte, _ *flow.Record, p flow.Profile) []byte {
	if p == flow.CIC2017 {
		return append(dst, "No Label"...)
	}
	return append(dst, "NeedManualLabel"...)
}

// Layouts of the Timestamp column.
const (
	layoutFixed = "2006-01-02 15:04:05"
	layout2017  = "02/01/2006 03:04:05"
	layoutV4    = "02/01/2006 03:04:05 PM"
)

// timestamp prints three or six digits of the fraction, or none, as Java does.
func timestamp(dst []byte, r *flow.Record, p flow.Profile) []byte {
	layout := layoutFixed
	switch {
	case p == flow.CIC2017:
		layout = layout2017
	case p == flow.CICV4:
		layout = layoutV4
	case r.Start%1000 != 0:
		layout += ".000000"
	case r.Start%1_000_000 != 0:
		layout += ".000"
	}
	return time.UnixMicro(r.Start).UTC().AppendFormat(dst, layout)
}
