package report

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"io"
	"regexp"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Figure is a drawing as SVG. The file is for a paper: black on nothing, colours
// that print. Inline in the page the same drawing takes its colours from the
// page's, light or dark.
type Figure struct {
	Name    string // of the file, without extension
	Caption string
	svg     []byte
}

// The colours of figures. Series are told apart by dash and marker as well, so
// that a figure survives a black-and-white printer; hues are Okabe and Ito's, which
// colour-blind readers can tell apart.
var (
	ink    = color.RGBA{0x1b, 0x1f, 0x24, 0xff}
	grid   = color.RGBA{0xd5, 0xd9, 0xde, 0xff}
	accent = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	series = []color.RGBA{
		{0x00, 0x72, 0xb2, 0xff}, {0xe6, 0x9f, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
		{0x56, 0xb4, 0xe9, 0xff}, {0xa6, 0x3d, 0x10, 0xff}, {0x6b, 0x6e, 0xcf, 0xff}, {0x8a, 0x8d, 0x3c, 0xff}, {0x70, 0x70, 0x70, 0xff},
	}
	dashes = [][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}, {1, 3}}
)

// variables are the page's names for the colours of figures.
func variables() map[string]color.RGBA {
	v := map[string]color.RGBA{"var(--ink)": ink, "var(--grid)": grid, "var(--accent)": accent}
	for i, c := range series {
		v[fmt.Sprintf("var(--s%d)", i+1)] = c
	}
	return v
}

// pageColour gives the page's name for a colour of figures. What was drawn half
// transparent has lost a step or two of each hue to rounding.
func pageColour(text string) string {
	var c color.RGBA
	if _, err := fmt.Sscanf(text, "#%02X%02X%02X", &c.R, &c.G, &c.B); err != nil {
		return text
	}
	const rounding = 4
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= rounding }
	for name, v := range variables() {
		if near(c.R, v.R) && near(c.G, v.G) && near(c.B, v.B) {
			return name
		}
	}
	return text
}

// newPlot is an empty plot in the house's style.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Padding, p.Y.Padding = vg.Points(4), vg.Points(4)
	p.Title.TextStyle.Color = ink
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Label.TextStyle.Color, a.Tick.Color, a.Tick.Label.Color = ink, ink, ink, ink
		a.Label.TextStyle.Font = sans(10)
		a.Tick.Label.Font = sans(9.5)
		a.LineStyle.Width, a.Tick.LineStyle.Width = vg.Points(0.6), vg.Points(0.6)
		a.Tick.Length = vg.Points(4)
	}
	p.Legend.TextStyle.Font = sans(9.5)
	p.Legend.TextStyle.Color = ink
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(2)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(-4), vg.Points(-4)
	p.Legend.ThumbnailWidth = vg.Points(22)
	return p
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// addGrid draws lines behind everything added later.
func addGrid(p *plot.Plot) {
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = grid, grid
	g.Vertical.Width, g.Horizontal.Width = vg.Points(0.4), vg.Points(0.4)
	p.Add(g)
}

// render draws a plot of the given size in points.
func render(p *plot.Plot, name, caption string, width, height vg.Length) (Figure, error) {
	c := vgsvg.NewWith(vgsvg.UseWH(width, height), vgsvg.EmbedFonts(false))
	// Tick labels stick out to the right of the last tick by half their width.
	p.Draw(draw.Crop(draw.New(c), 2, -12, 2, -4))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return Figure{}, fmt.Errorf("figure %s: %w", name, err)
	}
	return Figure{name, caption, tidy(b.Bytes())}, nil
}

var (
	label      = regexp.MustCompile(`(?s)<text(\s[^>]*font-size:([0-9.]+)px[^>]*)>([^<]*)</text>`)
	fontFamily = regexp.MustCompile(`font-family:[^;"]*`)
	colour     = regexp.MustCompile(`#[0-9A-F]{6}`)
	prologue   = regexp.MustCompile(`(?s)^.*?<svg`)
	// picas that vgsvg writes as a size; the view box alone lets the page scale.
	size = regexp.MustCompile(`<svg width="[^"]*" height="[^"]*"`)
)

// tidy names fonts of the widths that the drawing was laid out for, and gives every
// text its width, so that it fits as well where none of them is installed.
func tidy(svg []byte) []byte {
	svg = fontFamily.ReplaceAll(svg, []byte("font-family:Liberation Sans,Arimo,Arial,Helvetica,sans-serif"))
	return label.ReplaceAllFunc(svg, func(t []byte) []byte {
		m := label.FindSubmatch(t)
		size, err := strconv.ParseFloat(string(m[2]), 64)
		text := html.UnescapeString(string(m[3]))
		if err != nil || len(text) < 2 {
			return t
		}
		face := font.DefaultCache.Lookup(sans(vg.Length(size)), vg.Length(size))
		return fmt.Appendf(nil, `<text textLength="%.2f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`, face.Width(text).Points(), m[1], m[3])
	})
}

// Inline is the drawing for the page.
func (f Figure) Inline() template.HTML {
	s := prologue.ReplaceAllString(string(f.svg), "<svg")
	s = size.ReplaceAllString(s, `<svg role="img" aria-label="`+template.HTMLEscapeString(f.Caption)+`"`)
	s = colour.ReplaceAllStringFunc(s, pageColour)
	return template.HTML(s) //nolint:gosec // drawn here; the only foreign text, feature names, is escaped by vgsvg
}

// File is the drawing as a file.
func (f Figure) File() File {
	return File{"figures/" + f.Name + ".svg", func(w io.Writer) error {
		_, err := w.Write(f.svg)
		return err
	}}
}
