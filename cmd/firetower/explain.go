package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/forest"
	"firetower/internal/packet"
	"firetower/internal/words"
)

type explainOptions struct {
	model    string
	flow     int
	top      int
	class    string
	features int
	json     bool
}

func newExplainCommand() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain [flags] FILE",
		Short: "Tell why the forest thinks what it thinks of a flow",
		Long: `Explain reads a capture or flow records (CSV) and tells, for the flow that the forest
takes most for an attack, or for those chosen with --flow or --top, which features moved
the verdict and how far, with what is usual for benign flows and for the class.

The numbers are SHAP values, exact for the forest: base and all contributions add up to
the probability.`,
		Example: `  firetower explain capture.pcap
  firetower explain --flow 17 --class portscan flows.csv
  firetower explain --top 5 --json capture.pcap | jq .causes[0]`,
		Args: one("capture or CSV of flow records"),
		RunE: func(cmd *cobra.Command, args []string) error { return runExplain(cmd, o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "model `file` (default: the one built in)")
	f.IntVar(&o.flow, "flow", 0, "explain the flow of this `number`, counted from 1 as 'firetower flows' prints them")
	f.IntVar(&o.top, "top", 1, "explain this many flows, the likeliest attacks first")
	f.StringVar(&o.class, "class", "", "explain the probability of this class (default: the class of the verdict)")
	f.IntVar(&o.features, "features", 8, "features to tell")
	f.BoolVar(&o.json, "json", false, "print JSON, a flow a line")
	return cmd
}

// suspect is a flow with how far from benign the forest takes it.
type suspect struct {
	number int
	record flow.Record
	attack float64
}

func runExplain(cmd *cobra.Command, o explainOptions, path string) error {
	class, ok := attack.Parse(o.class)
	if o.class != "" && !ok {
		return usagef(cmd, "--class: there is no class %q; there are %v", o.class, attack.Classes())
	}
	if o.top < 1 || o.flow < 0 || o.features < 1 {
		return usagef(cmd, "--top and --features must be at least 1 and --flow not negative")
	}
	judge, profile, err := openExplainer(o.model)
	if err != nil {
		return err
	}
	flows, err := o.choose(cmd, path, profile, judge)
	if err != nil {
		return err
	}
	for i := range flows {
		e, err := judge.Explain(&flows[i].record, class)
		if err != nil {
			return err
		}
		e.Causes = e.Causes[:min(o.features, len(e.Causes))]
		if err := o.print(cmd.OutOrStdout(), &flows[i], &e); err != nil {
			return err
		}
	}
	return nil
}

// openExplainer opens a model for flows of its own profile.
func openExplainer(path string) (*detect.Judge, flow.Profile, error) {
	m, err := detect.Open(path)
	if err != nil {
		return nil, 0, err
	}
	profile, err := flow.ParseProfile(m.Meta.Profile)
	if err != nil {
		return nil, 0, fmt.Errorf("model %s: %w", path, err)
	}
	j, err := detect.NewJudge(m, profile)
	return j, profile, err
}

// choose reads the file and keeps the flow asked for, or the likeliest attacks.
func (o explainOptions) choose(cmd *cobra.Command, path string, profile flow.Profile, judge *detect.Judge) ([]suspect, error) {
	var kept []suspect
	total := 0
	event := make([]flow.Event, 1)
	var verdicts []detect.Verdict
	err := eachRecord(cmd, path, profile, func(n int, r *flow.Record) error {
		total = n
		if o.flow != 0 && n != o.flow {
			return nil
		}
		event[0] = flow.Event{Kind: flow.Ended, Record: *r}
		verdicts = judge.Judge(event, verdicts[:0])
		s := suspect{n, keepRecord(r), 1 - verdicts[0].Benign}
		at, _ := slices.BinarySearchFunc(kept, s, func(a, b suspect) int {
			if a.attack >= b.attack {
				return -1
			}
			return 1
		})
		if at < o.top {
			kept = slices.Insert(kept, at, s)
			kept = kept[:min(len(kept), o.top)]
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case total == 0:
		return nil, fmt.Errorf("%s: there is no flow in it", path)
	case len(kept) == 0:
		return nil, fmt.Errorf("%s: there is no flow %d, the last is %d", path, o.flow, total)
	}
	return kept, nil
}

// keepRecord copies what the meter may use again.
func keepRecord(r *flow.Record) flow.Record {
	c := *r
	if r.Detail != nil {
		d := *r.Detail
		c.Detail = &d
	}
	c.Given = slices.Clone(r.Given)
	return c
}

func (o explainOptions) print(w io.Writer, s *suspect, e *detect.Explanation) error {
	r := &s.record
	if o.json {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		return out.Encode(struct {
			Flow    int       `json:"flow"`
			Start   time.Time `json:"start"`
			Src     string    `json:"src_ip"`
			Dst     string    `json:"dst_ip"`
			SrcPort uint16    `json:"src_port"`
			DstPort uint16    `json:"dst_port"`
			Proto   uint8     `json:"protocol"`
			*detect.Explanation
		}{s.number, time.UnixMicro(r.Start).UTC(), r.Src.String(), r.Dst.String(), r.SrcPort, r.DstPort, r.Proto, e})
	}
	class := strings.ToLower(e.Class.Title())
	protocol := cmp.Or(packet.ProtocolName(r.Proto), fmt.Sprintf("IP protocol %d", r.Proto))
	fmt.Fprintf(w, "flow %d: %s port %d to %s port %d, %s, %s UTC\n", s.number, r.Src, r.SrcPort, r.Dst, r.DstPort, protocol, time.UnixMicro(r.Start).UTC().Format(time.DateTime))
	fmt.Fprintf(w, "probability of %s: %.3f. Over all training rows it is %.3f; this flow moved it by:\n\n", class, e.Probability, e.Base)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  moved\tfeature\there\tusual if benign\tusual if %s\n", class)
	rest := e.Probability - e.Base
	for i := range e.Causes {
		c := &e.Causes[i]
		rest -= c.Moved
		fmt.Fprintf(t, "  %+.3f\t%s\t%s\t%s\t%s\n", c.Moved, c.Feature, words.Amount(c.Value, c.Unit), usual(c.Benign, c.Unit), usual(c.Class, c.Unit))
	}
	fmt.Fprintf(t, "  %+.3f\tall others together\n\n", rest)
	return t.Flush()
}

// usual is a range of training rows, if the model knows it.
func usual(r *forest.Range, unit string) string {
	if r == nil {
		return "unknown"
	}
	return words.Range(float64(r.Low), float64(r.High), unit)
}
