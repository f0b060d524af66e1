package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"firetower/internal/alert"
)

// maxChat is the length of one chat message; Discord's 2000 is the smallest
// limit among the services.
const maxChat = 1800

// chat sends text through shoutrrr.
type chat struct {
	config  Config
	address string
	service types.Service
	busy    chan struct{} // shoutrrr can not be told to stop; at most one call at a time
}

func newChat(c Config, address string) (alert.Sink, error) {
	quiet := log.New(io.Discard, "", 0) // shoutrrr would log addresses, which are secrets
	r, err := router.New(quiet)
	if err != nil {
		return nil, fmt.Errorf("webhook %s: %w", c.Name, redact(err))
	}
	service, err := r.Locate(address)
	if err != nil {
		return nil, fmt.Errorf("webhook %s: the url is not one that shoutrrr knows (its documentation lists the forms): %w", c.Name, withhold(err, address))
	}
	return &chat{config: c, address: address, service: service, busy: make(chan struct{}, 1)}, nil
}

// Deliver sends the message as a title and text.
func (c *chat) Deliver(ctx context.Context, m *alert.Message) error {
	select {
	case c.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-c.busy }()
		done <- c.service.Send(chatText(m, c.config), &types.Params{})
	}()
	select {
	case err := <-done:
		if err != nil {
			return withhold(err, c.address)
		}
		return nil
	case <-ctx.Done():
		return errors.New("no answer in time")
	}
}

// chatText is plain text, in which nothing that came from a packet can be a
// mention, a link or any other mark-up.
func chatText(m *alert.Message, c Config) string {
	var b strings.Builder
	for i, it := range m.Items {
		if i > 0 {
			b.WriteString("\n")
		}
		part := chatItem(it, c, len(m.Items) == 1)
		if b.Len()+len(part) > maxChat {
			fmt.Fprintf(&b, "... and %d more", len(m.Items)-i)
			break
		}
		b.WriteString(part)
	}
	if m.HeldBack != "" {
		b.WriteString("\n" + defuse(m.HeldBack, 300))
	}
	if c.Sensor != "" {
		b.WriteString("\nFiretower on " + defuse(c.Sensor, 80))
	}
	return b.String()
}

func chatItem(it alert.Item, c Config, full bool) string {
	s := fmt.Sprintf("[%s] %s", alert.SeverityWord(it.Severity()), defuse(alert.Headline(it), 200))
	if it.Kind == alert.Test {
		s = "Test: " + s
	}
	if full {
		switch {
		case it.Notice != nil:
			s += "\n" + defuse(it.Notice.Text, 700)
		case it.Incident != nil:
			s += "\n" + defuse(it.Incident.Reason, 600)
			if it.Incident.Advice != "" {
				s += "\nNext: " + defuse(it.Incident.Advice, 400)
			}
		}
	}
	if it.Held != "" {
		s += " (" + it.Created.UTC().Format(time.RFC3339) + ")"
	}
	if link := alert.Link(c.Dashboard, it); link != "" && full {
		s += "\n" + link
	}
	return s
}

// defuse replaces what is mark-up in Slack, Discord, Teams, Markdown or HTML.
func defuse(s string, limit int) string {
	return replacer.Replace(alert.Line(s, limit))
}

// Look-alikes keep the text readable; a zero-width space breaks what has none.
var replacer = strings.NewReplacer("->", "→", "<", "‹", ">", "›", "&", "＆", "@", "@\u200b", "`", "'", "](", "] (",
	"*", "∗", "_", "_\u200b", "~", "∼", "|", "¦", "://", ":/\u200b/", "#", "#\u200b")
