package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Office is a small company's network: a name server, a web shop, a mail server, a
// file server reached over SSH, people's machines, and a news site outside.
type Office struct {
	*World
	DNS, Shop, Mail, Files, News *Host
	People                       []*Host
	rng                          *rand.Rand
}

// OpenOffice starts its servers.
func OpenOffice(ctx context.Context, w *World, rng *rand.Rand, people int) (*Office, error) {
	o := &Office{World: w, rng: rng}
	news := netip.AddrFrom4([4]byte{198, 51, 100, byte(20 + rng.IntN(200))})
	for _, s := range []struct {
		at   **Host
		name string
		addr netip.Addr
	}{
		{&o.DNS, "dns", w.At(53)}, {&o.Shop, "shop", w.At(10)}, {&o.Mail, "mail", w.At(25)}, {&o.Files, "files", w.At(22)}, {&o.News, "news", news},
	} {
		h, err := w.Host(ctx, s.name, s.addr)
		if err != nil {
			return nil, err
		}
		*s.at = h
	}
	for i := range people {
		if w.Setting.Shared {
			i = 0
		}
		h, err := w.Host(ctx, fmt.Sprintf("user%d", i+1), w.At(byte(101+i)))
		if err != nil {
			return nil, err
		}
		o.People = append(o.People, h)
	}
	names := map[string]netip.Addr{}
	for _, h := range []*Host{o.Shop, o.Mail, o.Files, o.News} {
		names[h.Name+".lab"] = h.Addr
	}
	for _, start := range []func() error{
		func() error { return o.DNS.ServeDNS(ctx, names) },
		func() error { return o.Shop.ServeShop(ctx, 8000) },
		func() error { return o.Shop.ServeSite(ctx, rng, 8000) },
		func() error { return o.News.ServeSite(ctx, rng, 0) },
		func() error { return o.Mail.ServeMail(ctx) },
		func() error { return o.Files.ServeSSH(ctx, 22) },
	} {
		if err := start(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Life lets every person work until ctx ends.
func (o *Office) Life(ctx context.Context) {
	done := make(chan struct{})
	for i, h := range o.People {
		rng := rand.New(rand.NewPCG(o.rng.Uint64(), uint64(i)))
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				pause(ctx, time.Duration(rng.ExpFloat64()*float64(3*time.Second)))
				switch rng.IntN(6) {
				case 0, 1:
					o.browse(ctx, h, rng, "http://news.lab/")
				case 2:
					o.browse(ctx, h, rng, "http://shop.lab/")
				case 3:
					o.mail(ctx, h, rng)
				case 4:
					o.work(ctx, h, rng)
				default:
					o.lookUp(ctx, h, rng)
				}
			}
		}()
	}
	for range o.People {
		<-done
	}
}

func (o *Office) browse(ctx context.Context, h *Host, rng *rand.Rand, url string) {
	h.Self(ctx, "browse", "-url", url, "-pages", fmt.Sprint(1+rng.IntN(5)), "-seed", fmt.Sprint(rng.Uint64()), "-think", "2s")
}

// mail writes a letter to somebody and reads its own.
func (o *Office) mail(ctx context.Context, h *Host, rng *rand.Rand) {
	from, to := Users[rng.IntN(len(Users))], Users[rng.IntN(len(Users))]
	h.Run(ctx, "swaks", "--server", "mail.lab", "--from", from.Name+"@lab", "--to", to.Name+"@lab", "--h-Subject", "about tomorrow",
		"--body", fmt.Sprintf("%0*d\n", 200+rng.IntN(4000), 7), "--timeout", "8")
	url := "imap://mail.lab/INBOX;MAILINDEX=1"
	if rng.IntN(3) == 0 {
		url = "pop3://mail.lab/1"
	}
	h.Run(ctx, "curl", "-s", "-m", "8", "-o", "/dev/null", "-u", from.Name+":"+from.Password, url)
}

// work is a session on the file server: commands typed with pauses.
func (o *Office) work(ctx context.Context, h *Host, rng *rand.Rand) {
	key, err := o.Key(ctx)
	if err != nil {
		return
	}
	typed := ""
	for range 2 + rng.IntN(6) {
		typed += fmt.Sprintf("echo 'ls -l /usr/bin | head -%d'; sleep %.1f; ", 5+rng.IntN(60), 0.3+rng.Float64()*2)
	}
	h.Shell(ctx, "(%s echo exit) | timeout 40 ssh %s -T alice@files.lab sh", typed, key)
}

func (o *Office) lookUp(ctx context.Context, h *Host, rng *rand.Rand) {
	for range 1 + rng.IntN(6) {
		name := []string{"news.lab", "shop.lab", "mail.lab", "files.lab", "printer.lab", "update.example", "wpad.lab"}[rng.IntN(7)]
		h.Run(ctx, "getent", "ahostsv4", name)
		pause(ctx, time.Duration(rng.IntN(800))*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
