package lab

import (
	"context"
	_ "embed" // the table of habits
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// habit is what devices, programs and administrators do day in, day out: a line of
// shell of habits.tsv. Names in capitals are hosts and dice, see Run.habit.
type habit struct {
	name string
	who  string // one of the people, all of them, a device of its own, or a visitor from outside
	long time.Duration
	line string
}

// habits are played one by one and, as medley, many at once.
func habits() []Scenario {
	table := habitTable()
	var all []Scenario
	for _, h := range table {
		all = append(all, benign(h.name, h.long, func(ctx context.Context, r *Run) error { return h.play(ctx, r, 0) }))
	}
	return append(all, benign("medley", 80*time.Second, func(ctx context.Context, r *Run) error {
		var mine []habit
		for _, i := range r.Perm(len(table))[:8] {
			mine = append(mine, table[i])
			r.note(table[i].name)
			if err := r.prepare(ctx, table[i].line); err != nil {
				return err
			}
		}
		var wg sync.WaitGroup
		failed := make([]error, len(mine))
		for i, h := range mine {
			own := r.fork()
			wg.Go(func() {
				pause(ctx, own.seconds(0, 10))
				failed[i] = h.play(ctx, own, i)
			})
		}
		wg.Wait()
		return errors.Join(failed...)
	}))
}

// play starts what the line needs and has it run by whoever does that; first says
// which of the people, if it is one.
func (h habit) play(ctx context.Context, r *Run, first int) error {
	if err := r.prepare(ctx, h.line); err != nil {
		return err
	}
	switch h.who {
	case "all":
		r.each(ctx, func(ctx context.Context, p *Host, r *Run) { r.habit(ctx, p, h.line) })
	case "visitor":
		r.habit(ctx, r.made["visitor"], h.line)
	case "device":
		d, err := r.host(ctx, h.name, true)
		if err != nil {
			return err
		}
		r.habit(ctx, d, h.line)
	default:
		r.habit(ctx, r.People[first%len(r.People)], h.line)
	}
	return nil
}

//go:embed habits.tsv
var habitLines string

// habitTable reads the table: name, who, seconds, line of shell.
func habitTable() []habit {
	var all []habit
	for _, l := range strings.Split(strings.TrimSpace(habitLines), "\n")[1:] {
		c := strings.SplitN(l, "\t", 4)
		seconds, _ := strconv.Atoi(c[2])
		all = append(all, habit{c[0], c[1], time.Duration(seconds) * time.Second, c[3]})
	}
	return all
}

// needed are the words of a line that stand for something the office has not, and
// what starts it.
var needed = []struct {
	word  string
	start func(ctx context.Context, r *Run) error
}{
	{"CLOUD", startCloud},
	{"CLOUDSSH", func(ctx context.Context, r *Run) error { return r.shellServer(ctx, "cloud", false) }},
	{"NODE1", func(ctx context.Context, r *Run) error { return r.shellServer(ctx, "node1", true) }},
	{"NODE2", func(ctx context.Context, r *Run) error { return r.shellServer(ctx, "node2", true) }},
	{"NODE3", func(ctx context.Context, r *Run) error { return r.shellServer(ctx, "node3", true) }},
	{"PORTAL", startService("portal")},
	{"REGISTRAR", startService("sip")},
	{"LDAP", startService("ldap")},
	{"POSTGRES", startService("postgres")},
	{"9100", func(_ context.Context, r *Run) error {
		return r.Files.Serve("socat", "-u", "TCP-LISTEN:9100,fork,reuseaddr", "OPEN:/dev/null")
	}},
	{"HTTP2", func(_ context.Context, r *Run) error {
		return r.News.Serve("nghttpd", "-d", r.News.Dir+"/site", "8443", r.News.Dir+"/key.pem", r.News.Dir+"/cert.pem")
	}},
}

// prepare starts what a line needs, once a run.
func (r *Run) prepare(ctx context.Context, line string) error {
	for _, n := range needed {
		if !strings.Contains(line, n.word) || !r.first(n.word) {
			continue
		}
		if err := n.start(ctx, r); err != nil {
			return fmt.Errorf("starting %s: %w", n.word, err)
		}
	}
	if _, err := r.host(ctx, "visitor", false); err != nil {
		return err
	}
	if _, err := r.Key(ctx); err != nil {
		return err
	}
	pause(ctx, 500*time.Millisecond)
	return nil
}

// first says whether nobody asked for that word before.
func (r *Run) first(word string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ready[word] {
		return false
	}
	r.ready[word] = true
	return true
}

// startCloud starts what devices and programs talk to outside.
func startCloud(ctx context.Context, r *Run) error {
	h, err := r.host(ctx, "cloud", false)
	if err != nil {
		return err
	}
	if err := h.ServeSite(ctx, r.Rand, 0); err != nil {
		return err
	}
	program, err := h.script(scripts["CHATTER"])
	if err != nil {
		return err
	}
	for _, serve := range []string{"echo x 27015 200", "echo x 3479 200", "pushed x 5228 200"} {
		if err := h.Serve("sh", "-c", program+" "+serve); err != nil {
			return err
		}
	}
	return nil
}

// shellServer makes a host that is reached over SSH.
func (r *Run) shellServer(ctx context.Context, name string, inside bool) error {
	h, err := r.host(ctx, name, inside)
	if err != nil {
		return err
	}
	return h.ServeSSH(ctx, 22)
}

func startService(name string) func(context.Context, *Run) error {
	return func(ctx context.Context, r *Run) error {
		_, err := r.service(ctx, name)
		return err
	}
}

// habit fills in a line and runs it on a host.
func (r *Run) habit(ctx context.Context, h *Host, line string) {
	u := Users[r.IntN(3)]
	with := []string{"CLOUDSSH", r.addrOf("cloud"), "CLOUD", r.addrOf("cloud"), "NODE1", r.addrOf("node1"), "NODE2", r.addrOf("node2"), "NODE3", r.addrOf("node3"),
		"PORTAL", r.addrOf("portal"), "REGISTRAR", r.addrOf("sip"), "LDAP", r.addrOf("ldap"), "POSTGRES", r.addrOf("postgres"), "HTTP2", r.News.Addr.String(),
		"KEYFILE", r.World.Dir + "/userkey", "USER", u.Name, "SSHOPTIONS", sshOptions, "RESTIC_PASSWORD", "RESTIC_PASSWORD", "PGPASSWORD", "PGPASSWORD", "PASSWORD", u.Password, "DICE", fmt.Sprint(r.IntN(10)),
		"SHOP", r.Shop.Addr.String(), "MAIL", r.Mail.Addr.String(), "FILES", r.Files.Addr.String(), "DNS", r.DNS.Addr.String(), "NEWS", r.News.Addr.String()}
	line = replace(line, with...)
	for name, file := range scripts {
		if strings.HasPrefix(line, name+" ") {
			program, err := h.script(file)
			if err != nil {
				r.Log.Error("not played", "line", line, "why", err)
				return
			}
			line = program + strings.TrimPrefix(line, name)
		}
	}
	h.Run(ctx, "sh", "-c", line)
}

// addrOf gives the address of a host that prepare made, nothing if it did not.
func (r *Run) addrOf(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, ok := r.made[name]; ok {
		return h.Addr.String()
	}
	return ""
}
