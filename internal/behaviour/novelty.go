package behaviour

import "firetower/internal/payload"

// What a refused log-in weighs beside one of which nothing more is known.
const (
	weighsNew  = 1.75 // other credentials or another name than before: five are enough, as they are for fail2ban
	weighsFast = 1.5  // sooner after the one before than anybody types
	weighsOld  = 0    // credentials that were refused before, or are tried by the clock: a program that has an old password

	tooFast = 1_500_000 // microseconds between refusals in which nobody types another password
	timer   = 3_500_000 // and after which programs try again by the clock, under one name and with the password that they have; the slowest guesser waits three seconds (hydra at SIP)
)

// novelty weighs refusals by what was offered, where that can be read, else by
// their pace: who guesses offers something new each time.
func (s *target) novelty(t *tries, at int64) float64 {
	secrets, users := s.secrets, s.users
	s.secrets |= t.secrets
	s.users |= t.users
	gap := at - s.last
	fast := t.failed > 0 && gap < tooFast
	if t.failed > 0 {
		if s.even++; gap < timer || max(gap-s.gap, s.gap-gap) > s.gap/20 {
			s.even = 0
		}
		s.last, s.gap = at, gap
	}
	switch {
	case t.secrets == 0 && users != 0 && s.users == users && users.Count() == 1 && s.even > 1:
		return weighsOld
	case t.forms && t.service == payload.HTTP && !t.browser && fast:
		return s.again(secrets, weighsFast)
	case t.forms:
		return s.again(secrets, 1)
	case users != 0 && s.users != users:
		return weighsNew
	case t.secrets == 0 && fast:
		return weighsFast
	case t.secrets == 0:
		return 1
	case t.service == payload.SNMP: // a manager knows several communities
		return s.again(secrets, 1)
	case t.service == payload.Telnet && s.secrets == secrets: // tools fall out of step with the prompts
		return 1
	}
	return s.again(secrets, weighsNew)
}

// again gives what credentials weigh: as much as said if they are new, or if so few
// were repeated that it may be the sketch's doing.
func (s *target) again(before payload.Sketch, weight float64) float64 {
	if s.secrets == before && before != 0 && float64(before.Count()) < max(2, 0.75*s.failed) {
		return weighsOld
	}
	return weight
}
