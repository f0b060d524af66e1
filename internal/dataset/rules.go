package dataset

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// endpoints is a flow's identity in a record.
type endpoints struct {
	src, dst         netip.Addr
	srcPort, dstPort uint16
	proto            uint8
}

func endpointsOf(src, dst, srcPort, dstPort, proto []byte) endpoints {
	var e endpoints
	e.src, _ = netip.ParseAddr(string(src))
	e.dst, _ = netip.ParseAddr(string(dst))
	e.srcPort, e.dstPort = uint16(whole(srcPort)), uint16(whole(dstPort))
	e.proto = uint8(whole(proto))
	return e
}

func whole(cell []byte) uint64 {
	v, _ := number(bytes.TrimSpace(cell))
	if !(v >= 0 && v < 1<<16) {
		return 0
	}
	return uint64(v)
}

// Rules label flows by who talked to whom and when, for records that carry no label
// of their own. The first rule that fits counts; a flow that none fits is benign.
type Rules struct {
	list []rule
}

type rule struct {
	a, b       netip.Prefix // invalid: anyone
	port       uint16       // 0: any; otherwise either end's
	proto      uint8        // 0: any
	start, end int64        // NoTime: open
	label      string
}

// ReadRules reads a CSV with the header label,host,peer,port,protocol,start,end in
// any order; only label is required. host and peer are addresses or networks, in
// either direction; times are as 2026-11-23 14:00:00, UTC. Empty cells fit
// everything.
func ReadRules(r io.Reader) (*Rules, error) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	in.Comment = '#'
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("cannot read the header of the rules: %w", err)
	}
	if err := checkRuleHeader(header); err != nil {
		return nil, err
	}
	rules := &Rules{}
	for {
		record, err := in.Read()
		if err == io.EOF {
			return rules, nil
		}
		if err != nil {
			return nil, err
		}
		ru, err := parseRule(header, record)
		if err != nil {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		rules.list = append(rules.list, ru)
	}
}

func checkRuleHeader(header []string) error {
	labelled := false
	for _, h := range header {
		switch fold(h) {
		case "label":
			labelled = true
		case "host", "peer", "port", "protocol", "start", "end":
		default:
			return fmt.Errorf("there is no rule column %q; there are label, host, peer, port, protocol, start, end", h)
		}
	}
	if !labelled {
		return fmt.Errorf("the rules have no column label")
	}
	return nil
}

func parseRule(header, record []string) (rule, error) {
	ru := rule{start: NoTime, end: NoTime}
	var at clock
	for i, h := range header {
		cell := strings.TrimSpace(record[i])
		if cell == "" {
			continue
		}
		var err error
		switch fold(h) {
		case "label":
			ru.label = cell
		case "host":
			ru.a, err = parsePrefix(cell)
		case "peer":
			ru.b, err = parsePrefix(cell)
		case "port":
			var n uint64
			n, err = strconv.ParseUint(cell, 10, 16)
			ru.port = uint16(n)
		case "protocol":
			var n uint64
			n, err = strconv.ParseUint(cell, 10, 8)
			ru.proto = uint8(n)
		case "start":
			ru.start = at.parse(cell)
		case "end":
			ru.end = at.parse(cell)
		}
		if err != nil {
			return ru, fmt.Errorf("%s %q: %w", h, cell, err)
		}
		if (fold(h) == "start" && ru.start == NoTime) || (fold(h) == "end" && ru.end == NoTime) {
			return ru, fmt.Errorf("%s %q is no time such as 2026-11-23 14:00:00", h, cell)
		}
	}
	if ru.label == "" {
		return ru, fmt.Errorf("the rule has no label")
	}
	return ru, nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		return netip.ParsePrefix(s)
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// label gives the label of a flow that started at t.
func (rs *Rules) label(e *endpoints, t int64) string {
	for i := range rs.list {
		if rs.list[i].fits(e, t) {
			return rs.list[i].label
		}
	}
	return "benign"
}

func (r *rule) fits(e *endpoints, t int64) bool {
	in := func(p netip.Prefix, a netip.Addr) bool { return !p.IsValid() || p.Contains(a.Unmap()) }
	switch {
	case !(in(r.a, e.src) && in(r.b, e.dst)) && !(in(r.a, e.dst) && in(r.b, e.src)):
		return false
	case r.port != 0 && e.srcPort != r.port && e.dstPort != r.port:
		return false
	case r.proto != 0 && e.proto != r.proto:
		return false
	case r.start != NoTime && (t == NoTime || t < r.start):
		return false
	case r.end != NoTime && (t == NoTime || t > r.end):
		return false
	}
	return true
}
