package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/forest"
	"firetower/internal/forest/onnx"
	"firetower/internal/report"
)

func newExportCommand() *cobra.Command {
	var model, operator string
	cmd := &cobra.Command{
		Use:   "export [--model MODEL] OUT.onnx",
		Short: "Write a model as ONNX",
		Long: `Export writes a model as ONNX, for any ONNX runtime. Columns must be given to it in the
order of the model's features, float32, missing values as the model's medians.`,
		Example: `  firetower export --model model/model.firetower model.onnx`,
		Args:    one("ONNX file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			op, err := operatorOf(cmd, operator)
			if err != nil {
				return err
			}
			m, err := detect.Open(model)
			if err != nil {
				return err
			}
			if err := report.WriteAll(filepath.Dir(args[0]), []report.File{onnxFile(filepath.Base(args[0]), m, op)}); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s: %s\n", args[0], contents(m))
			return err
		},
	}
	cmd.Flags().StringVar(&model, "model", "", "model `file` (default: the one built in)")
	cmd.Flags().StringVar(&operator, "operator", "classifier", "classifier (TreeEnsembleClassifier, read by every runtime) or ensemble (TreeEnsemble, its successor)")
	return cmd
}

func operatorOf(cmd *cobra.Command, name string) (onnx.Operator, error) {
	switch name {
	case "classifier":
		return onnx.Classifier, nil
	case "ensemble":
		return onnx.Ensemble, nil
	}
	return "", usagef(cmd, "--operator: use classifier or ensemble, not %q", name)
}

type importOptions struct {
	out, profile, features string
	classes                string
}

func newImportCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import [flags] --out MODEL IN.onnx",
		Short: "Make a model of a forest in ONNX",
		Long: `Import reads a random forest from ONNX, such as scikit-learn's through skl2onnx, and
writes it as a model that detect and watch can use. The forest must have been trained on
the columns of a meter profile; --features tells which, in the order of its inputs, one
name a line.`,
		Example: `  firetower import --profile cic-fixed --features columns.txt --out mine.firetower forest.onnx`,
		Args:    one("ONNX file to read"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runImport(cmd, o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "model `file` to write")
	f.StringVar(&o.profile, "profile", flow.CICFixed.String(), "meter profile that the forest was trained on")
	f.StringVar(&o.features, "features", "", "`file` with the names of the columns, one a line (default: those that 'firetower export' noted)")
	f.StringVar(&o.classes, "classes", "", "classes in the order of the forest's labels, separated by commas (default: its own labels)")
	return cmd
}

func runImport(cmd *cobra.Command, o importOptions, path string) error {
	if o.out == "" {
		return usagef(cmd, "say with --out which file to write")
	}
	profile, err := flow.ParseProfile(o.profile)
	if err != nil {
		return usagef(cmd, "--profile: %w", err)
	}
	names, err := readNames(o.features)
	if err != nil {
		return err
	}
	var m *forest.Model
	err = withFile(path, "a random forest in ONNX", func(f *os.File) (err error) {
		m, err = onnx.Import(f, names)
		return err
	})
	if err != nil {
		return err
	}
	if err := fitSchema(m, profile, o.classes); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := report.WriteAll(filepath.Dir(o.out), []report.File{report.ModelFile(filepath.Base(o.out), m)}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s: %s\n", o.out, contents(m))
	return err
}

// contents says in a few words what is in a model.
func contents(m *forest.Model) string {
	return fmt.Sprintf("%d trees, %d features, classes %s", len(m.Roots), len(m.Features), strings.Join(m.Classes, ", "))
}

// readNames reads names, one a line; no file gives nil.
func readNames(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, unread(err, "a text file with the name of one column a line")
	}
	var names []string
	for _, line := range strings.Split(string(b), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			names = append(names, line)
		}
	}
	return names, nil
}

// fitSchema names the model's features as the profile does and its classes as the
// nine, and refuses what does not fit.
func fitSchema(m *forest.Model, profile flow.Profile, classes string) error {
	s := feature.For(profile)
	at, err := s.Indices(m.Features)
	if err != nil {
		return fmt.Errorf("%w: name the columns of the forest with --features", err)
	}
	names := s.Names()
	for i, f := range at {
		m.Features[i] = names[f]
	}
	if classes != "" {
		list := strings.Split(classes, ",")
		if len(list) != len(m.Classes) {
			return fmt.Errorf("--classes names %d classes, the forest has %d: %s", len(list), len(m.Classes), strings.Join(m.Classes, ", "))
		}
		m.Classes = list
	}
	for i, c := range m.Classes {
		class, ok := attack.Parse(strings.ToLower(strings.TrimSpace(c)))
		if !ok {
			return fmt.Errorf("class %q is none of the nine: say with --classes what the forest's labels mean, in their order", c)
		}
		m.Classes[i] = string(class)
	}
	m.Meta.Profile, m.Meta.SchemaHash = profile.String(), s.Hash()
	return m.Compile()
}

func onnxFile(name string, m *forest.Model, op onnx.Operator) report.File {
	return report.File{Name: name, Write: onnxWriter{m, op}.write}
}

// onnxWriter writes a model with one of the two operators.
type onnxWriter struct {
	model    *forest.Model
	operator onnx.Operator
}

func (o onnxWriter) write(w io.Writer) error { return onnx.Export(w, o.model, o.operator) }
