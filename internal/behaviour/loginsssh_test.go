package behaviour

import (
	"encoding/binary"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// sshCipher is what decides how long a sealed packet is (RFC 4253, section 6).
type sshCipher struct {
	block, tag int
	length     int // bytes of its length that are not padded to a block
}

var (
	sshCounter = sshCipher{16, 32, 0} // aes128-ctr with hmac-sha2-256, as JSch has it
	sshGalois  = sshCipher{16, 16, 4} // aes128-gcm, as Go's program has it
	sshChaCha  = sshCipher{8, 16, 4}  // OpenSSH's first
)

// seal gives how long a message is on the wire.
func (c sshCipher) seal(n int) int {
	inner := 4 - c.length + 1 + n + 4 // at least four of padding
	return c.length + (inner+c.block-1)/c.block*c.block + c.tag
}

// sshPlain frames a message before encryption.
func sshPlain(message string) string {
	pad := 8 - (5+len(message))%8
	if pad < 4 {
		pad += 8
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(message)+pad))
	return string(append(b, byte(pad))) + message + strings.Repeat("\x00", pad)
}

func sshText(s string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(s)))) + s
}

// sshTries is a whole connection: the key exchange in the clear, and then tries of so
// many passwords, the last of which is accepted or followed by a farewell.
func sshTries(c sshCipher, version string, passwords int, accepted bool) []line {
	lists := sshText("curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256") + sshText("ssh-ed25519,rsa-sha2-512,rsa-sha2-256") +
		strings.Repeat(sshText("aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr"), 2) +
		strings.Repeat(sshText("hmac-sha2-256-etm@openssh.com,hmac-sha2-256"), 2) + strings.Repeat(sshText("none"), 2) + strings.Repeat(sshText(""), 2)
	wishes := sshPlain("\x14" + strings.Repeat("\x5a", 16) + lists + strings.Repeat("\x00", 5))
	const newKeys = "\x15"
	sealed := func(up bool, n int, wait int64) line {
		return line{up, strings.Repeat("\xa5", c.seal(n)), wait}
	}
	lines := []line{up(version + "\r\n"), down("SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13\r\n"), up(wishes), down(wishes),
		up(sshPlain("\x1e" + sshText(strings.Repeat("\x7b", 32)))),
		down(sshPlain("\x1f"+sshText(strings.Repeat("\x6c", 51))+sshText(strings.Repeat("\x6d", 32))+sshText(strings.Repeat("\x6e", 83))) + sshPlain(newKeys)),
		up(sshPlain(newKeys)),
		sealed(true, 17, 10), sealed(false, 17, 10), // ssh-userauth, and yes
		sealed(true, 35, 10), sealed(false, 24, 10), // none, and no: publickey,password
	}
	for i := range passwords {
		lines = append(lines, sealed(true, 52, 10))
		if accepted && i == passwords-1 {
			lines = append(lines, sealed(false, 1, 50), sealed(true, 24, 10), sealed(false, 17, 10))
			for range 20 {
				lines = append(lines, sealed(true, 10, 100), sealed(false, 10, 10))
			}
			return lines
		}
		lines = append(lines, sealed(false, 24, 2000))
	}
	return append(lines, sealed(true, 40, 10))
}

// TestSSHSessions plays faithful sessions of several programs: slow ones, and many that
// guess a little each.
func TestSSHSessions(t *testing.T) {
	for _, c := range []struct {
		name    string
		n       int
		every   int64
		clients int
		lines   []line
		words   string
	}{
		{"Go, three passwords a connection each half minute", 5, 30_000, 1, sshTries(sshGalois, "SSH-2.0-Go", 3, false), "SSH"},
		{"JSch, six a connection each 36 s", 3, 36_000, 1, sshTries(sshCounter, "SSH-2.0-JSch-0.1.54", 6, false), "SSH"},
		{"OpenSSH's program, three a connection", 5, 24_000, 1, sshTries(sshChaCha, "SSH-2.0-OpenSSH_8.9", 3, false), "SSH"},
		{"one a connection", 12, 3000, 1, sshTries(sshCounter, "SSH-2.0-libssh_0.9.6", 1, false), "SSH"},
		{"24 hosts, two tries each", 48, 4000, 24, sshTries(sshGalois, "SSH-2.0-Go", 1, false), "24 hosts"},
		{"24 hosts, three tries each, over two hours", 72, 100_000, 24, sshTries(sshGalois, "SSH-2.0-Go", 1, false), "24 hosts"},
		{"24 hosts, a connection of three passwords each", 24, 10_000, 24, sshTries(sshChaCha, "SSH-2.0-OpenSSH_7.4", 3, false), "24 hosts"},

		{"a person mistypes three times", 1, 0, 1, sshTries(sshChaCha, "SSH-2.0-OpenSSH_9.6", 3, false), ""},
		{"and twice before each way in", 10, 60_000, 1, sshTries(sshGalois, "SSH-2.0-OpenSSH_9.6", 3, true), ""},
		{"forty people who mistype once", 80, 60_000, 40, sshTries(sshCounter, "SSH-2.0-PuTTY_Release_0.78", 2, true), ""},
		{"three hosts whose keys have expired, by the clock", 24, 300_000, 3, sshTries(sshChaCha, "SSH-2.0-OpenSSH_9.6", 1, false), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{}
			for i := range c.n {
				w.tcp(outside(byte(66+i%c.clients)), inner(5), 22, int64(i)*c.every, c.lines...)
			}
			class := attack.BruteForce
			if c.words == "" {
				class = attack.Benign
			}
			expect(t, w.findings(newBruteForce(DefaultBruteForceConfig())), class, outside(66), c.words)
		})
	}
}
