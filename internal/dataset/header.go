package dataset

import (
	"fmt"
	"slices"
	"strings"

	"firetower/internal/feature"
)

// Schema is what loading needs to know of a meter profile's columns.
type Schema struct {
	Profile string
	Hash    string
	Names   []string // features in the order of the profile
	// Find gives the feature that a CSV column holds under any of its published
	// names.
	Find func(column string) (index int, ok bool)
}

// SchemaOf makes a Schema of a profile's feature table. The source port is left out:
// clients draw it at random, and where it tells anything it tells the recording.
func SchemaOf(s *feature.Schema) Schema {
	names, place := s.Names(), make([]int, s.Len())
	port, _ := s.Lookup("Src Port")
	for i := range place {
		place[i] = i
		if i > port {
			place[i]--
		}
	}
	find := func(column string) (int, bool) {
		i, ok := s.Lookup(column)
		if !ok || i == port {
			return 0, false
		}
		return place[i], true
	}
	return Schema{Profile: s.Profile.String(), Hash: s.Hash(), Names: slices.Delete(names, port, port+1), Find: find}
}

// canonical gives a feature's name in the profile for any of its names, or the name
// itself if there is no such feature.
func (s *Schema) canonical(name string) string {
	if i, ok := s.Find(name); ok {
		return s.Names[i]
	}
	return name
}

// plan says what each column of a file is.
type plan struct {
	width   int
	feature []int // by column: feature index, or -1
	names   []string
	absent  []string // features that the file does not have
	ignored []string // columns that are no feature

	label, stamp, group      int // columns, or -1
	attempted                int
	srcIP, dstIP             int
	srcPort, dstPort, protoc int
}

// planHeader maps a header onto a schema. Names are trimmed; of a name that occurs
// twice, as Fwd Header Length does in the original data, the first counts.
func planHeader(header []string, s *Schema, cfg *Config) (*plan, error) {
	p := &plan{width: len(header), feature: make([]int, len(header))}
	at := map[string]int{}
	seen := make([]bool, len(s.Names))
	for i, name := range header {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		p.names = append(p.names, name)
		p.feature[i] = -1
		if _, twice := at[fold(name)]; !twice {
			at[fold(name)] = i
		}
		f, ok := s.Find(name)
		if ok && !seen[f] {
			p.feature[i], seen[f] = f, true
		} else if !ok {
			p.ignored = append(p.ignored, name)
		}
	}
	for f, ok := range seen {
		if !ok {
			p.absent = append(p.absent, s.Names[f])
		}
	}
	find := func(names ...string) int {
		for _, n := range names {
			if i, ok := at[fold(n)]; ok {
				return i
			}
		}
		return -1
	}
	p.stamp = find("timestamp", "first seen")
	p.attempted = find("attempted category")
	p.srcIP, p.dstIP = find("src ip", "source ip"), find("dst ip", "destination ip")
	p.srcPort, p.dstPort = find("src port", "source port"), find("dst port", "destination port")
	p.protoc = find("protocol")
	p.label = find(cfg.LabelColumn)
	p.group = -1
	if cfg.Group.column() {
		if p.group = find(string(cfg.Group)); p.group < 0 {
			return nil, fmt.Errorf("there is no column %q to group by; the columns are %s", cfg.Group, list(p.names))
		}
	}
	return p, p.usable(s, cfg)
}

// usable refuses headers that cannot be trained on, with the remedy.
func (p *plan) usable(s *Schema, cfg *Config) error {
	if p.label < 0 && cfg.Rules == nil {
		return fmt.Errorf("there is no column %q: name the label column with --label-column, or give labels by address and time with --rules", cfg.LabelColumn)
	}
	if cfg.Rules != nil && (p.srcIP < 0 || p.dstIP < 0) {
		return fmt.Errorf("--rules needs the columns Src IP and Dst IP, this file has %s", list(p.names))
	}
	if have := len(s.Names) - len(p.absent); have*2 < len(s.Names) {
		return fmt.Errorf("only %d of the %d features of profile %s are there; missing are %s", have, len(s.Names), s.Profile, list(p.absent))
	}
	return nil
}

func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// list names a few of many.
func list(names []string) string {
	const few = 6
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// recognise tells a header's meter profile by columns that only that meter writes.
// It does not guess: a header that several meters write needs --profile.
func recognise(header []string) (profile string, err error) {
	has := func(name string) bool {
		return slices.ContainsFunc(header, func(h string) bool { return fold(h) == name })
	}
	switch {
	case has("flow_duration") || has("fwd_pkts_s"):
		return "", fmt.Errorf("this is the header of the Python cicflowmeter, which counts seconds and whole frames under the same names: meter the capture again with 'firetower flows'")
	case has("init_win_bytes_forward") || has("min_seg_size_forward"):
		return "cic2017", nil
	case has("fwd rst flags") && (has("icmp type") || has("icmp code")):
		return "cic-fixed", nil
	case has("tot fwd pkts"):
		return "", fmt.Errorf("these are the abbreviated names of 2018, which several versions of CICFlowMeter wrote with different numbers: say which with --profile (cic2017 for the published CSE-CIC-IDS2018)")
	case has("fwd init win bytes") || has("total fwd packet"):
		return "", fmt.Errorf("these are the names of CICFlowMeter V4, whose numbers are neither those of cic2017 nor of cic-fixed: meter the captures again with 'firetower flows', or pass --profile to use them as they are")
	}
	return "", fmt.Errorf("this is no header of CICFlowMeter or 'firetower flows'; it begins with %.60q: give the CSV that one of them wrote", strings.Join(header, ","))
}
