package capture_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"firetower/internal/capture"
	"firetower/internal/packet"
)

// Read a capture, decode its frames and count what came of them.
func Example() {
	file := pcapFile(little, 0xa1b2c3d4, 1, record{sec: 1, data: udpFrame(53)}, record{sec: 2, data: "not a frame"})
	src, err := capture.NewReader("example.pcap", bytes.NewReader(file), capture.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer src.Close()
	var (
		batch  capture.Batch
		p      packet.Packet
		counts packet.Counts
	)
	for err = src.Next(&batch); err == nil; err = src.Next(&batch) {
		for _, f := range batch.Frames {
			v := packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &p)
			if counts[v]++; v == packet.OK {
				fmt.Printf("%v:%d to %v:%d, protocol %d\n", p.Src, p.SrcPort, p.Dst, p.DstPort, p.Proto)
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		fmt.Println(err)
	}
	fmt.Println(src.Stats().Received, "received,", counts[packet.OK], packet.OK, "and", counts[packet.TruncatedLink], packet.TruncatedLink)
	// Output:
	// 10.0.0.1:1000 to 10.0.0.2:53, protocol 17
	// 2 received, 1 decoded and 1 cut in link header
}
