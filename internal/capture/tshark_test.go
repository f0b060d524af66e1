package capture_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"firetower/internal/capture"
	"firetower/internal/packet"
)

// tsharkFields are what tshark is asked for, the innermost of each.
var tsharkFields = []string{"frame.len", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport",
	"udp.srcport", "udp.dstport", "tcp.flags", "tcp.len", "tcp.hdr_len", "udp.length", "tcp.window_size_value", "tcp.seq_raw", "vlan.id", "icmp.type", "icmpv6.type", "ip.frag_offset"}

// TestAgainstTshark compares every packet of the captures in the directory
// FIRETOWER_TSHARK with what tshark reads. It takes minutes, so it runs only when
// asked.
func TestAgainstTshark(t *testing.T) {
	dir := os.Getenv("FIRETOWER_TSHARK")
	if dir == "" {
		t.Skip("FIRETOWER_TSHARK names no directory of captures")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*pcap*"))
	compared := 0
	for _, path := range files {
		if strings.Contains(path, ".csv") {
			continue
		}
		n, err := againstTshark(path, func(text string) { t.Errorf("%s: %s", filepath.Base(path), text) })
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		compared += n
	}
	t.Logf("%d packets of %d files compared", compared, len(files))
}

// againstTshark compares one capture and reports the first few differences.
func againstTshark(path string, differ func(string)) (compared int, err error) {
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "occurrence=l", "-E", "separator=|", "-o", "ip.defragment:false", "-o", "ipv6.defragment:false", "-o", "ip.tso_support:true"}
	for _, f := range tsharkFields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer cmd.Wait()
	lines := bufio.NewScanner(out)
	src, err := capture.Open(path, capture.Config{})
	if err != nil {
		return 0, err
	}
	defer src.Close()
	var b capture.Batch
	number, bad := 0, 0
	for {
		if err := src.Next(&b); errors.Is(err, io.EOF) {
			return compared, nil
		} else if err != nil {
			return compared, err
		}
		for _, f := range b.Frames {
			number++
			if !lines.Scan() {
				return compared, errors.New("tshark ended early")
			}
			var p packet.Packet
			if v := packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &p); v != packet.OK || p.HasUnreachable || p.Proto == packet.ICMP && p.ICMPType == 5 {
				continue // tshark's innermost packet is the one quoted
			}
			compared++
			want, got := tsharkLine(lines.Text()), ourLine(&p)
			if want != got && bad < 5 {
				bad++
				differ(fmt.Sprintf("frame %d\n tshark %s\n   ours %s", number, want, got))
			}
		}
	}
}

// tsharkLine puts tshark's fields into the form of ourLine.
func tsharkLine(line string) string {
	values := strings.Split(line, "|")
	f := make(map[string]string)
	for i, name := range tsharkFields {
		f[name] = values[i]
	}
	src, dst := f["ip.src"], f["ip.dst"]
	if src == "" {
		src, dst = f["ipv6.src"], f["ipv6.dst"]
	}
	if flags := f["tcp.flags"]; len(flags) == 6 {
		f["tcp.flags"] = "0x00" + flags[4:] // without the reserved bits
	}
	s := "len " + f["frame.len"] + " " + src + " > " + dst
	switch {
	case f["tcp.srcport"] != "":
		s += fmt.Sprintf(" tcp %s %s flags %s len %s hdr %s win %s seq %s", f["tcp.srcport"], f["tcp.dstport"], f["tcp.flags"], f["tcp.len"], f["tcp.hdr_len"], f["tcp.window_size_value"], f["tcp.seq_raw"])
	case f["udp.srcport"] != "":
		s += fmt.Sprintf(" udp %s %s len %s", f["udp.srcport"], f["udp.dstport"], f["udp.length"])
	case f["icmp.type"] != "":
		s += " icmp " + f["icmp.type"]
	case f["icmpv6.type"] != "":
		s += " icmpv6 " + f["icmpv6.type"]
	}
	return s
}

// ourLine writes what both programs know of a packet.
func ourLine(p *packet.Packet) string {
	s := fmt.Sprintf("len %d %v > %v", p.WireLen, p.Src, p.Dst)
	if p.Fragment {
		return s
	}
	switch p.Proto {
	case packet.TCP:
		s += fmt.Sprintf(" tcp %d %d flags 0x%04x len %d hdr %d win %d seq %d", p.SrcPort, p.DstPort, p.Flags, p.PayloadLen, p.HeaderLen, p.Window, p.Seq)
	case packet.UDP:
		s += fmt.Sprintf(" udp %d %d len %d", p.SrcPort, p.DstPort, p.PayloadLen+8)
	case packet.ICMP:
		s += fmt.Sprintf(" icmp %d", p.ICMPType)
	case packet.ICMPv6:
		s += fmt.Sprintf(" icmpv6 %d", p.ICMPType)
	}
	return s
}
