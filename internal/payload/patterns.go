package payload

import "bytes"

// pattern is text that a decoded value holds if it attacks, in one of the places:
// lower case, blanks folded, back slashes turned.
type pattern struct {
	text  string
	kind  int
	score int
	in    place
}

// sought is a pattern made ready: what it consists of tells most texts apart from it.
type sought struct {
	pattern
	bytes   []byte
	letters set
}

func ready(list []pattern) []sought {
	out := make([]sought, len(list))
	for i, p := range list {
		out[i] = sought{pattern: p, bytes: []byte(p.text)}
		for _, c := range out[i].bytes {
			out[i].letters.add(c)
		}
	}
	return out
}

// match adds the patterns that the text holds.
func (t *text) match(list []sought, score *scores, where place) {
	b := t.bytes()
	for i := range list {
		p := &list[i]
		if p.in&where != 0 && t.present.all(&p.letters) && bytes.Contains(b, p.bytes) {
			score[p.kind] += p.score
		}
	}
}

const valueOrHead = inValue | inHead | inPath

// patterns of injection in values. Sources: the OWASP testing guide and core rule
// set's rationale, sqlmap's and Metasploit's documentation; the scores are ours.
// What takes more than a word is code: sql.go, markup.go, shell.go, files.go,
// objects.go.
var patterns = ready([]pattern{
	{"information_schema.", SQLInjection, 7, valueOrHead}, {"group_concat(", SQLInjection, 8, valueOrHead}, {"concat(0x", SQLInjection, 8, valueOrHead},
	{"concat_ws(", SQLInjection, 6, inValue}, {"extractvalue(", SQLInjection, 8, valueOrHead}, {"updatexml(", SQLInjection, 8, valueOrHead},
	{"sleep(", SQLInjection, 4, valueOrHead}, {"benchmark(", SQLInjection, 5, valueOrHead}, {"waitfor delay", SQLInjection, 9, valueOrHead},
	{"pg_sleep(", SQLInjection, 9, valueOrHead}, {"dbms_pipe.", SQLInjection, 9, valueOrHead}, {"dbms_lock.", SQLInjection, 9, valueOrHead}, {"utl_inaddr.", SQLInjection, 9, valueOrHead}, {"utl_http.", SQLInjection, 9, valueOrHead},
	{"xp_cmdshell", SQLInjection, 9, valueOrHead}, {"xp_dirtree", SQLInjection, 9, valueOrHead}, {"exec master", SQLInjection, 9, valueOrHead}, {"into outfile", SQLInjection, 8, valueOrHead},
	{"into dumpfile", SQLInjection, 8, valueOrHead}, {"load_file(", SQLInjection, 8, valueOrHead}, {"@@version", SQLInjection, 8, valueOrHead}, {"@@datadir", SQLInjection, 8, inValue},
	{"version()", SQLInjection, 4, inValue}, {"database()", SQLInjection, 4, inValue}, {"user()", SQLInjection, 4, inValue}, {"from program ", SQLInjection, 8, inValue},
	{"table_name", SQLInjection, 3, inValue}, {"sysobjects", SQLInjection, 7, valueOrHead}, {"sqlite_master", SQLInjection, 7, valueOrHead}, {"from dual", SQLInjection, 4, inValue},
	{"declare @", SQLInjection, 8, valueOrHead}, {"cast(0x", SQLInjection, 8, valueOrHead}, {"convert(int", SQLInjection, 7, inValue}, {"unhex(hex(", SQLInjection, 8, inValue},
	{"case when ", SQLInjection, 5, inValue}, {"procedure analyse(", SQLInjection, 9, valueOrHead}, {"(select ", SQLInjection, 6, valueOrHead}, {"(select(", SQLInjection, 7, valueOrHead},
	{"exists(select", SQLInjection, 7, valueOrHead}, {"ascii(substr", SQLInjection, 9, valueOrHead}, {"ord(mid(", SQLInjection, 9, valueOrHead},
	{"null,null", SQLInjection, 6, inValue}, {"rlike (", SQLInjection, 5, inValue}, {"mysql.user", SQLInjection, 6, inValue}, {"extra_float", SQLInjection, 4, inValue},
	{"'] | /", SQLInjection, 8, inValue}, {"']|//", SQLInjection, 8, inValue}, {"'; return ", SQLInjection, 8, inValue}, {"'; while(", SQLInjection, 8, inValue}, {"this.password", SQLInjection, 8, inValue},

	{"document.cookie", Scripting, 5, inQuery | inPath | inHead}, {"string.fromcharcode", Scripting, 6, inQuery | inHead}, {"<marquee", Scripting, 5, inQuery},
	{"<script", Scripting, 5, inPath}, {"</script", Scripting, 4, inPath}, {"onerror=", Scripting, 8, inPath}, {"onload=", Scripting, 8, inPath},

	{"/bin/sh", Command, 5, inValue}, {"/bin/bash", Command, 5, inValue}, {"/dev/tcp/", Command, 9, valueOrHead}, {"cmd.exe", Command, 5, inQuery | inCookie | inPath},
	{"cmd /c", Command, 6, inQuery}, {"powershell -", Command, 7, inQuery}, {"nc -e", Command, 9, inValue}, {"cd /tmp", Command, 6, valueOrHead},
	{"chmod 777", Command, 6, valueOrHead}, {"chmod x", Command, 5, valueOrHead}, {"/bin/busybox ", Command, 7, valueOrHead}, {"wget http", Command, 6, valueOrHead}, {"busybox wget", Command, 8, valueOrHead},
	{"curl http", Command, 5, valueOrHead}, {"uname -a", Command, 6, inValue | inPath}, {"cat /etc", Command, 6, inValue | inPath}, {"mkfifo ", Command, 6, inValue}, {"rm -rf", Command, 5, inValue | inPath},
	{"$(touch ", Command, 8, valueOrHead}, {"$(rm ", Command, 8, valueOrHead}, {"$(id", Command, 8, valueOrHead}, {"$(wget ", Command, 8, valueOrHead}, {"$(curl ", Command, 8, valueOrHead}, {"$(/bin/", Command, 8, valueOrHead},
	{"`curl", Command, 7, inHead | inCookie}, {"`wget", Command, 7, inHead | inCookie}, {"`cd /", Command, 8, valueOrHead}, {";curl ", Command, 8, inPath}, {";wget ", Command, 8, inPath}, {"=cmd|'", Command, 8, inValue},
	{"<!--#exec", Code, 8, inValue}, {"<!--#include", Code, 8, inValue}, {"<!--#echo", Code, 8, inValue}, {"<esi:include", Inclusion, 8, inValue},

	{"<%=", Expression, 4, inQuery}, {"#assign ex=", Expression, 9, inValue}, {"freemarker.template", Expression, 8, inValue},

	{"<?php", Code, 6, inValue}, {"eval($_", Code, 10, inValue}, {"system($_", Code, 10, inValue}, {"assert($_", Code, 10, inValue}, {"exec($_", Code, 10, inValue},
	{"passthru(", Code, 6, inValue}, {"shell_exec(", Code, 8, inValue}, {"phpinfo()", Code, 4, inValue}, {"base64_decode(", Code, 4, inValue},
	{"response.write(eval", Code, 9, inValue}, {"eval(request", Code, 9, inValue}, {"runtime.exec", Code, 7, inValue},
	{"system('", Code, 5, inValue}, {"system(\"", Code, 5, inValue}, {"gethostbyname(", Code, 6, inValue},
	{"'.system(", Code, 8, inValue}, {"'.passthru(", Code, 8, inValue}, {"'.exec(", Code, 8, inValue}, {"os.execute(", Code, 8, inValue}, {"?.aspx", Code, 8, inForm}, {"?.php", Code, 8, inForm},
	{"<locktoken:write1>", Overflow, 8, inHead},
	{"jdatabasedriver", Object, 9, valueOrHead},
	{"*)(uid=", SQLInjection, 8, inValue}, {"*)(objectclass=", SQLInjection, 8, inValue},
})

// anywhere are patterns so rare outside of attacks that they count in articles too.
var anywhere = ready([]pattern{
	{"${jndi:", Lookup, 8, everywhere}, {"${::-", Lookup, 9, everywhere}, {"${lower:", Lookup, 5, valueOrHead}, {"${upper:", Lookup, 5, valueOrHead}, {"${env:", Lookup, 5, valueOrHead},
	{"%{(#", Expression, 9, everywhere}, {"%{#", Expression, 8, everywhere}, {"#_memberaccess", Expression, 9, everywhere}, {"${(#", Expression, 9, everywhere}, {"${#", Expression, 5, valueOrHead},
	{"@ognl", Expression, 8, everywhere}, {"java.lang.runtime", Expression, 6, valueOrHead}, {"t(java.lang", Expression, 9, everywhere}, {"getruntime().exec", Expression, 8, valueOrHead},
	{"class.module.classloader", Expression, 9, everywhere}, {"class.classloader", Expression, 8, valueOrHead}, {".os.system<", Code, 8, inForm}, {"retrievalmethod uri=\"http", Inclusion, 8, inForm}, {"zerodiumvar", Code, 8, inHead}, {"push graphic-context", Command, 8, inFile}, {"#post_render", Expression, 9, everywhere}, {".class.forname(", Expression, 8, valueOrHead}, {"getclass().forname(", Expression, 8, valueOrHead}, {"params.resource.loader", Expression, 8, inForm}, {"@java.lang", Expression, 8, everywhere},
	{"18446744073709551615", Overflow, 9, inHead}, {"\x90\x90\x90\x90\x90\x90\x90\x90", Overflow, 9, valueOrHead},
	{"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", Overflow, 8, inPath | inQuery},
	{" set-cookie:", Smuggling, 8, inPath | inQuery}, {" http/1.1 200", Smuggling, 8, inPath | inQuery}, {"xinclude\"", Entity, 8, inValue},
	{"allow_url_include", Code, 9, valueOrHead}, {"auto_prepend_file", Code, 9, valueOrHead}, {"eval(base64_decode", Code, 9, inValue | inFile}, {"-d safe_mode", Code, 9, inQuery},
	{"c99shell", Code, 8, inValue | inFile}, {"r57shell", Code, 8, inValue | inFile}, {"call_user_func_array", Code, 7, inQuery | inForm}, {"@eval($_post", Code, 9, everywhere}, {"zerodiumsystem", Code, 9, inHead}, {"__construct", Code, 8, inForm | inQuery}, {".execute().text", Code, 8, inValue},
	{"__proto__[", Object, 8, inQuery | inForm}, {"[__proto__]", Object, 8, inQuery | inForm}, {"__proto__", Object, 8, inForm | inQuery}, {"constructor[prototype]", Object, 8, inQuery | inForm},
})

const inAddress = inPath | inQuery

// addresses are patterns of whole addresses: what scanners ask for, and the ways
// into well-known products, which are their own techniques.
var addresses = ready([]pattern{
	{"/..;/", Traversal, 8, inAddress}, {"/../vpns/", Traversal, 8, inAddress}, {"/dana-na/../", Traversal, 8, inAddress}, {"lang=/../", Traversal, 8, inAddress},
	{"autodiscover.json?@", Traversal, 8, inAddress}, {"autodiscover.json?a=@", Traversal, 8, inAddress}, {"x-rps-cat=", Traversal, 8, inAddress}, {"*~1", Traversal, 8, inAddress},
	{"syscmd&cmd=", Command, 8, inAddress}, {"/ctrlt/deviceupgrade", Command, 8, inAddress}, {"/gponform/diag", Command, 8, inAddress}, {"configdir=|", Command, 8, inAddress}, {"/tm/util/bash", Command, 8, inAddress},
	{"/root.exe?/c", Command, 9, inAddress}, {"cmd.exe?/c", Command, 9, inAddress}, {"/shell?cd ", Command, 9, inAddress}, {"stok=/locale?form=country", Command, 8, inAddress},
	{"/wls-wsat/coordinatorport", Expression, 8, inAddress}, {"/wls-wsat/", Expression, 6, inAddress}, {"/_async/asyncresponse", Expression, 8, inAddress}, {"/descriptorbyname/org.jenkinsci", Expression, 8, inAddress}, {"bootstrapstatusprovider", Expression, 8, inAddress},
	{"redirect:${", Expression, 8, inAddress}, {"/functionrouter", Expression, 4, inAddress}, {"element_parents=account/mail/", Expression, 8, inAddress},
	{"eval-stdin.php", Code, 8, inAddress}, {"invokefunction", Code, 8, inAddress}, {"index/think/", Code, 8, inAddress}, {"s=captcha", Code, 5, inAddress}, {"widgetconfig[code]", Code, 9, inAddress},
	{"/ud/act?1", Command, 8, inAddress}, {"/board.cgi?cmd=", Command, 8, inAddress}, {"/login.cgi?cli=", Command, 8, inAddress}, {"cloudsetup.cgi?exefile=", Command, 8, inAddress}, {"/language/swedish${ifs}", Command, 9, inAddress},
	{"/tmunblock.cgi", Command, 8, inAddress}, {"/hndunblock.cgi", Command, 8, inAddress}, {"/device.rsp?opt=sys&cmd=", Command, 8, inAddress}, {"/nas_sharing.cgi?user=messagebus", Command, 9, inAddress},
	{"/_ignition/execute-solution", Code, 8, inAddress}, {"/vropspluginui/rest/services/", Code, 8, inAddress}, {"bsh.servlet.bshservlet", Code, 8, inAddress}, {"/moveitisapi/moveitisapi.dll?action=m2", SQLInjection, 8, inAddress}, {"/config/application?public=true", Probe, 8, inAddress},
	{".ida?", Overflow, 9, inAddress}, {".idq?", Overflow, 9, inAddress}, {"/null.htw?", Traversal, 8, inAddress}, {"::$data", Traversal, 8, inAddress}, {" .htr", Traversal, 8, inAddress}, {"/;/", Traversal, 8, inAddress},
	{"email=autodiscover/autodiscover.json", Inclusion, 8, inAddress}, {"/powershell/autodiscover.json", Inclusion, 8, inAddress}, {"/goanywhere/lic/accept", Object, 8, inAddress}, {"/h5-vsan/rest/proxy/service/&", Code, 8, inAddress},
	{"/user-backup-code/../", Traversal, 8, inAddress}, {"/ cscou /../", Traversal, 8, inAddress}, {"&lang=../", Traversal, 8, inAddress}, {"/./restapi/", Traversal, 8, inAddress}, {"?jsp=/app/rest", Traversal, 8, inAddress}, {"/tokens/rpc2", Traversal, 8, inAddress},
	{"?auth=ywrtaw46mtek", Probe, 8, inAddress}, {"/current_config/", Probe, 8, inAddress}, {"/system.ini?loginuse", Probe, 8, inAddress}, {"/getcfg.php", Probe, 6, inAddress}, {"/hedwig.cgi", Probe, 6, inAddress}, {"/actuator/heapdump", Probe, 6, inAddress},
	{"/cms_wysiwyg/directive", SQLInjection, 8, inAddress}, {"name=-tvtt=", Command, 8, inAddress}, {"&_cfclient=true", Object, 8, inAddress}, {"&a=/toolpane.aspx", Object, 8, inAddress}, {"/null.printer", Overflow, 8, inAddress},
	{"a=fetch&templatefile=", Code, 8, inAddress}, {"globals[", Code, 8, inAddress}, {".asp&newfoldername", Code, 8, inAddress}, {"/_vti_pvt/", Probe, 5, inAddress}, {"/wp/v2/users", Probe, 4, inAddress}, {"/cli?remoting=false", Probe, 6, inAddress},
	{"/invoker/jmxinvoker", Object, 8, inAddress}, {"/invoker/readonly", Object, 8, inAddress}, {"/ctcwebservicebean", Object, 8, inAddress}, {"v.template.custom", Expression, 8, inAddress}, {"?redirect:http", Expression, 8, inAddress}, {"list[select]=", SQLInjection, 8, inAddress},
	{"/web-inf/", Probe, 8, inAddress}, {"/seeyon/htmlofficeservlet", Probe, 8, inAddress}, {"?op=chart&cmd=get_geo_json", Probe, 8, inAddress}, {"service=page/setupcompleted", Probe, 8, inAddress}, {"/setupwizard.aspx/", Probe, 8, inAddress},

	{"/.env", Probe, 5, inAddress}, {"/.git/head", Probe, 5, inAddress}, {"/.git/config", Probe, 5, inAddress}, {"/.svn/", Probe, 5, inAddress}, {"/.aws/", Probe, 6, inAddress}, {"/.ds_store", Probe, 5, inAddress}, {"/.htpasswd", Probe, 5, inAddress}, {"/.htaccess", Probe, 5, inAddress},
	{"/manager/html", Probe, 4, inAddress}, {"/phpmyadmin/scripts/", Probe, 6, inAddress}, {"/phpmyadmin/index.php", Probe, 4, inAddress}, {"/hnap1", Probe, 5, inAddress}, {"/boaform/", Probe, 6, inAddress}, {"/server-status", Probe, 4, inAddress},
	{"/actuator/env", Probe, 4, inAddress}, {"/actuator/gateway", Probe, 4, inAddress}, {"/jmx-console", Probe, 6, inAddress}, {"/web-console", Probe, 5, inAddress}, {"/cgi-bin/php", Probe, 6, inAddress}, {"/w00tw00t", Probe, 8, inAddress}, {"muieblackcat", Probe, 8, inAddress},
	{"/_vti_bin/", Probe, 4, inAddress}, {"/scripts/setup.php", Probe, 6, inAddress}, {"/invoker/", Probe, 6, inAddress}, {"/nmaplowercheck", Probe, 6, inAddress}, {"/solr/admin", Probe, 5, inAddress}, {"/shell?", Probe, 5, inAddress},
	{"nessus", Probe, 4, inAddress}, {"acunetix", Probe, 8, inAddress}, {"/setup.cgi?", Probe, 5, inAddress}, {".php.bak", Probe, 5, inAddress}, {"/backup.", Probe, 4, inAddress}, {"/evox/about", Probe, 6, inAddress},
	{"c99.php", Probe, 6, inAddress}, {"r57.php", Probe, 6, inAddress}, {"/wso.php", Probe, 6, inAddress}, {"b374k", Probe, 6, inAddress}, {"/cmdasp.", Probe, 6, inAddress}, {"/cmd.jsp", Probe, 5, inAddress},
	{"test-cgi", Probe, 5, inAddress}, {"/cgi-bin/printenv", Probe, 5, inAddress}, {"/iissamples/", Probe, 6, inAddress}, {"/msadc/", Probe, 6, inAddress}, {"/axis2-admin/", Probe, 4, inAddress}, {"/druid/index.html", Probe, 4, inAddress}, {"/phpinfo.php", Probe, 4, inAddress},
	{"/nacos/v1/auth/users", Probe, 4, inAddress}, {"/setupadministrator-start", Probe, 5, inAddress},
	{"/debug/default/view", Probe, 5, inAddress}, {"/telescope/requests", Probe, 5, inAddress}, {"/zap/", Probe, 3, inAddress}, {"__schema", Probe, 4, inAddress}, {"wp-config", Probe, 4, inAddress},
})
