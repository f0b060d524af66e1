// Package report turns the results of training and of the lab into files for
// people: one self-contained HTML page, figures as SVG, and the numbers as JSON.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"firetower/internal/forest"
)

// File is one file of an output folder and how it is written.
type File struct {
	Name  string
	Write func(io.Writer) error
}

// WriteAll writes files into a folder, all or none: each goes to a temporary name
// beside its place first, and only when the last is safely on disk are they renamed.
// A full disk or a crash before that leaves what was there before.
func WriteAll(dir string, files []File) (err error) {
	var temporary []string
	defer func() {
		for _, t := range temporary {
			err = errors.Join(err, ignoreMissing(os.Remove(t)))
		}
	}()
	for _, f := range files {
		t, err := writeTemporary(dir, f)
		if t != "" {
			temporary = append(temporary, t)
		}
		if err != nil {
			return fmt.Errorf("cannot write %s: %w; nothing was changed", filepath.Join(dir, f.Name), err)
		}
	}
	for i, f := range files {
		if err := os.Rename(temporary[i], filepath.Join(dir, f.Name)); err != nil {
			return fmt.Errorf("cannot put %s in its place: %w", f.Name, err)
		}
	}
	return nil
}

// Writable makes sure that the folder is there and takes files.
func Writable(dir string) error {
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		var probe string
		probe, err = writeTemporary(dir, File{"probe", func(io.Writer) error { return nil }})
		if probe != "" {
			err = errors.Join(err, os.Remove(probe))
		}
	}
	if err != nil {
		return fmt.Errorf("cannot write into the output folder %s: %w; choose another or give this user the right to write there", dir, err)
	}
	return nil
}

func writeTemporary(dir string, f File) (name string, err error) {
	path := filepath.Join(dir, f.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	out, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	err = f.Write(out)
	if err == nil {
		err = out.Chmod(0o644)
	}
	if err == nil {
		err = out.Sync()
	}
	return out.Name(), errors.Join(err, out.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// ModelFile is a model as a File.
func ModelFile(name string, m *forest.Model) File { return File{name, m.Write} }

// JSONFile is a value as an indented JSON File.
func JSONFile(name string, v any) File {
	return File{name, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}}
}
