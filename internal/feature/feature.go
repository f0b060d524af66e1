// Package feature declares every column that Firetower computes of a flow, once:
// name, unit, meaning, and how it is computed. Training and service meet here, so
// that a number means the same in both.
package feature
