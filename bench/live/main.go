// Command live sends frames as fast as an interface takes them, for bench/live.sh: UDP
// between 256 addresses and 1,024 ports, 64 to 1,400 bytes, a flow of about
// 32 packets after the other. It prints how many frames the kernel has taken.
package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: live INTERFACE SECONDS")
		os.Exit(2)
	}
	seconds, err := strconv.Atoi(os.Args[2])
	if err == nil {
		err = send(os.Args[1], time.Duration(seconds)*time.Second)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func send(name string, length time.Duration) error {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		return fmt.Errorf("raw socket: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: ifi.Index}); err != nil {
		return fmt.Errorf("bind to %s: %w", name, err)
	}
	frame := make([]byte, 1400)
	var sent, bytes, refused uint64
	sizes := [...]int{64, 64, 120, 300, 700, 1400, 1400, 64}
	for began, n := time.Now(), 0; ; n++ {
		if n&1023 == 0 && time.Since(began) >= length {
			break
		}
		f := frame[:sizes[n&7]]
		fill(f, n/32, n)
		switch _, err := unix.Write(fd, f); err {
		case nil:
			sent++
			bytes += uint64(len(f))
		case unix.ENOBUFS, unix.EAGAIN:
			refused++
		default:
			return fmt.Errorf("send: %w", err)
		}
	}
	fmt.Printf("%d %d %d\n", sent, bytes, refused)
	return nil
}

// fill writes Ethernet, IPv4 and UDP headers.
func fill(f []byte, flow, n int) {
	copy(f, []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0})
	ip := f[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	binary.BigEndian.PutUint16(ip[4:], uint16(n))
	copy(ip[12:], []byte{10, 79, 1, byte(flow), 10, 79, 2, byte(flow >> 8)})
	udp := ip[20:]
	binary.BigEndian.PutUint16(udp, uint16(20000+flow%1024))
	binary.BigEndian.PutUint16(udp[2:], 9999)
	binary.BigEndian.PutUint16(udp[4:], uint16(len(udp)))
}
