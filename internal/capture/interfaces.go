package capture

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Interface is a network interface that can be captured from.
type Interface struct {
	Name     string
	Up       bool
	Loopback bool
	Addrs    []netip.Prefix
}

// Interfaces lists the interfaces, the likeliest to be meant first: up, not
// loopback, with an address.
func Interfaces() ([]Interface, error) {
	found, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("cannot list interfaces: %w", err)
	}
	list := make([]Interface, 0, len(found))
	for _, f := range found {
		i := Interface{Name: f.Name, Up: f.Flags&net.FlagUp != 0, Loopback: f.Flags&net.FlagLoopback != 0}
		addrs, _ := f.Addrs() // an interface that has just gone has none
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				i.Addrs = append(i.Addrs, p)
			}
		}
		list = append(list, i)
	}
	slices.SortStableFunc(list, func(a, b Interface) int { return cmp.Compare(b.rank(), a.rank()) })
	return list, nil
}

// rank is higher for interfaces that are likelier to be meant.
func (i Interface) rank() int {
	rank := 0
	if i.Up {
		rank += 4
	}
	if !i.Loopback {
		rank += 2
	}
	if len(i.Addrs) > 0 {
		rank++
	}
	return rank
}

// names lists the interfaces for an error message.
func names() string {
	list, err := Interfaces()
	if err != nil || len(list) == 0 {
		return "none"
	}
	var s []string
	for _, i := range list {
		s = append(s, i.Name)
	}
	return strings.Join(s, ", ")
}
