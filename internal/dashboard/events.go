package dashboard

import (
	"fmt"
	"net/http"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

// pulse is how often an idle stream says that it is alive.
const pulse = 15 * time.Second

// serveEvents streams rates and incidents as server-sent events.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	c, err := s.hub.subscribe()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.hub.leave(c)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not collect
	stream := http.NewResponseController(w)
	write := func(text string) bool {
		_ = stream.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := fmt.Fprint(w, text); err != nil {
			return false
		}
		return stream.Flush() == nil
	}
	if !write("retry: 3000\n\n") {
		return
	}
	idle := time.NewTicker(pulse)
	defer idle.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-idle.C:
			if !s.known(r) || !write(": here\n\n") { // a session that has ended ends its stream
				return
			}
		case m, open := <-c:
			if !open || !write("event: "+m.name+"\ndata: "+string(m.data)+"\n\n") {
				return
			}
		}
	}
}

// Glance is an incident as a line of a list.
type Glance struct {
	ID         string       `json:"id"`
	Class      attack.Class `json:"class"`
	ClassTitle string       `json:"class_title"`
	Title      string       `json:"title"`
	Reason     string       `json:"reason"`
	Confidence float64      `json:"confidence"`
	Severity   int          `json:"severity"`
	Urgency    string       `json:"urgency"`
	Start      time.Time    `json:"start"`
	End        time.Time    `json:"end"`
	Flows      int          `json:"flows"`
	Revision   int          `json:"revision"`
}

func glance(inc *incident.Incident) Glance {
	return Glance{
		ID: inc.ID, Class: inc.Class, ClassTitle: inc.Class.Title(), Title: inc.Title, Severity: inc.Severity,
		Reason: inc.Reason, Confidence: inc.Confidence, Urgency: urgency(inc.Severity), Start: inc.Start, End: inc.End, Flows: inc.Flows, Revision: inc.Revision,
	}
}
