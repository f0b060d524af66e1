// Command big draws a flow CSV of any size from a smaller one: rows with
// replacement, 1 % noise on every number. It makes data of the size of the whole
// CICIDS2017 to measure training by.
//
//	go run ./bench/training/big FLOWS.csv.gz 2800000 > big.csv
package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// kept columns are not numbers to be disturbed.
const kept = ",id,Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Label,Attempted Category,"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "big:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: big FLOWS.csv.gz ROWS > OUT.csv")
	}
	want, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	header, rows, err := read(args[0])
	if err != nil {
		return err
	}
	fixed := make([]bool, len(header))
	for i, name := range header {
		fixed[i] = strings.Contains(kept, ","+name+",")
	}
	rng := rand.New(rand.NewPCG(1, 1))
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	fmt.Fprintln(out, strings.Join(header, ","))
	var line []byte
	for range want {
		line = line[:0]
		for i, cell := range rows[rng.IntN(len(rows))] {
			if i > 0 {
				line = append(line, ',')
			}
			x, err := strconv.ParseFloat(cell, 64)
			if fixed[i] || err != nil || x == 0 {
				line = append(line, cell...)
				continue
			}
			line = strconv.AppendFloat(line, x*(1+0.01*rng.NormFloat64()), 'g', 7, 64)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

func read(path string) (header []string, rows [][]string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, nil, err
	}
	in := bufio.NewScanner(z)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		cells := strings.Split(in.Text(), ",")
		if header == nil {
			header = cells
			continue
		}
		rows = append(rows, cells)
	}
	return header, rows, in.Err()
}
