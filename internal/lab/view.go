package lab

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Views are the other places and ways in which a network is watched. Each makes, of
// a recording of the lab's bridge, what would have been recorded there.
func Views() map[string]func(v *Viewed) Lens {
	return map[string]func(v *Viewed) Lens{
		"vlan":     func(v *Viewed) Lens { return tagged(1 + v.Rand.IntN(4000)) },
		"qinq":     func(v *Viewed) Lens { return chain(tagged(1+v.Rand.IntN(4000)), tagged(1+v.Rand.IntN(4000))) },
		"inbound":  func(v *Viewed) Lens { return v.only(func(from, to bool) bool { return !from && to }) },
		"outbound": func(v *Viewed) Lens { return v.only(func(from, to bool) bool { return from && !to }) },
		"late":     func(v *Viewed) Lens { return v.late() },
		"drops":    func(v *Viewed) Lens { return v.drops(0.001 + 0.019*v.Rand.Float64()) },
		"short":    func(*Viewed) Lens { return cut(96) },
		"nat":      func(v *Viewed) Lens { return newNAT(v).pass },
	}
}

// Lens changes a frame in place or gives another; none hides it from the tap.
type Lens func(f Frame) []byte

// Frame is a packet of a recording.
type Frame struct {
	At   time.Time
	Data []byte // as far as it was kept
	Wire int    // bytes it had
}

// Viewed is what a view may know of a recording.
type Viewed struct {
	Rand       *rand.Rand
	Inside     netip.Prefix
	Start, End time.Time // of the attack
	row        []string  // of the manifest
}

// View makes another corpus of one, seen through a view. Recordings of which it
// leaves nothing of the attack, or nothing at all, are left out.
func View(corpus, out, name string, seed uint64) error {
	make, ok := Views()[name]
	if !ok {
		var all []string
		for n := range Views() {
			all = append(all, n)
		}
		sort.Strings(all)
		return fmt.Errorf("no view %q: %s", name, strings.Join(all, ", "))
	}
	text, err := os.ReadFile(filepath.Join(corpus, "manifest.tsv"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(out, "captures"), 0o755); err != nil {
		return err
	}
	rows := []string{strings.TrimSuffix(manifestHeader, "\n")}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		row := strings.Split(line, "\t")
		if len(row) != strings.Count(manifestHeader, "\t")+1 {
			return fmt.Errorf("%s:%d: %d columns, want those of the header", corpus, i+2, len(row))
		}
		if name == "nat" && strings.Contains(row[7], "sweep") {
			continue // behind one address there is nothing to sweep
		}
		v := &Viewed{Rand: rand.New(rand.NewPCG(seed, name64(row[0]))), row: row}
		v.times(row[10])
		row[10] = "seen as " + name + ": " + row[10]
		from, to := filepath.Join(corpus, "captures", row[0]), filepath.Join(out, "captures", name+"-"+row[0])
		v.Inside, err = insideOf(from)
		if err != nil {
			return err
		}
		frames, about, sum, err := v.rewrite(from, to, make(v))
		if err != nil {
			return err
		}
		if frames == 0 || row[1] != "benign" && about < 5 {
			if err := os.Remove(to); err != nil {
				return err
			}
			continue
		}
		row[0], row[5], row[9] = name+"-"+row[0], strconv.Itoa(frames), sum
		rows = append(rows, strings.Join(row, "\t"))
	}
	return os.WriteFile(filepath.Join(out, "manifest.tsv"), []byte(strings.Join(rows, "\n")+"\n"), 0o644)
}

var when = regexp.MustCompile(`\[([0-9.]+) s from ([^\]]+)\]`)

// times reads when the attack was from the note of a manifest.
func (v *Viewed) times(note string) {
	if m := when.FindStringSubmatch(note); m != nil {
		v.Start, _ = time.Parse(time.RFC3339Nano, m[2])
		seconds, _ := strconv.ParseFloat(m[1], 64)
		v.End = v.Start.Add(time.Duration(seconds * float64(time.Second)))
	}
}

// rewrite gives how many frames are left, and how many of them are the attack's:
// between an attacker and a victim, or to a victim if no attacker is named.
func (v *Viewed) rewrite(from, to string, lens Lens) (frames, about int, sum string, err error) {
	out, err := os.Create(to)
	if err != nil {
		return 0, 0, "", err
	}
	defer out.Close()
	h, z := sha256.New(), gzip.NewWriter(out)
	w := bufio.NewWriter(io.MultiWriter(h, z))
	attackers, victims := addrs(v.row[3]), addrs(v.row[4])
	of := slices.Contains[[]netip.Addr]
	err = readFrames(from, func(head []byte) error { _, err := w.Write(head); return err }, func(f Frame) error {
		kept := len(f.Data)
		data := lens(f)
		if data == nil {
			return nil
		}
		frames++
		src, dst, _ := endsOf(data)
		if len(attackers) == 0 && of(victims, dst) || of(attackers, src) && of(victims, dst) || of(victims, src) && of(attackers, dst) {
			about++
		}
		return writeFrame(w, f.At, data, f.Wire+max(0, len(data)-kept))
	})
	return frames, about, sumOf(h), errors.Join(err, w.Flush(), z.Close())
}

func sumOf(h hash.Hash) string { return fmt.Sprintf("%x", h.Sum(nil)) }

func writeFrame(w io.Writer, at time.Time, data []byte, wire int) error {
	var head [16]byte
	binary.LittleEndian.PutUint32(head[0:], uint32(at.Unix()))
	binary.LittleEndian.PutUint32(head[4:], uint32(at.Nanosecond()/1000))
	binary.LittleEndian.PutUint32(head[8:], uint32(len(data)))
	binary.LittleEndian.PutUint32(head[12:], uint32(wire))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

// readFrames reads a recording as pack wrote it.
func readFrames(file string, head func([]byte) error, each func(Frame) error) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	r := bufio.NewReaderSize(z, 1<<16)
	var global [24]byte
	if _, err := io.ReadFull(r, global[:]); err != nil || binary.LittleEndian.Uint32(global[:]) != 0xa1b2c3d4 {
		return fmt.Errorf("%s: not a recording of the lab: want little-endian pcap with microseconds", file)
	}
	if err := head(global[:]); err != nil {
		return err
	}
	for {
		var h [16]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return nil // the end
		}
		n := binary.LittleEndian.Uint32(h[8:])
		if n > 1<<18 {
			return fmt.Errorf("%s: a packet of %d bytes", file, n)
		}
		f := Frame{At: time.Unix(int64(binary.LittleEndian.Uint32(h[0:])), int64(binary.LittleEndian.Uint32(h[4:]))*1000),
			Data: make([]byte, n, n+8), Wire: int(binary.LittleEndian.Uint32(h[12:]))}
		if _, err := io.ReadFull(r, f.Data); err != nil {
			return nil // was broken off
		}
		if err := each(f); err != nil {
			return err
		}
	}
}

// insideOf finds the watched network of a recording: the private /24 that most
// frames have an end in.
func insideOf(file string) (netip.Prefix, error) {
	seen := map[netip.Prefix]int{}
	err := readFrames(file, func([]byte) error { return nil }, func(f Frame) error {
		src, dst, ok := endsOf(f.Data)
		for _, a := range []netip.Addr{src, dst} {
			if ok && a.IsPrivate() {
				p, _ := a.Prefix(24)
				seen[p]++
			}
		}
		return nil
	})
	most := netip.Prefix{}
	for p, n := range seen {
		if n > seen[most] || n == seen[most] && p.String() < most.String() {
			most = p
		}
	}
	return most, err
}

// endsOf gives the addresses of an IPv4 frame, past VLAN tags.
func endsOf(b []byte) (src, dst netip.Addr, ok bool) {
	ip := ipv4(b)
	if ip == nil {
		return src, dst, false
	}
	return netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20])), true
}

// ipv4 gives the packet of a frame, none if it is another.
func ipv4(b []byte) []byte {
	at := 12
	for len(b) >= at+6 && binary.BigEndian.Uint16(b[at:]) == 0x8100 {
		at += 4
	}
	if len(b) < at+22 || binary.BigEndian.Uint16(b[at:]) != 0x0800 {
		return nil
	}
	return b[at+2:]
}
