// Package lab plays real attacks and real daily life between network namespaces
// of its own, so that what happened is known by construction: scenarios with
// parameters drawn from a seed, servers and tools as they are installed on a
// Debian system, a tap that records, and a judge that compares what Firetower
// said with what was played.
//
// Nothing leaves the namespaces: a World has its own bridge, router and hosts,
// no address of the machine and no route to it. Every scenario is bounded in
// time, and closing a World ends every process in it and removes it.
//
// Needs Linux, root, iproute2 and the tools that `lab/install` lists.
package lab
