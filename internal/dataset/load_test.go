package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"firetower/internal/feature"
	"firetower/internal/flow"
)

func bothSchemas() []Schema {
	return []Schema{SchemaOf(feature.For(flow.CICFixed)), SchemaOf(feature.For(flow.CIC2017))}
}

// header of a profile as its meter prints it, blanks before names included.
func header(p flow.Profile) string {
	return strings.TrimSpace(string(feature.For(p).AppendHeader(nil)))
}

// record gives a row of a header with the given columns set and 1 elsewhere.
func record(head string, set map[string]string) string {
	var cells []string
	for _, name := range strings.Split(head, ",") {
		name = strings.TrimSpace(name)
		v, ok := set[name]
		switch {
		case ok:
		case name == "Label":
			v = "BENIGN"
		case strings.Contains(name, "IP"):
			v = "10.0.0.1"
		case name == "Timestamp":
			v = "2026-01-02 03:04:05.5"
		default:
			v = "1"
		}
		cells = append(cells, v)
	}
	return strings.Join(cells, ",")
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, cfg Config, paths ...string) (*Table, error) {
	t.Helper()
	return Load(context.Background(), paths, bothSchemas(), cfg, nil)
}

func TestLoadBothProfilesByTheirHeaders(t *testing.T) {
	for _, p := range []flow.Profile{flow.CICFixed, flow.CIC2017} {
		head := header(p)
		text := head + "\n" + record(head, map[string]string{"Flow Duration": "77"}) + "\r\n" + record(head, map[string]string{"Label": "DDoS"}) + "\n"
		table, err := load(t, DefaultConfig(), write(t, "a.csv", []byte(text)))
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if table.Profile != p.String() || table.Rows() != 2 || table.X[table.Column("Flow Duration")][0] != 77 {
			t.Errorf("%s: %s, %d rows", p, table.Profile, table.Rows())
		}
		if table.Y[0] != 0 || Classes()[table.Y[1]] != "ddos" {
			t.Errorf("%s: classes %v", p, table.Y)
		}
		if n := table.Account.Absent; len(n) > 0 {
			t.Errorf("%s: its own meter's header lacks %v", p, n)
		}
		if table.Column("Src Port") >= 0 || table.Column("Source Port") >= 0 {
			t.Errorf("%s: the source port must be no feature", p)
		}
	}
}

// Every column goes to the feature of its name, wherever it stands and whatever
// stands between, in front of or after the name.
func TestColumnsAreFoundByName(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	for _, p := range []flow.Profile{flow.CICFixed, flow.CIC2017} {
		var names []string
		seen := map[string]bool{}
		for _, n := range strings.Split(header(p), ",") {
			if n = strings.TrimSpace(n); !seen[n] {
				names, seen[n] = append(names, n), true
			}
		}
		for round := range 20 {
			rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
			var head, cells []string
			want := map[string]float32{}
			for i, name := range names {
				cell := fmt.Sprint(i + 2)
				switch {
				case name == "Label":
					cell = "BENIGN"
				case name == "Timestamp":
					cell = "2026-01-02 03:04:05"
				case strings.Contains(name, "IP") || name == "Flow ID":
					cell = "10.0.0.1"
				case name == "Flow Duration": // so long that it is no duration in seconds
					want[name], cell = 5e7, "50000000"
				default:
					want[name] = float32(i + 2)
				}
				head = append(head, strings.Repeat(" ", rng.IntN(3))+name+strings.Repeat(" ", rng.IntN(2)))
				cells = append(cells, cell)
				if rng.IntN(9) == 0 {
					head, cells = append(head, fmt.Sprint("extra ", i)), append(cells, "-5")
				}
			}
			if round%2 == 0 { // of a name that comes twice the first counts
				head, cells = append(head, names[0]), append(cells, cells[0])
			}
			text := "\ufeff" + strings.Join(head, ",") + "\r\n" + strings.Join(cells, ",") + "\r\n"
			table, err := load(t, DefaultConfig(), write(t, "a.csv", []byte(text)))
			if err != nil {
				t.Fatalf("%s: %v\n%s", p, err, text)
			}
			for name, v := range want {
				if c := table.Column(name); c < 0 {
					if !strings.HasSuffix(name, " Port") {
						t.Errorf("%s: no feature %s", p, name)
					}
				} else if got := table.X[c][0]; got != v {
					t.Errorf("%s: %s is %v, want %v", p, name, got, v)
				}
			}
		}
	}
}

// The names that other versions of the meter give a feature lead to the same one.
func TestPublishedNamesOfAFeature(t *testing.T) {
	both := bothSchemas()
	fixed, old := &both[0], &both[1]
	for _, same := range []struct{ fixed, old, of2018 string }{
		{"Total Fwd Packet", "Total Fwd Packets", "Tot Fwd Pkts"},
		{"Total Bwd packets", "Total Backward Packets", "Tot Bwd Pkts"},
		{"Total Length of Fwd Packet", "Total Length of Fwd Packets", "TotLen Fwd Pkts"},
		{"Dst Port", "Destination Port", "Dst Port"},
		{"FWD Init Win Bytes", "Init_Win_bytes_forward", "Init Fwd Win Byts"},
		{"Bwd Init Win Bytes", "Init_Win_bytes_backward", "Init Bwd Win Byts"},
		{"Flow Bytes/s", "Flow Bytes/s", "Flow Byts/s"},
		{"Fwd Seg Size Min", "min_seg_size_forward", "Fwd Seg Size Min"},
		{"Fwd Act Data Pkts", "act_data_pkt_fwd", "Fwd Act Data Pkts"},
		{"Average Packet Size", "Average Packet Size", "Pkt Size Avg"},
	} {
		for _, name := range []string{same.fixed, same.old, same.of2018, " " + same.old} {
			if got := old.canonical(strings.TrimSpace(name)); got != same.old {
				t.Errorf("%q is %q in cic2017, want %q", name, got, same.old)
			}
			if got := fixed.canonical(strings.TrimSpace(name)); got != same.fixed {
				t.Errorf("%q is %q in cic-fixed, want %q", name, got, same.fixed)
			}
		}
	}
}

func TestLoadCountsWhatItDrops(t *testing.T) {
	head := header(flow.CICFixed)
	good := record(head, nil)
	lines := []string{
		head, good, record(head, map[string]string{"Flow Duration": "fast"}), good + ",7",
		record(head, map[string]string{"Label": "Cryptominer"}), record(head, map[string]string{"Label": "No Label"}),
		record(head, map[string]string{"Label": "Botnet - Attempted"}), strings.Repeat(",", strings.Count(head, ",")), head, "",
		record(head, map[string]string{"Flow Bytes/s": "Infinity", "Flow Packets/s": "NaN", "Idle Min": ""}),
	}
	cfg := DefaultConfig()
	cfg.MaxBad = 0.5
	table, err := load(t, cfg, write(t, "a.csv", []byte(strings.Join(lines, "\n"))))
	if err != nil {
		t.Fatal(err)
	}
	a := table.Account
	got := map[Cause]int{}
	sum := table.Rows()
	for _, d := range a.Dropped {
		got[d.Cause] = d.Rows
		sum += d.Rows
	}
	want := map[Cause]int{BadNumber: 1, WrongWidth: 1, UnknownLabel: 1, Unlabelled: 1, AttemptedRow: 1, EmptyRow: 2, RepeatedHeader: 1}
	if fmt.Sprint(got) != fmt.Sprint(want) || sum != a.Read || table.Rows() != 2 {
		t.Errorf("dropped %v, want %v; %d kept and dropped of %d read", got, want, sum, a.Read)
	}
	if a.Missing != 2 || a.Infinite != 1 || !Missing(table.X[table.Column("Flow Bytes/s")][1]) {
		t.Errorf("%d missing and %d infinite cells", a.Missing, a.Infinite)
	}
	example := a.Dropped[slices.IndexFunc(a.Dropped, func(d Dropped) bool { return d.Cause == BadNumber })].Examples[0]
	if want := `a.csv:3: "fast" in column Flow Duration`; example != want {
		t.Errorf("example %q, want %q", example, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	fixed, old := header(flow.CICFixed), header(flow.CIC2017)
	seconds := record(fixed, map[string]string{"Flow Duration": "2", "Flow Packets/s": "4", "Total Fwd Packet": "4", "Total Bwd packets": "4"})
	tests := []struct{ name, text, want string }{
		{"an empty file", "", "empty"},
		{"a header only", fixed + "\n", "no rows"},
		{"no label column", strings.TrimSuffix(fixed, ",Label") + "\n1", "--label-column"},
		{"another tool's header", "src_ip,flow_duration,fwd_pkts_s,label\n", "Python cicflowmeter"},
		{"no flows at all", "name,age\nann,7\n", "no header of CICFlowMeter"},
		{"CICFlowMeter V4", "Total Fwd Packet,FWD Init Win Bytes,Label\n", "--profile"},
		{"abbreviated names", "Tot Fwd Pkts,Label\n", "--profile"},
		{"seconds", fixed + "\n" + seconds, "seconds"},
		{"only unknown labels", fixed + "\n" + record(fixed, map[string]string{"Label": "worm"}), `"worm"`},
		{"unknown labels have a remedy", fixed + "\n" + record(fixed, map[string]string{"Label": "worm"}), "--labels"},
		{"something binary", "\x7fELF\x01\x02\x00\xff", `begins with "\x7fELF`},
		{"only unlabelled rows", old + "\n" + record(old, map[string]string{"Label": "No Label"}), "none of the 1 rows"},
		{"few features", "Init_Win_bytes_forward,Label\n1,BENIGN\n", "only 1 of the"},
	}
	for _, tt := range tests {
		_, err := load(t, DefaultConfig(), write(t, "bad.csv", []byte(tt.text)))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "bad.csv") {
			t.Errorf("%s: error %v must name the file and say %q", tt.name, err, tt.want)
		}
	}
	a := write(t, "a.csv", []byte(fixed+"\n"+record(fixed, nil)))
	b := write(t, "b.csv", []byte(old+"\n"+record(old, nil)))
	if _, err := load(t, DefaultConfig(), a, b); err == nil || !strings.Contains(err.Error(), "cannot be mixed") {
		t.Errorf("two profiles at once: %v", err)
	}
	if _, err := load(t, DefaultConfig(), t.TempDir()); err == nil {
		t.Error("a folder without data must be refused")
	}
	if _, err := load(t, DefaultConfig(), filepath.Join(t.TempDir(), "none.csv")); err == nil {
		t.Error("a missing file must be refused")
	}
}

func TestLoadStopsWhenTooMuchIsWrong(t *testing.T) {
	head := header(flow.CICFixed)
	text := head + strings.Repeat("\n"+record(head, nil), 5) + strings.Repeat("\n1,2,3", 5)
	_, err := load(t, DefaultConfig(), write(t, "a.csv", []byte(text)))
	if err == nil || !strings.Contains(err.Error(), "5 of 10 rows") || !strings.Contains(err.Error(), "a.csv:7") {
		t.Errorf("error %v must count and show the bad rows", err)
	}
}

// A feature that one file lacks must go: filled up, it would tell the files apart.
func TestLoadKeepsOnlyWhatEveryFileHas(t *testing.T) {
	head := header(flow.CICFixed)
	less := strings.Replace(head, ",Idle Min", "", 1)
	a := write(t, "a.csv", []byte(head+"\n"+record(head, nil)))
	b := write(t, "b.csv", []byte(less+"\n"+record(less, nil)))
	table, err := load(t, DefaultConfig(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	if table.Column("Idle Min") >= 0 || fmt.Sprint(table.Account.Absent) != "[Idle Min]" || table.Rows() != 2 {
		t.Errorf("left out %v", table.Account.Absent)
	}
}

// Chunks, workers, compression and folders change nothing.
func TestLoadIsTheSameHoweverItIsRead(t *testing.T) {
	head := header(flow.CICFixed)
	var b bytes.Buffer
	b.WriteString(head + "\n")
	for i := range 4000 {
		label := []string{"BENIGN", "DDoS", "Bot"}[i%3]
		b.WriteString(record(head, map[string]string{"Flow Duration": fmt.Sprint(i), "Label": label}) + "\n")
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(b.Bytes())
	_ = w.Close()
	dir := t.TempDir()
	for name, content := range map[string][]byte{"plain.csv": b.Bytes(), "packed.csv.gz": z.Bytes(), "notes.txt": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var prints []uint64
	for _, workers := range []int{1, 3} {
		for _, name := range []string{"plain.csv", "packed.csv.gz"} {
			cfg := DefaultConfig()
			cfg.Workers = workers
			table, err := load(t, cfg, filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			prints = append(prints, table.Fingerprint())
		}
	}
	if slices.Max(prints) != slices.Min(prints) {
		t.Errorf("fingerprints differ: %v", prints)
	}
	both, err := load(t, DefaultConfig(), dir)
	if err != nil || both.Rows() != 8000 {
		t.Fatalf("folder: %v", err)
	}
	if removed := both.Deduplicate(); removed != 4000 || both.Rows() != 4000 {
		t.Errorf("%d duplicates removed, %d rows left", removed, both.Rows())
	}
	if _, err := load(t, DefaultConfig(), write(t, "cut.csv.gz", z.Bytes()[:z.Len()/2])); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("a gzip file that was cut off must be an error that says so, not %v", err)
	}
	broken := slices.Clone(z.Bytes())
	broken[len(broken)-6]++ // of the checksum
	if _, err := load(t, DefaultConfig(), write(t, "broken.csv.gz", broken)); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged gzip file must be an error that says so, not %v", err)
	}
}

func TestLoadParquet(t *testing.T) {
	head := header(flow.CICFixed)
	node := parquet.Group{}
	for _, name := range strings.Split(head, ",") {
		switch name {
		case "Label", "Flow ID", "Src IP", "Dst IP":
			node[name] = parquet.Optional(parquet.String())
		case "Timestamp":
			node[name] = parquet.Timestamp(parquet.Microsecond)
		case "Flow Duration":
			node[name] = parquet.Leaf(parquet.Int64Type)
		default:
			node[name] = parquet.Optional(parquet.Leaf(parquet.DoubleType))
		}
	}
	schema := parquet.NewSchema("flows", node)
	var b bytes.Buffer
	w := parquet.NewWriter(&b, schema)
	for i := range 10 {
		var r parquet.Row
		for c, path := range schema.Columns() {
			v := parquet.DoubleValue(float64(i))
			level := 1
			switch path[0] {
			case "Label":
				v = parquet.ByteArrayValue([]byte([]string{"BENIGN", "Bot"}[i%2]))
			case "Flow ID", "Src IP", "Dst IP":
				v = parquet.ByteArrayValue([]byte("10.0.0.1"))
			case "Timestamp":
				v, level = parquet.Int64Value(1_000_000*int64(i)), 0
			case "Flow Duration":
				v, level = parquet.Int64Value(int64(i)), 0
			case "Idle Min":
				v = parquet.DoubleValue(math.Inf(1))
			case "Idle Max":
				v, level = parquet.NullValue(), 0
			}
			r = append(r, v.Level(0, level, c))
		}
		if _, err := w.WriteRows([]parquet.Row{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	table, err := load(t, DefaultConfig(), write(t, "a.parquet", b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != 10 || table.X[table.Column("Flow Duration")][7] != 7 || Classes()[table.Y[7]] != "bot" || table.Time[7] != 7_000_000 {
		t.Errorf("%d rows, times %v", table.Rows(), table.Time)
	}
	if table.Account.Infinite != 10 || table.Account.Missing != 10 {
		t.Errorf("%d infinite and %d missing cells", table.Account.Infinite, table.Account.Missing)
	}
	if _, err := load(t, DefaultConfig(), write(t, "bad.parquet", []byte("PAR1"))); err == nil || !strings.Contains(err.Error(), "fetch it again") {
		t.Error("a broken Parquet file must be refused")
	}
}

func TestRulesLabelByAddressAndTime(t *testing.T) {
	rules, err := ReadRules(strings.NewReader("label,host,peer,port,start,end\n" +
		"SSH-Patator,10.0.0.9,10.0.1.0/24,22,2026-01-02 00:00:00,2026-01-03 00:00:00\nPortScan,10.0.0.9,,,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	head := header(flow.CICFixed)
	row := func(src, dst, port, at string) string {
		return "\n" + record(head, map[string]string{"Src IP": src, "Dst IP": dst, "Dst Port": port, "Timestamp": at, "Label": "NeedManualLabel"})
	}
	text := head +
		row("10.0.0.9", "10.0.1.5", "22", "2026-01-02 10:00:00") +
		row("10.0.1.5", "10.0.0.9", "22", "2026-01-02 10:00:00") + // either direction
		row("10.0.0.9", "10.0.1.5", "22", "2026-01-04 10:00:00") + // too late for the first
		row("10.0.0.1", "10.0.1.5", "22", "2026-01-02 10:00:00")
	cfg := DefaultConfig()
	cfg.Rules = rules
	table, err := load(t, cfg, write(t, "a.csv", []byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, y := range table.Y {
		got = append(got, Classes()[y])
	}
	if fmt.Sprint(got) != "[bruteforce bruteforce portscan benign]" {
		t.Errorf("classes %v", got)
	}
	for _, bad := range []string{"", "host\n1.2.3.4", "label,colour\nx,y", "label,host\nx,1.2.3", "label,start\nx,noon", "label,port\n,22"} {
		if _, err := ReadRules(strings.NewReader(bad)); err == nil {
			t.Errorf("rules %q must be refused", bad)
		}
	}
}

func FuzzSplitCSV(f *testing.F) {
	f.Add([]byte(`a,"b,c",,"d""e"`))
	f.Fuzz(func(t *testing.T, record []byte) {
		if bytes.IndexByte(record, '"') < 0 {
			if got := bytes.Join(splitCSV(record, nil), []byte{','}); !bytes.Equal(got, record) {
				t.Errorf("%q became %q", record, got)
			}
		}
		for _, cell := range splitCSV(record, nil) {
			number(cell)
		}
	})
}
