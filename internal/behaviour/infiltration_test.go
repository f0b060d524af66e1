package behaviour

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// smb makes an SMB2 request behind its length.
func smb(command uint16, body string) string {
	h := make([]byte, 68, 68+len(body))
	binary.BigEndian.PutUint32(h, uint32(64+len(body)))
	copy(h[4:], "\xfeSMB\x40")
	binary.LittleEndian.PutUint16(h[16:], command)
	return string(h) + body
}

// utf16 writes a name as SMB does.
func utf16(s string) string {
	return strings.Join(strings.Split(s, ""), "\x00") + "\x00"
}

// call makes a DCE/RPC bind (11) or request (0).
func call(kind byte, operation uint16, rest string) string {
	h := make([]byte, 24, 24+len(rest))
	h[0], h[2], h[3], h[4] = 5, kind, 3, 0x10
	binary.LittleEndian.PutUint16(h[8:], uint16(24+len(rest)))
	binary.LittleEndian.PutUint16(h[22:], operation)
	return string(h) + rest
}

// ntlm is the message of NTLM that names who logs in, with the proof.
func ntlm(user string) string {
	m := make([]byte, 88)
	copy(m, "NTLMSSP\x00\x03")
	name := ""
	if user != "" {
		name = utf16(user)
	}
	m[36], m[38] = byte(len(name)), byte(len(name))
	m[40] = byte(len(m))
	return string(m) + name
}

// smbDone is the server's answer to it: welcome.
var smbDone = func() string {
	h := make([]byte, 72)
	copy(h, "\x00\x00\x00\x44\xfeSMB\x40")
	h[16], h[20] = 1, 1
	return string(h)
}()

// readReply is the server's answer to a read: the data stand behind its 16 bytes.
func readReply(data string) string {
	m := []byte(smb(8, "\x11\x00\x50\x00"+strings.Repeat("\x00", 12)+data))
	m[20] |= 1
	return string(m)
}

const (
	bindDirectory  = "\x01\x00\x00\x00\x00\x00\x01\x00\x35\x42\x51\xe3\x06\x4b\xd1\x11\xab\x04\x00\xc0\x4f\xc2\xdc\xd2"
	bindMapper     = "\x01\x00\x00\x00\x00\x00\x01\x00\x08\x83\xaf\xe1\x1f\x5d\xc9\x11\x91\xa4\x08\x00\x2b\x14\xa0\xfa"
	bindPrinting   = "\x01\x00\x00\x00\x00\x00\x01\x00\x78\x56\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\x89\xab"
	bindServices   = "\x01\x00\x00\x00\x00\x00\x01\x00\x81\xbb\x7a\x36\x44\x98\xf1\x35\xad\x32\x98\xf0\x38\x00\x10\x03"
	bindNetlogon   = "\x01\x00\x00\x00\x00\x00\x01\x00\x78\x56\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\xcf\xfb"
	bindActivation = "\x01\x00\x00\x00\x00\x00\x01\x00\xa0\x01\x00\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"
	bindWMI        = "\x01\x00\x00\x00\x00\x00\x01\x00\x18\xad\x09\xf3\x6a\xd8\xd0\x11\xa0\x75\x00\xc0\x4f\xb6\x88\x20"
	bindTasks      = "\x01\x00\x00\x00\x00\x00\x01\x00\x49\x59\xd3\x86\xc9\x83\x44\x40\xb4\x24\xdb\x36\x32\x31\xfd\x0c"
)

func TestInfiltration(t *testing.T) {
	mallory, victim := inner(66), inner(7)
	desktop := func(keys int) []line {
		lines := []line{up("\x03\x00\x00\x25\x20\xe0\x00\x00\x00\x00\x00Cookie: mstshash=ann\r\n\x01\x00\x08")}
		for i := range keys {
			lines = append(lines, up(strings.Repeat("k", 60)).after(200), down(strings.Repeat("d", 90+i%7)))
		}
		return lines
	}
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(*wire)
	}{
		{"psexec", attack.Infiltration, "a service created remotely", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\ADMIN$`))), up(smb(5, utf16("PSEXESVC.exe"))), up(smb(9, strings.Repeat("\x00", 48)+"MZ\x90\x00")))
			w.tcp(mallory, victim, 49700, 100, up(call(11, 0, bindServices)), up(call(0, 12, "x")), up(call(0, 19, "x")))
		}},
		{"scheduled task", attack.Infiltration, "a scheduled task", func(w *wire) {
			w.tcp(mallory, victim, 49701, 0, up(call(11, 0, bindTasks)), up(call(0, 1, "<Task/>")))
		}},
		{"Zerologon", attack.Infiltration, "Zerologon", func(w *wire) {
			for i := range 20 {
				w.tcp(mallory, victim, 49668, int64(i)*50, up(call(11, 0, bindNetlogon)), up(call(0, 26, "name...................."+strings.Repeat("\x00", 8)+"\xff\xff\x2f\x21")))
			}
		}},
		{"accounts tried by number without a name", attack.Infiltration, "accounts read 5 times", func(w *wire) {
			for i := range 8 {
				w.tcp(mallory, victim, 445, int64(i)*400, up(smb(1, ntlm(""))), down(smbDone), up(smb(5, utf16("samr"))), up(smb(11, call(0, 34, "open"))))
			}
		}},
		{"a program put where the domain runs it", attack.Infiltration, "files all of a domain run", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\dc\SYSVOL`))), up(smb(5, utf16(`lab\upd.exe`))), up(smb(9, strings.Repeat("\x00", 48)+"MZ\x90\x00")))
		}},
		{"a program fetched from there", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\dc\SYSVOL`))), up(smb(5, utf16(`lab\upd.exe`))), up(smb(8, "read")), down("\x00\x00\x10\x00MZ\x90\x00"))
		}},
		{"accounts read by somebody with a name", attack.Benign, "", func(w *wire) {
			for i := range 8 {
				w.tcp(mallory, victim, 445, int64(i)*400, up(smb(1, ntlm("ann"))), down(smbDone), up(smb(5, utf16("samr"))), up(smb(11, call(0, 34, "open"))))
			}
		}},
		{"all accounts opened by somebody with a name", attack.Infiltration, "accounts opened one after the other", func(w *wire) {
			lines := []line{up(smb(1, ntlm("ann"))), down(smbDone), up(smb(5, utf16("samr")))}
			for i := range 40 {
				lines = append(lines, up(smb(11, call(0, 34, strings.Repeat("h", 24)+fmt.Sprintf("%04d", i)))), down(smbDone))
			}
			w.tcp(mallory, victim, 445, 0, lines...)
		}},
		{"one account opened again and again", attack.Benign, "", func(w *wire) {
			lines := []line{up(smb(1, ntlm("ann"))), down(smbDone), up(smb(5, utf16("samr")))}
			for range 60 {
				lines = append(lines, up(smb(11, call(0, 34, strings.Repeat("h", 24)+"1104"))), down(smbDone))
			}
			w.tcp(mallory, victim, 445, 0, lines...)
		}},
		{"shares listed without a name", attack.Benign, "", func(w *wire) {
			for i := range 8 {
				w.tcp(mallory, victim, 445, int64(i)*400, up(smb(1, ntlm(""))), down(smbDone), up(smb(5, utf16("srvsvc"))), up(smb(11, call(0, 15, "list"))))
			}
		}},
		{"a program to be started, by the registry", attack.Infiltration, "a setting written remotely", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\IPC$`))), up(smb(5, utf16("winreg"))), up(smb(11, call(0, 6, utf16(`Software\Microsoft\Windows\CurrentVersion\Run`)))), up(smb(11, call(0, 22, utf16("updater")))))
		}},
		{"the domain's accounts, from its disk", attack.Infiltration, "the domain's accounts", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\C$`))), up(smb(5, utf16(`Windows\NTDS\ntds.dit`))))
		}},
		{"a test for MS17-010, of which the answer shows", attack.Infiltration, "MS17-010", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up("\x00\x00\x00\x23\xffSMB\x25"+strings.Repeat("\x00", 30)), down("\x00\x00\x00\x23\xffSMB\x25\x05\x02\x00\xc0\x98"+strings.Repeat("\x00", 25)))
		}},
		{"a dump of lsass", attack.Infiltration, "a dump of lsass", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\C$`))), up(smb(5, utf16(`Windows\Temp\lsass.DMP`))))
		}},
		{"a hive that was saved before", attack.Infiltration, "a registry hive", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\ADMIN$`))), up(smb(5, utf16(`Temp\qzPkLmXa.tmp`))), up(smb(8, "")), down(readReply("regf\x01\x00\x00\x00")))
		}},
		{"somebody's own hive, from the share of profiles", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\profiles$`))), up(smb(5, utf16(`ann\NTUSER.DAT`))), up(smb(8, "")), down(readReply("regf\x01\x00\x00\x00")))
		}},
		{"the boot key", attack.Infiltration, "or its key", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\IPC$`))), up(smb(5, utf16("winreg"))), up(smb(11, call(0, 15, utf16(`SYSTEM\CurrentControlSet\Control\Lsa\JD`)))))
		}},
		{"the registry looked at and written", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\IPC$`))), up(smb(5, utf16("winreg"))), up(smb(11, call(0, 17, utf16(`Software\Microsoft\Windows NT\CurrentVersion`)))), up(smb(11, call(0, 22, utf16("Timeout")))))
		}},
		{"reverse shell", attack.Infiltration, "a shell's prompt", func(w *wire) {
			w.tcp(victim, mallory, 4444, 0, up("Microsoft Windows [Version 6.1.7601]\r\n"), down("whoami\r\n"), up("victim\\ann\r\n"))
		}},
		{"bound shell, typed commands", attack.Infiltration, "a shell's prompt", func(w *wire) {
			w.tcp(mallory, victim, 6200, 0, up("id\n"), down("..."), up("uname -a\n"), down("..."))
		}},
		{"stage fetched by the victim", attack.Infiltration, "a program sent", func(w *wire) {
			w.tcp(victim, mallory, 4444, 0, down("\x00\x5e\x0b\x00MZARUH\x89\xe5"+strings.Repeat("\x00", 900)))
		}},
		{"exploit of SMB1", attack.Infiltration, "MS17-010", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up("\x00\x00\x00\x50\xffSMB\xa0"+strings.Repeat("\x00", 27)+"\x14\x01\x00\x00\x1e\x00\x00\x00\xd0\x03\x01\x00"+strings.Repeat("\x00", 36)))
		}},
		{"remote management", attack.Infiltration, "Windows Remote Management", func(w *wire) {
			for i := range 8 {
				w.tcp(mallory, victim, 5985, int64(i)*800, up("POST /wsman HTTP/1.1\r\nHost: h\r\nUser-Agent: Ruby WinRM Client\r\n\r\n<s:Envelope/>"), down("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"))
			}
		}},
		{"scripted desktops", attack.Infiltration, "remote desktop sessions", func(w *wire) {
			w.tcp(mallory, victim, 3389, 0, desktop(60)...)
			w.tcp(mallory, victim, 3389, 30_000, desktop(62)...)
		}},
		{"one desktop", attack.Benign, "", func(w *wire) { w.tcp(mallory, victim, 3389, 0, desktop(200)...) }},
		{"two desktops of a person", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 3389, 0, desktop(70)...)
			w.tcp(mallory, victim, 3389, 60_000, desktop(160)...)
		}},
		{"a printer's change asked about by a tool", attack.Infiltration, "authenticate elsewhere", func(w *wire) {
			w.tcp(mallory, victim, 49670, 0, up(call(11, 0, bindPrinting)), up(call(0, 1, "x")), up(call(0, 65, "x")))
		}},
		{"the same by a tool that opens it as clients do", attack.Infiltration, "authenticate elsewhere", func(w *wire) {
			w.tcp(mallory, victim, 49670, 0, up(call(11, 0, bindPrinting)), up(call(0, 69, "x")), up(call(0, 65, "x")))
		}},
		{"the same by whoever prints", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 49670, 0, up(call(11, 0, bindPrinting)), up(call(0, 69, "x")), up(call(0, 8, "x")), up(call(0, 65, "x")))
		}},
		{"secrets by replication", attack.Infiltration, "replication", func(w *wire) {
			w.tcp(mallory, victim, 49155, 0, up(call(11, 0, bindDirectory)), up(call(0, 3, "x")), down(strings.Repeat("y", 900)))
		}},
		{"the same between controllers", attack.Benign, "", func(w *wire) {
			w.tcp(inner(9), mallory, 389, 0, up("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"), down("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"))
			w.tcp(mallory, victim, 49155, 5000, up(call(11, 0, bindDirectory)), up(call(0, 3, "x")), down(strings.Repeat("y", 900)))
		}},
		{"the same by one at which another looks for the same", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 49155, 0, up(call(11, 0, bindDirectory)), up(call(0, 3, "x")), down(strings.Repeat("y", 900)))
			w.tcp(victim, mallory, 135, 1000, up(call(11, 0, bindMapper)), down(call(12, 0, "")), up(call(0, 3, bindDirectory[8:])), down(call(2, 0, "there")))
		}},
		{"the same between controllers, of which the caller is known later", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 49155, 0, up(call(11, 0, bindDirectory)), up(call(0, 3, "x")), down(strings.Repeat("y", 900)))
			w.tcp(victim, mallory, 49155, 20_000, up(call(11, 0, bindDirectory)), up(call(0, 3, "x")), down(strings.Repeat("y", 900)))
		}},
		{"a method called over WMI", attack.Infiltration, "had them do something", func(w *wire) {
			w.tcp(mallory, victim, 135, 0, up(call(11, 0, bindActivation)), up(call(0, 4, "x")))
			w.tcp(mallory, victim, 49155, 100, up(call(11, 0, bindWMI)), up(call(0, 6, "x")), up(call(0, 24, "x")))
		}},
		{"questions over WMI, again and again", attack.Benign, "", func(w *wire) {
			for i := range 20 {
				w.tcp(mallory, victim, 135, int64(i)*30_000, up(call(11, 0, bindActivation)), up(call(0, 4, "x")))
				w.tcp(mallory, victim, 49155, int64(i)*30_000+100, up(call(11, 0, bindWMI)), up(call(0, 6, "x")), up(call(0, 20, "x")), up(call(0, 3, "x")), up(call(0, 3, "x")), up(call(0, 3, "x")))
			}
		}},
		{"file share", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\IPC$`))), up(smb(3, utf16(`\\h\music`))), up(smb(5, utf16(`a\setup.exe`))), up(smb(9, strings.Repeat("\x00", 48)+"MZ\x90\x00")))
		}},
		{"services looked at", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\IPC$`))), up(smb(5, utf16("svcctl"))), up(smb(9, call(11, 0, bindServices))), up(smb(9, call(0, 6, "query"))))
		}},
		{"a service whose program becomes a shell", attack.Infiltration, "a setting written remotely", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\IPC$`))), up(smb(5, utf16("svcctl"))), up(smb(9, call(11, 0, bindServices))),
				up(smb(9, call(0, 23, "....cmd /c powershell -nop -enc SQBFAFgA"))), up(smb(9, call(0, 31, "start"))))
		}},
		{"a service that is set to start by itself, and started", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 445, 0, up(smb(3, utf16(`\\h\IPC$`))), up(smb(5, utf16("svcctl"))), up(smb(9, call(11, 0, bindServices))),
				up(smb(9, call(0, 11, utf16(`C:\Program Files\backup\agent.exe`)))), up(smb(9, call(0, 19, "start"))))
		}},
		{"log-in to the domain", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 49668, 0, up(call(11, 0, bindNetlogon)), up(call(0, 26, "name....................\x9c\x01\x55\x20\x7f\x00\x00\x12\xff\xff\x2f\x21")))
		}},
		{"shell over Telnet", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 23, 0, down("\xff\xfd\x18login: "), up("ann\r\n"), down("uid=0(root) gid=0(root)\r\n"))
		}},
		{"file transfer of a program", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, victim, 50123, 0, down("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"+strings.Repeat("\x00", 900)))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newInfiltration(DefaultInfiltrationConfig())), tt.class, mallory, tt.words)
		})
	}
}

// TestInfiltrationBounded shows more pairs than are kept.
func TestInfiltrationBounded(t *testing.T) {
	cfg := DefaultInfiltrationConfig()
	cfg.Pairs = 64
	b := newInfiltration(cfg)
	var w wire
	for i := range 300 {
		w.tcp(v4(10, 1, byte(i>>8), byte(i)), inner(1), 445, int64(i)*10, up(smb(3, utf16(fmt.Sprintf(`\\h%d\ADMIN$`, i)))))
	}
	w.findings(b)
	if s := b.Stats(); s.Entries > 64 || s.Evictions == 0 {
		t.Errorf("%+v", s)
	}
}
