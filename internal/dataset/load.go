package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

// Progress tells how far reading has come.
type Progress struct {
	File        string
	Bytes, Size int64 // of all files together, as they lie on disk
	Rows        int
}

// Load reads labelled flow records from files and folders into one Table. schemas
// are the profiles it may recognise. report, if not nil, is called every so often.
// The error names the file, the place and the remedy.
func Load(ctx context.Context, paths []string, schemas []Schema, cfg Config, report func(Progress)) (*Table, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	files, size, err := expand(paths)
	if err != nil {
		return nil, err
	}
	l := &loader{cfg: &cfg, schemas: schemas, size: size, report: report}
	for _, f := range files {
		if err := l.file(ctx, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		if err := l.account.check(cfg.MaxBad); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
	}
	return l.table(files)
}

// expand lists the files to read, folders by the names in them.
func expand(paths []string) (files []string, size int64, err error) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, 0, err
		}
		if !info.IsDir() {
			files, size = append(files, p), size+info.Size()
			continue
		}
		found := 0
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !readable(path) {
				return err
			}
			info, err := d.Info()
			if err == nil {
				files, size, found = append(files, path), size+info.Size(), found+1
			}
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		if found == 0 {
			return nil, 0, fmt.Errorf("%s: there is no .csv, .csv.gz or .parquet file in this folder: give the folder of the flow records; 'firetower flows' makes them of captures", p)
		}
	}
	if len(files) == 0 {
		return nil, 0, errors.New("no file to read")
	}
	for _, path := range files { // before hours of reading the others
		f, err := os.Open(path)
		if err != nil {
			return nil, 0, err
		}
		f.Close()
	}
	return files, size, nil
}

func readable(path string) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".csv.gz") || strings.HasSuffix(path, ".parquet")
}

// loader joins the blocks of all files.
type loader struct {
	cfg     *Config
	schemas []Schema
	schema  *Schema // of the first file; the others must have the same
	report  func(Progress)
	size    int64
	done    int64 // bytes of the files before
	rows    int

	account        Account
	present        []int // how many files have each feature
	begun          int   // files
	blocks         []*block
	labels, groups names
}

func (l *loader) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err // it could be opened a moment ago
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if strings.HasSuffix(strings.ToLower(path), ".parquet") {
		err = l.parquet(ctx, path, f, info.Size())
	} else {
		err = l.csv(ctx, path, f)
	}
	l.done += info.Size()
	return err
}

// choose fixes the schema for a header.
func (l *loader) choose(header []string) error {
	profile := l.cfg.Profile
	if profile == "" {
		found, err := recognise(header)
		if err != nil {
			return err
		}
		profile = found
	}
	if l.schema != nil {
		if l.schema.Profile != profile {
			return fmt.Errorf("these are flows of profile %s, the files before are of %s; their numbers mean different things and cannot be mixed", profile, l.schema.Profile)
		}
		return nil
	}
	for i := range l.schemas {
		if l.schemas[i].Profile == profile {
			l.schema = &l.schemas[i]
			l.present = make([]int, len(l.schema.Names))
			return nil
		}
	}
	var have []string
	for _, s := range l.schemas {
		have = append(have, s.Profile)
	}
	return fmt.Errorf("there is no profile %q; there are %s", profile, strings.Join(have, ", "))
}

// begin plans a file from its header.
func (l *loader) begin(path string, header []string) (*source, error) {
	if err := l.choose(header); err != nil {
		return nil, err
	}
	p, err := planHeader(header, l.schema, l.cfg)
	if err != nil {
		return nil, err
	}
	l.begun++
	for _, f := range p.feature {
		if f >= 0 {
			l.present[f]++
		}
	}
	for _, name := range p.ignored {
		if !slices.Contains(l.account.Ignored, name) {
			l.account.Ignored = append(l.account.Ignored, name)
		}
	}
	return &source{path, p, l.cfg}, nil
}

// counter counts the bytes read of a file on disk.
type counter struct {
	io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (l *loader) csv(ctx context.Context, path string, f io.Reader) error {
	read := &counter{Reader: f}
	in := bufio.NewReaderSize(read, 1<<20)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		in = bufio.NewReaderSize(z, 1<<20)
	}
	if magic, _ := in.Peek(4); isCapture(magic) {
		return errors.New("this is a capture, not flow records: meter it with 'firetower flows' and label the flows with --rules")
	}
	line, err := in.ReadBytes('\n')
	if len(bytes.TrimSpace(line)) == 0 {
		if err != nil && err != io.EOF {
			return err
		}
		return errors.New("the file is empty: the first line must name the columns")
	}
	var header []string
	for _, name := range splitCSV(bytes.TrimRight(line, "\r\n"), nil) {
		header = append(header, string(name))
	}
	src, err := l.begin(path, header)
	if err != nil {
		return err
	}
	return l.parallel(ctx, src, in, read)
}

// isCapture knows the magic numbers of pcap, in microseconds and nanoseconds, and of
// pcapng.
func isCapture(magic []byte) bool {
	if len(magic) < 4 {
		return false
	}
	switch binary.LittleEndian.Uint32(magic) {
	case 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a:
		return true
	}
	return false
}
