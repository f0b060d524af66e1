package dashboard

import (
	stdbytes "bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var update = flag.Bool("update", false, "take the screenshots of docs/images anew")

//go:embed testdata/axe/axe.min.js
var axe string

// browser is a real browser at a running dashboard, watched for errors and for
// requests that leave.
type browser struct {
	*testing.T
	ctx  context.Context
	base string

	mu       sync.Mutex
	problems []string
	outside  []string
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed (Debian: apt-get install chromium): the pages are not tried in a real browser")
	return ""
}

func openBrowser(t *testing.T, base string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{T: t, ctx: ctx, base: base}
	b.run() // starts it
	b.ctx, cancel = context.WithTimeout(ctx, 9*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Listen(b.ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, runtime.Enable, cdp.Empty{})
	call(b, log.Enable, cdp.Empty{})
	return b
}

// call sends one command of the protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.Fatal(err)
	}
}

// listen notes what should not happen.
func (b *browser) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			b.problems = append(b.problems, fmt.Sprintf("console: %+v", e.Args))
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, fmt.Sprintf("exception: %+v", e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.problems = append(b.problems, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.base+"/") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "about:") {
			b.outside = append(b.outside, u)
		}
	}
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := b.ctx, context.CancelFunc(func() {})
	if len(actions) > 0 {
		ctx, cancel = context.WithTimeout(b.ctx, time.Minute)
	}
	defer cancel()
	if err := persist(ctx, actions); err != nil {
		if where, err2 := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + " " + document.querySelector("main").innerText.slice(0, 500)`)); err2 == nil {
			b.Log("the page: ", where)
		}
		b.Fatal(err)
	}
}

// persist runs the actions one after the other. A page that is replaced while an
// action looks for an element loses the element; the action then looks again.
func persist(ctx context.Context, actions []chromedp.Action[chromedp.Void]) error {
	for _, a := range actions {
		for {
			_, err := chromedp.Run(ctx, a)
			if err == nil {
				break
			}
			if !strings.Contains(err.Error(), "No node with given id") {
				return err
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	return nil
}

func (b *browser) open(path string) {
	b.Helper()
	b.run(chromedp.Navigate(b.base+path), chromedp.WaitReady(chromedp.CSS("main")))
}

func (b *browser) text(selector string) string {
	b.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).innerText`, selector)))
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(s)
}

// clean fails the test if anything went wrong so far.
func (b *browser) clean() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.Error(p)
	}
	for _, u := range b.outside {
		b.Errorf("a request left for %s", u)
	}
	b.problems, b.outside = nil, nil
}

// accessible runs axe-core in the page. The policy forbids foreign scripts, so that
// the tool comes in through the debugger.
func (b *browser) accessible(name string) {
	b.Helper()
	b.run(chromedp.Evaluate[chromedp.Void](axe))
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](
		`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, impact: v.impact, nodes: v.nodes.map(n => n.html + " | " + n.failureSummary).slice(0, 3)}))))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	var violations []struct {
		ID, Impact string
		Nodes      []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.Fatal(err)
	}
	for _, v := range violations {
		if v.Impact == "serious" || v.Impact == "critical" {
			b.Errorf("%s: %s (%s): %s", name, v.ID, v.Impact, strings.Join(v.Nodes, "\n"))
		} else {
			b.Logf("%s: %s (%s): %s", name, v.ID, v.Impact, strings.Join(v.Nodes, "\n"))
		}
	}
}

// look sets the theme and the size of the window.
func (b *browser) look(theme string, width, height int64) {
	b.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
	b.run(chromedp.EmulateViewport(width, height), chromedp.Sleep(400*time.Millisecond))
}

// shoot keeps a picture: in docs/images with -update, in DASHBOARD_SHOTS if that is set.
func (b *browser) shoot(name string, forDocs bool) {
	b.Helper()
	dir := os.Getenv("DASHBOARD_SHOTS")
	if *update && forDocs {
		dir = filepath.Join("..", "..", "docs", "images")
	}
	if dir == "" {
		return
	}
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), b.small(shot), 0o644); err != nil {
		b.Fatal(err)
	}
}

// small draws a picture with its 256 most frequent colours, which are all that one
// sees of text and lines.
func (b *browser) small(shot []byte) []byte {
	img, err := png.Decode(stdbytes.NewReader(shot))
	if err != nil {
		b.Fatal(err)
	}
	frequency := map[color.Color]int{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			frequency[img.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(frequency), func(p, q color.Color) int { return cmp.Compare(frequency[q], frequency[p]) })
	few := image.NewPaletted(img.Bounds(), colours[:min(256, len(colours))])
	draw.Draw(few, few.Rect, img, img.Bounds().Min, draw.Src)
	var out stdbytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func TestInABrowser(t *testing.T) {
	chromium(t)
	if testing.Short() {
		t.Skip("-short: no browser")
	}
	now := time.Now()
	f := newFixture(t, func(c *Config, d *Dependencies) {
		c.Listen = "127.0.0.1:0"
		d.Counters, d.Alerts = running(), fakeAlerts(d.Store)
		d.Disks = []string{"/"}
		d.Talkers = func(int) []Talker {
			return []Talker{{"10.0.4.17", 18.2e6, 4}, {"192.0.2.80", 9.7e6, 61}, {"10.0.2.9", 1.1e6, 12}, {"192.0.2.22", 240e3, 3}}
		}
		d.Model = func() Model {
			return Model{Name: "bundled", Facts: []Fact{{"Profile", "cic-fixed"}, {"Trees", "100"}}, Card: map[string]string{"Intended use": "To judge flows."}, Report: []byte("<!DOCTYPE html><title>Report</title><style>p{color:red}</style><p>Report")}
		}
	})
	week(t, f.store, now)
	day(t, f.store, now, 20*time.Second)
	for n, at := memoryOfRates, time.Now(); n > 0; n-- {
		f.server.meter.measure(at.Add(-time.Duration(n) * time.Second))
	}
	check(t, f.server.Listen())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	b := openBrowser(t, f.server.URL())

	b.open("/incidents")
	b.accessible("log-in")
	b.look("light", 1280, 900)
	b.shoot("login", false)
	b.run(chromedp.SendKeys(chromedp.CSS("#password"), testPassword+"\r"), chromedp.WaitVisible(chromedp.CSS("#incidents")))

	t.Run("live", func(t *testing.T) { b.T = t; b.live(f, now) })
	t.Run("incidents", func(t *testing.T) { b.T = t; b.incidents() })
	t.Run("incident", func(t *testing.T) { b.T = t; b.incident() })
	t.Run("suppression", func(t *testing.T) { b.T = t; b.suppression(f) })
	t.Run("others", func(t *testing.T) { b.T = t; b.others(f) })
	b.T = t
}

func (b *browser) live(f *fixture, now time.Time) {
	b.open("/")
	b.run(chromedp.WaitVisible(chromedp.CSS(`[data-chart=bits] canvas`)), chromedp.WaitVisible(chromedp.CSS(`#link[data-link=on]`)))
	inc := sample("fresh0000001", now)
	f.server.Publish(&inc)
	b.run(chromedp.WaitVisible(chromedp.CSS(`#latest tr[data-id=fresh0000001]`)), chromedp.Sleep(2500*time.Millisecond))
	if text := b.text("#latest tr a"); text != inc.Title {
		b.Errorf("the newest incident is %q", text)
	}
	if text := b.text("[data-rate=packets]"); !strings.Contains(text, "k") {
		b.Errorf("packets a second: %q", text)
	}
	b.accessible("live, light")
	b.look("light", 1280, 1340)
	b.shoot("live-light", true)
	b.look("dark", 1280, 1340)
	b.accessible("live, dark")
	b.shoot("live-dark", true)
	b.phone("live")
	b.shoot("live-phone", false)
	b.look("light", 1280, 900)
	b.run(chromedp.Evaluate[chromedp.Void](`document.querySelector("#range [value='1h']").click()`), chromedp.Sleep(time.Second))
	b.shoot("live-hour", false)
	b.clean()
}

// phone looks at the page as a phone shows it, in both themes.
func (b *browser) phone(name string) {
	b.Helper()
	b.look("dark", 390, 844)
	b.accessible(name + ", dark, phone")
	b.look("light", 1024, 768)
	b.narrow(name)
	b.look("light", 390, 844)
	b.accessible(name + ", light, phone")
	b.narrow(name)
}

// narrow fails if the page is wider than its window.
func (b *browser) narrow(name string) {
	b.Helper()
	over, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	if err != nil {
		b.Fatal(err)
	}
	if over > 0 {
		b.Errorf("%s: %d pixels wider than its window", name, over)
	}
}

func (b *browser) incidents() {
	b.open("/incidents")
	b.run(chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.WaitVisible(chromedp.CSS("#incidents tr:nth-child(2).here")))
	b.accessible("incidents, light")
	b.shoot("incidents-light", false)
	b.look("dark", 1280, 900)
	b.accessible("incidents, dark")
	b.phone("incidents")
	b.shoot("incidents-phone", false)
	b.look("light", 1280, 900)
	b.run(chromedp.KeyEvent("?"), chromedp.WaitVisible(chromedp.CSS("#keys[open]")))
	b.accessible("keys")
	b.run(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.CSS("#keys")))
	b.run(chromedp.KeyEvent("k"), chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS("#next-one"))) // its script runs
	first := b.text("h1")
	b.run(chromedp.KeyEvent("j"), chromedp.WaitVisible(chromedp.CSS("#previous")))
	if second := b.text("h1"); second == first {
		b.Errorf("j stays at %q", first)
	}
	b.run(chromedp.KeyEvent("u"), chromedp.WaitVisible(chromedp.CSS(".selected button:disabled")))
	b.run(chromedp.KeyEvent("/"), chromedp.KeyEvent("gl"), chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("g"), chromedp.KeyEvent("l"), chromedp.WaitVisible(chromedp.CSS("#tiles")))
	b.judgeSome()
	b.open("/incidents?q=" + url.QueryEscape("10.0.4.17 bot"))
	if n := strings.Count(b.text("#incidents tbody"), "Bot of"); n == 0 {
		b.Error("the search finds nothing")
	}
	b.clean()
}

// judgeSome selects two incidents by key and mouse and judges them together.
func (b *browser) judgeSome() {
	b.open("/incidents?class=dos")
	b.run(chromedp.KeyEvent("j"), chromedp.KeyEvent("x"), chromedp.Click(chromedp.CSS("#incidents tr:nth-child(2) .pick input")), chromedp.WaitVisible(chromedp.CSS(".selected button:not(:disabled)")))
	if text := b.text("#selected"); text != "2 selected:" {
		b.Errorf("after selecting two: %q", text)
	}
	b.run(chromedp.Click(chromedp.CSS(".selected [value=resolved]")), chromedp.WaitVisible(chromedp.CSS(".flash")))
	if text := b.text(".flash"); text != "2 incidents marked as: Resolved." {
		b.Errorf("after judging two: %q", text)
	}
}

func (b *browser) incident() {
	b.open("/incidents?class=portscan&state=all")
	b.run(chromedp.Click(chromedp.CSS("#incidents td.main a")), chromedp.WaitVisible(chromedp.CSS(".causes")), chromedp.WaitVisible(chromedp.CSS("[data-preview]:not(:empty)")))
	b.accessible("incident, light")
	b.look("light", 1280, 1330)
	b.shoot("incident-light", true)
	b.look("dark", 1280, 1330)
	b.accessible("incident, dark")
	b.shoot("incident-dark", true)
	b.phone("incident")
	b.shoot("incident-phone", false)
	b.look("light", 1280, 900)
	b.run(chromedp.SendKeys(chromedp.CSS("[name=note]"), "our own scanner"), chromedp.Click(chromedp.CSS("[name=state][value=resolved]")), chromedp.WaitVisible(chromedp.CSS(".flash")))
	if text := b.text(".flash"); !strings.Contains(text, "Resolved") {
		b.Errorf("after resolving: %q", text)
	}
	b.clean()
}

func (b *browser) suppression(f *fixture) {
	b.open("/incidents?class=bot&state=all")
	b.run(chromedp.Click(chromedp.CSS("#incidents td.main a")), chromedp.WaitVisible(chromedp.CSS("[data-preview]:not(:empty)")))
	if text := b.text("[data-preview]"); !strings.HasPrefix(text, "It would have hidden ") || !strings.Contains(text, "in the last week") {
		b.Errorf("preview: %q", text)
	}
	b.run(chromedp.SendKeys(chromedp.CSS("[data-rule] [name=reason]"), "the update service of the vendor"), chromedp.Click(chromedp.CSS("[data-rule] [value=add]")), chromedp.WaitVisible(chromedp.CSS(".flash")))
	rules, err := f.store.ActiveSuppressions(b.ctx, time.Now())
	if err != nil || len(rules) != 2 || rules[1].Source != "10.0.4.17" || rules[1].Author != User {
		b.Errorf("suppressions %+v, %v", rules, err)
	}
	b.accessible("suppressions, light")
	b.shoot("suppressions-light", false)
	b.clean()
}

func (b *browser) others(f *fixture) {
	mailFails(b.T, f.store, time.Now())
	for _, name := range []string{"alerts", "model", "settings", "suppressions"} {
		for _, theme := range []string{"light", "dark"} {
			b.look(theme, 1280, 900)
			b.open("/" + name)
			b.accessible(name + ", " + theme)
			b.shoot(name+"-"+theme, false)
		}
		b.phone(name)
	}
	b.look("light", 1280, 900)
	b.open("/settings")
	b.run(chromedp.SendKeys(chromedp.CSS("[name=name]"), "grafana"), chromedp.Click(chromedp.CSS("form[action='/settings/tokens'] button")), chromedp.WaitVisible(chromedp.CSS("#fresh")))
	if text := b.text(".copyable code"); !strings.HasPrefix(text, tokenPrefix) {
		b.Errorf("the new token is %q", text)
	}
	b.run(chromedp.Navigate(b.base + "/model/report"))
	b.clean()
}
