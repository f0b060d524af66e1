package main

import (
	"fmt"
	"math"
	"reflect"

	"firetower/internal/behaviour"
)

// limit is one number of behaviour.Config.
type limit struct {
	group int // index of the behaviour's own Config within behaviour.Config
	field int
	name  string // as "PortScan.Vertical"
}

// limits lists every number of every behaviour's own Config.
func limits() (all []limit) {
	t := reflect.TypeFor[behaviour.Config]()
	for g := range t.NumField() {
		own := t.Field(g).Type
		if own.Kind() != reflect.Struct {
			continue
		}
		for f := range own.NumField() {
			switch own.Field(f).Type.Kind() {
			case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64:
				all = append(all, limit{g, f, t.Field(g).Name + "." + own.Field(f).Name})
			}
		}
	}
	return all
}

func (l limit) of(cfg *behaviour.Config) reflect.Value {
	return reflect.ValueOf(cfg).Elem().Field(l.group).Field(l.field)
}

// times gives cfg with the limit at a multiple of what it is by default.
func (l limit) times(cfg behaviour.Config, multiple float64) behaviour.Config {
	base := behaviour.DefaultConfig()
	from, to := l.of(&base), l.of(&cfg)
	switch {
	case from.CanFloat():
		to.SetFloat(from.Float() * multiple)
	case from.CanInt():
		to.SetInt(max(1, int64(math.Round(float64(from.Int())*multiple))))
	default:
		to.SetUint(max(1, uint64(math.Round(float64(from.Uint())*multiple))))
	}
	return cfg
}

// multiple says how many times its default the limit is in cfg.
func (l limit) multiple(cfg behaviour.Config) float64 {
	base := behaviour.DefaultConfig()
	number := func(v reflect.Value) float64 {
		switch {
		case v.CanFloat():
			return v.Float()
		case v.CanInt():
			return float64(v.Int())
		}
		return float64(v.Uint())
	}
	return number(l.of(&cfg)) / number(l.of(&base))
}

// ownConfig gives the part of cfg that is a behaviour's own, as text, "" if it has none.
func ownConfig(cfg *behaviour.Config, group int) string {
	if group < 0 {
		return ""
	}
	return fmt.Sprint(reflect.ValueOf(cfg).Elem().Field(group))
}
