package alert

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"firetower/internal/store"
)

// plan is what a worker does with the alerts that are due.
type plan struct {
	old  []int64 // to drop
	hold []holding
	send []batch // in this order
}

type holding struct {
	ids   []int64
	until time.Time
	why   string
}

// batch is one message and the alerts that it carries.
type batch struct {
	message  Message
	ids      []int64
	attempts int
}

// topic is all that is due of one key, as one item: a person who was away wants
// to read how large it is now, not how it grew.
type topic struct {
	ids      []int64
	item     Item
	held     string
	attempts int
	first    store.Alert
}

// plan decides what goes now, in which messages, and what waits until when.
func (w *worker) plan(ctx context.Context, due []store.Alert, now time.Time) (plan, error) {
	var p plan
	topics, old := gather(due, now, w.Policy.GiveUp)
	p.old = old
	var single, together []topic
	for _, t := range topics {
		until, why := w.Policy.Ready(t.item.Severity(), t.item.Created.In(now.Location()), now)
		switch {
		case why != "" && t.item.Kind != Test:
			p.holdTopics([]topic{t}, until, why)
		case t.held != "":
			together = append(together, t)
		default:
			single = append(single, t)
		}
	}
	room, urgentRoom, freeAt, err := w.room(ctx, now)
	if err != nil {
		return plan{}, err
	}
	// Urgent ones first, else in the order of time.
	slices.SortStableFunc(single, func(a, b topic) int { return cmp.Compare(a.urgency(), b.urgency()) })
	if len(together) > 0 {
		if room <= 0 {
			p.holdTopics(together, freeAt, "budget")
		} else {
			p.send = append(p.send, digest(together, w.Policy))
			room--
			urgentRoom--
		}
	}
	var waiting []topic
	for _, t := range single {
		if room > 0 || (t.urgency() == 0 && urgentRoom > 0) {
			p.send = append(p.send, batch{message: Message{Items: []Item{t.item}}, ids: t.ids, attempts: t.attempts})
			p.send[len(p.send)-1].message.ID = messageID([]store.Alert{t.first})
			room--
			urgentRoom--
		} else {
			waiting = append(waiting, t)
		}
	}
	if len(waiting) > 0 {
		p.holdTopics(waiting, freeAt, "budget")
		if n := len(p.send); n > 0 {
			p.send[n-1].message.HeldBack = fmt.Sprintf("%d more alerts are held back by the budget of %d messages an hour. They come together about %s.",
				len(waiting), w.Policy.PerHour, freeAt.Format("15:04"))
		}
	}
	return p, nil
}

// urgency is 0 for what goes first.
func (t topic) urgency() int {
	if t.item.Severity() == 1 {
		return 0
	}
	return 1
}

func (p *plan) holdTopics(topics []topic, until time.Time, why string) {
	for _, t := range topics {
		if i := slices.IndexFunc(p.hold, func(h holding) bool { return h.why == why && h.until.Equal(until) }); i >= 0 {
			p.hold[i].ids = append(p.hold[i].ids, t.ids...)
			continue
		}
		p.hold = append(p.hold, holding{ids: slices.Clone(t.ids), until: until, why: why})
	}
}

// room is how many messages the budget leaves for this hour, how many if they
// are of the most urgent, for whom a fifth is kept, and when there is room again.
func (w *worker) room(ctx context.Context, now time.Time) (room, urgent int, freeAt time.Time, err error) {
	if w.Policy.PerHour == 0 {
		return dueLimit, dueLimit, now, nil
	}
	sent, first, err := w.outbox.MessagesSince(ctx, w.Name, now.Add(-time.Hour))
	if err != nil {
		return 0, 0, now, err
	}
	urgent = w.Policy.PerHour - sent
	freeAt = now.Add(time.Hour)
	if !first.IsZero() {
		freeAt = first.In(now.Location()).Add(time.Hour + time.Second)
	}
	return urgent - w.Policy.PerHour/5, urgent, freeAt, nil
}

// gather joins what is due by key, in the order of the first of each, and lists
// what is too old to be news.
func gather(due []store.Alert, now time.Time, giveUp time.Duration) (topics []topic, old []int64) {
	at := make(map[string]int)
	for _, a := range due {
		if giveUp > 0 && now.Sub(a.Created) > giveUp {
			old = append(old, a.ID)
			continue
		}
		it, ok := decode(a)
		if !ok {
			old = append(old, a.ID)
			continue
		}
		i, known := at[a.Key]
		if !known {
			at[a.Key] = len(topics)
			topics = append(topics, topic{ids: []int64{a.ID}, item: it, held: a.Held, attempts: a.Attempts, first: a})
			continue
		}
		t := &topics[i]
		first := t.item
		t.ids = append(t.ids, a.ID)
		t.item = it
		t.item.Kind, t.item.Before, t.item.Created = first.Kind, first.Before, first.Created
		t.attempts = max(t.attempts, a.Attempts)
		if a.Held != "" {
			t.held = a.Held
		}
	}
	for i := range topics {
		topics[i].item.Held = topics[i].held
	}
	return topics, old
}

func decode(a store.Alert) (Item, bool) {
	var it Item
	err := json.Unmarshal(a.Body, &it)
	return it, err == nil && (it.Incident != nil || it.Notice != nil)
}

// digest makes one message of many topics, the most urgent first.
func digest(topics []topic, p Policy) batch {
	slices.SortStableFunc(topics, func(a, b topic) int { return cmp.Compare(a.item.Severity(), b.item.Severity()) })
	b := batch{message: Message{Digest: len(topics) > 1}}
	why := map[string]int{}
	firsts := make([]store.Alert, len(topics))
	for i, t := range topics {
		b.ids = append(b.ids, t.ids...)
		b.attempts = max(b.attempts, t.attempts)
		b.message.Items = append(b.message.Items, t.item)
		why[t.held]++
		firsts[i] = t.first
	}
	var parts []string
	for _, reason := range []string{"quiet hours", "budget", "digest"} {
		if n := why[reason]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, heldWords(reason, p)))
		}
	}
	b.message.HeldBack = "Held back until now: " + strings.Join(parts, ", ") + "."
	b.message.ID = messageID(firsts)
	return b
}

func heldWords(reason string, p Policy) string {
	switch reason {
	case "budget":
		return fmt.Sprintf("by the budget of %d messages an hour", p.PerHour)
	case "digest":
		return fmt.Sprintf("for the digest every %s", p.Digest)
	}
	return "by the quiet hours"
}

// messageID is the same whenever the same alerts are tried again.
func messageID(alerts []store.Alert) string {
	h := sha256.New()
	for _, a := range alerts {
		fmt.Fprintf(h, "%q %q %d %q\n", a.Sink, a.Key, a.Revision, a.Kind)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
