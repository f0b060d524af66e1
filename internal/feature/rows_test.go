package feature

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

// TestRowsReadBackWhatIsPrinted meters a connection, prints it and reads it again.
func TestRowsReadBackWhatIsPrinted(t *testing.T) {
	for _, profile := range []flow.Profile{flow.CICFixed, flow.CIC2017} {
		s := For(profile)
		want := connection(t, profile)
		lines, err := csv.NewReader(strings.NewReader(string(s.AppendHeader(nil)) + string(s.AppendRow(nil, &want)))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Rows(lines[0])
		if err != nil {
			t.Fatal(err)
		}
		var got flow.Record
		if err := rows.Record(lines[1], &got); err != nil {
			t.Fatal(err)
		}
		if got.Tuple != want.Tuple || got.Duration() != want.Duration() || got.Fwd.Packets != want.Fwd.Packets ||
			got.Bwd.Payload != want.Bwd.Payload || got.Established != want.Established || got.MidStream != want.MidStream {
			t.Errorf("%s: got %+v, want %+v", profile, got, want)
		}
		for i := range s.Len() {
			if a, b := s.Value(&got, i), s.Value(&want, i); a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
				if i == duplicateHeader(s) {
					continue // the second column of that name is not read
				}
				t.Errorf("%s: %s: %v, want %v", profile, s.Names()[i], a, b)
			}
		}
	}
}

func duplicateHeader(s *Schema) int {
	i, ok := s.Lookup("Fwd Header Length.1")
	if !ok {
		return -1
	}
	return i
}

func TestRowsRefuse(t *testing.T) {
	s := For(flow.CICFixed)
	if _, err := s.Rows([]string{"Flow Duration", "Label"}); err == nil || !strings.Contains(err.Error(), "Src IP") {
		t.Errorf("error = %v", err)
	}
	header := []string{"Src IP", "Dst IP", "Protocol", "Flow Duration", "Tot Fwd Pkts", "Tot Bwd Pkts", "Timestamp"}
	rows, err := s.Rows(header)
	if err != nil {
		t.Fatal(err)
	}
	good := []string{"192.0.2.1", "2001:db8::1", "6", "7", "1", "1", "03/07/2017 08:55:58 AM"}
	var r flow.Record
	if err := rows.Record(good, &r); err != nil || r.Proto != packet.TCP || r.Start != 1499072158000000 {
		t.Errorf("record %+v, %v", r, err)
	}
	for field, bad := range map[int]string{0: "x", 1: "", 3: "seven", 6: "yesterday"} {
		row := append([]string(nil), good...)
		row[field] = bad
		if err := rows.Record(row, &r); err == nil {
			t.Errorf("%q in field %d was taken", bad, field)
		}
	}
}

// connection is a short HTTP connection as metered.
func connection(t *testing.T, profile flow.Profile) flow.Record {
	t.Helper()
	a := packet.AddrFrom(addr("192.0.2.1"))
	b := packet.AddrFrom(addr("198.51.100.7"))
	tab := flow.New(flow.ExactConfig(profile))
	var out flow.Batch
	for i, x := range []struct {
		fwd   bool
		flags uint8
		size  uint32
	}{
		{true, packet.SYN, 0},
		{false, packet.SYN | packet.ACK, 0},
		{true, packet.ACK, 0},
		{true, packet.ACK | packet.PSH, 120},
		{false, packet.ACK | packet.PSH, 1400},
		{false, packet.ACK | packet.PSH, 300},
		{true, packet.ACK, 0},
	} {
		p := packet.Packet{
			Time: 1_700_000_000_000_000 + int64(i*i)*1000, Proto: packet.TCP, Src: a, Dst: b, SrcPort: 40000, DstPort: 80,
			Flags: x.flags, PayloadLen: x.size, HeaderLen: 32, WireLen: x.size + 66, Window: 500,
		}
		if !x.fwd {
			p.Src, p.Dst, p.SrcPort, p.DstPort = b, a, 80, 40000
		}
		tab.Add(&p, &out)
	}
	tab.Flush(&out)
	for _, e := range out.Events {
		if e.Kind == flow.Ended {
			return e.Record
		}
	}
	t.Fatal("no flow")
	return flow.Record{}
}

// FuzzRows: no row of a file makes anything panic or a port or count wrap round.
func FuzzRows(f *testing.F) {
	s := For(flow.CICFixed)
	r := flow.Record{Fwd: flow.Direction{Packets: 1}}
	f.Add(string(s.AppendHeader(nil)), string(s.AppendRow(nil, &r)))
	f.Add("Src IP,Dst IP,Protocol,Flow Duration,Tot Fwd Pkts,Tot Bwd Pkts,SYN Flag Cnt", "192.0.2.1,::1,6,1e300,-1,NaN,99999999")
	f.Fuzz(func(t *testing.T, header, row string) {
		for _, profile := range []flow.Profile{flow.CICFixed, flow.CIC2017, flow.CICV4} {
			s := For(profile)
			rows, err := s.Rows(strings.Split(strings.TrimSpace(header), ","))
			if err != nil {
				continue
			}
			var r flow.Record
			if rows.Record(strings.Split(strings.TrimSpace(row), ","), &r) != nil {
				continue
			}
			if r.Last < r.Start || len(r.Given) != s.Len() {
				t.Errorf("record %+v", r)
			}
			dst := make([]float32, 1)
			s.Vector(&r, []int{s.Len() - 1}, dst)
		}
	})
}
