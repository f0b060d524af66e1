package payload

// patterns of injection. Sources: the OWASP testing guide and core rule set's
// rationale, sqlmap's and Metasploit's documentation; the scores are ours.
var patterns = []pattern{
	{"union select", SQLInjection, 9, true}, {"union all select", SQLInjection, 9, true}, {"union distinct select", SQLInjection, 9, true},
	{"information_schema", SQLInjection, 9, true}, {"group_concat(", SQLInjection, 8, true}, {"concat(0x", SQLInjection, 8, true},
	{"concat_ws(", SQLInjection, 6, false}, {"extractvalue(", SQLInjection, 8, true}, {"updatexml(", SQLInjection, 8, true},
	{"sleep(", SQLInjection, 6, true}, {" and sleep(", SQLInjection, 3, true}, {" or sleep(", SQLInjection, 3, true}, {"benchmark(", SQLInjection, 7, true}, {"waitfor delay", SQLInjection, 9, true},
	{"pg_sleep(", SQLInjection, 9, true}, {"dbms_pipe.", SQLInjection, 9, true}, {"utl_inaddr.", SQLInjection, 9, true},
	{"xp_cmdshell", SQLInjection, 10, true}, {"exec master", SQLInjection, 9, true}, {"into outfile", SQLInjection, 9, true},
	{"into dumpfile", SQLInjection, 9, true}, {"load_file(", SQLInjection, 9, true}, {"@@version", SQLInjection, 8, true},
	{"version()", SQLInjection, 6, false}, {"database()", SQLInjection, 6, false}, {"current_user()", SQLInjection, 5, false},
	{"table_name", SQLInjection, 4, false}, {"sysobjects", SQLInjection, 8, true}, {"sqlite_master", SQLInjection, 9, true},
	{"drop table", SQLInjection, 7, false}, {"insert into ", SQLInjection, 4, false}, {"delete from ", SQLInjection, 4, false},
	{"declare @", SQLInjection, 8, true}, {"cast(0x", SQLInjection, 8, true}, {"convert(int", SQLInjection, 7, false},
	{"case when ", SQLInjection, 7, false}, {"procedure analyse(", SQLInjection, 9, true}, {"(select ", SQLInjection, 6, true},
	{"exists(select", SQLInjection, 8, true}, {"ascii(substr", SQLInjection, 9, true}, {"ord(mid(", SQLInjection, 9, true},
	{"null,null", SQLInjection, 6, false}, {"having 1=1", SQLInjection, 8, false}, {"' or ", SQLInjection, 6, false}, {"' and ", SQLInjection, 5, false},
	{"' union ", SQLInjection, 6, true}, {"'--", SQLInjection, 5, false}, {"' --", SQLInjection, 6, false}, {"'#", SQLInjection, 3, false},
	{"';", SQLInjection, 2, false}, {"') ", SQLInjection, 3, false}, {"\" or ", SQLInjection, 4, false}, {"'||", SQLInjection, 5, false},
	{"select * from ", SQLInjection, 4, false}, {"from users", SQLInjection, 4, false}, {"rlike (", SQLInjection, 5, false},
	{" order by ", SQLInjection, 2, false}, {" like '", SQLInjection, 3, false}, {"@@datadir", SQLInjection, 8, false}, {"mysql.user", SQLInjection, 7, false},

	{"<script", Scripting, 5, false}, {"</script", Scripting, 2, false}, {"alert(", Scripting, 4, false}, {"prompt(", Scripting, 3, false},
	{"confirm(", Scripting, 3, false}, {"onerror=", Scripting, 5, false}, {"onload=", Scripting, 4, false}, {"onmouseover=", Scripting, 5, false},
	{"onfocus=", Scripting, 5, false}, {"javascript:", Scripting, 4, false}, {"document.cookie", Scripting, 5, false}, {"<svg", Scripting, 3, false},
	{"<img src=x", Scripting, 5, false}, {"<iframe", Scripting, 3, false}, {"string.fromcharcode", Scripting, 6, false}, {"\"><", Scripting, 3, false},
	{"'><", Scripting, 3, false}, {"<body ", Scripting, 2, false}, {"vbscript:", Scripting, 5, false}, {"eval(", Scripting, 3, false}, {"<marquee", Scripting, 5, false},

	{"/etc/passwd", Traversal, 8, false}, {"/etc/shadow", Traversal, 8, false}, {"/proc/self/", Traversal, 8, false}, {"boot.ini", Traversal, 7, false},
	{"win.ini", Traversal, 7, false}, {"/etc/hosts", Traversal, 6, false}, {"/windows/system32", Traversal, 5, false}, {"/winnt/system32", Traversal, 8, false},
	{"/.ssh/", Traversal, 6, false}, {"wp-config.php", Traversal, 4, false}, {"/web-inf/", Traversal, 6, false}, {"/var/log/", Traversal, 5, false},

	{"php://input", Inclusion, 9, false}, {"php://filter", Inclusion, 9, false}, {"data://text", Inclusion, 8, false}, {"expect://", Inclusion, 9, false},
	{"data:text/plain;base64,pd", Inclusion, 9, false}, {"file:///etc", Inclusion, 9, false}, {"gopher://", Inclusion, 7, false}, {"phar://", Inclusion, 7, false},
	{"zip://", Inclusion, 5, false}, {"169.254.169.254", Inclusion, 8, false},

	{"/bin/sh", Command, 7, true}, {"/bin/bash", Command, 7, true}, {"/dev/tcp/", Command, 9, true}, {"cmd.exe", Command, 7, false},
	{"cmd /c", Command, 7, false}, {"powershell -", Command, 8, false}, {"nc -e", Command, 9, false}, {"cd /tmp", Command, 8, true},
	{"chmod 777", Command, 8, true}, {"chmod +x", Command, 8, true}, {"busybox", Command, 7, true}, {"wget http", Command, 7, true},
	{"curl http", Command, 6, true}, {"uname -a", Command, 8, false}, {"cat /etc", Command, 8, false}, {"xp_dirtree", Command, 8, false},
	{"mkfifo ", Command, 7, false}, {"rm -rf", Command, 6, false}, {"syscmd&cmd=", Command, 8, false}, {"/system32/cmd", Command, 8, false}, {"net user ", Command, 7, false},

	{"() {", Shellshock, 10, true}, {"(){", Shellshock, 4, true},
	{"${jndi:", Lookup, 10, true}, {"${lower:", Lookup, 8, true}, {"${upper:", Lookup, 8, true}, {"${::-", Lookup, 9, true}, {"${env:", Lookup, 7, true}, {"jndi:ldap", Lookup, 9, true},

	{"%{(#", Expression, 9, true}, {"%{#", Expression, 8, true}, {"#_memberaccess", Expression, 9, true}, {"#context", Expression, 6, true},
	{"class.module.classloader", Expression, 9, false}, {"class.classloader", Expression, 8, false}, {"java.lang.runtime", Expression, 9, true}, {"getruntime()", Expression, 9, true},
	{"t(java.lang", Expression, 9, true}, {"processbuilder", Expression, 6, true}, {"__class__", Expression, 7, false}, {"{{config", Expression, 7, false},
	{"freemarker.template", Expression, 8, false}, {"{{7*", Expression, 8, false}, {"${7*", Expression, 8, false}, {"<%=", Expression, 4, false},

	{"<?php", Code, 6, false}, {"eval($_", Code, 10, false}, {"eval(base64_decode", Code, 9, false}, {"system($_", Code, 10, false}, {"assert($_", Code, 10, false},
	{"passthru(", Code, 7, false}, {"shell_exec(", Code, 8, false}, {"phpinfo()", Code, 6, false}, {"allow_url_include", Code, 9, false},
	{"auto_prepend_file", Code, 9, false}, {"invokefunction", Code, 8, false}, {"call_user_func_array", Code, 7, false}, {"base64_decode(", Code, 4, false},
	{"eval-stdin.php", Code, 8, false}, {"response.write(eval", Code, 9, false}, {"eval(request", Code, 9, false}, {"runtime.exec", Code, 7, false}, {"system(", Code, 4, false},
	{"_reference=", Code, 1, false}, {"-d safe_mode", Code, 9, false}, {"c99shell", Code, 8, false}, {"r57shell", Code, 8, false}, {"disable_functions", Code, 8, false},

	{"@java.lang", Expression, 8, true}, {"${(#", Expression, 9, true}, {"#post_render", Expression, 9, false}, {"[#markup]", Expression, 9, false},
	{"widgetconfig[code]", Code, 9, false}, {"jdatabasedriver", Code, 9, true}, {"@eval(", Code, 8, false}, {"@ini_set(", Code, 8, false}, {"gethostbyname(", Code, 6, false},
	{"[$ne]", SQLInjection, 8, false}, {"[$gt]", SQLInjection, 8, false}, {"[$regex]", SQLInjection, 8, false}, {"\"$ne\"", SQLInjection, 7, false}, {"$where", SQLInjection, 5, false},
	{")(uid=*", SQLInjection, 8, false}, {"*)(|(", SQLInjection, 8, false}, {"*)(&(", SQLInjection, 8, false},
	{"../wp-config.php", Traversal, 6, false}, {"/..;/", Traversal, 8, false}, {"/../vpns/", Traversal, 8, false}, {"/dana-na/../", Traversal, 8, false},
	{"fgt_lang?lang=/../", Traversal, 8, false}, {"autodiscover.json?@", Traversal, 8, false}, {"x-rps-cat", Traversal, 7, false},
	{"/ctrlt/deviceupgrade", Command, 8, false}, {"newinternalclient>`", Command, 9, false}, {"/gponform/diag", Command, 8, false}, {"configdir=|", Command, 8, false},
	{"/root.exe?/c", Command, 9, false}, {"cmd.exe?/c", Command, 9, false}, {"/wls-wsat/", Expression, 6, false}, {"/_async/asyncresponse", Expression, 6, false},
	{"/descriptorbyname/org.jenkinsci", Expression, 8, false}, {" set-cookie:", Overflow, 8, false},
	{"default.ida?", Overflow, 9, false}, {"18446744073709551615", Overflow, 9, true},
	{"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", Overflow, 8, false}, {"\x90\x90\x90\x90\x90\x90\x90\x90", Overflow, 9, true},

	{"<!entity", Entity, 8, false}, {"<!doctype foo", Entity, 5, false},

	{"/.env", Probe, 5, false}, {"/.git/", Probe, 5, false}, {"/.svn/", Probe, 5, false}, {"/.aws/", Probe, 6, false}, {"/manager/html", Probe, 5, false}, {"/phpmyadmin", Probe, 4, false},
	{"/hnap1", Probe, 5, false}, {"/boaform/", Probe, 6, false}, {"/server-status", Probe, 4, false}, {"/actuator/", Probe, 4, false}, {"/jmx-console", Probe, 6, false},
	{"/web-console", Probe, 5, false}, {"/cgi-bin/php", Probe, 6, false}, {"/w00tw00t", Probe, 8, false}, {"muieblackcat", Probe, 8, false}, {"/_vti_bin/", Probe, 4, false},
	{"/scripts/setup.php", Probe, 6, false}, {"/invoker/", Probe, 6, false}, {"/nmaplowercheck", Probe, 3, false}, {"/solr/admin", Probe, 5, false}, {"/shell?", Probe, 5, false},
	{"sqlmap", Probe, 4, false}, {"nessus", Probe, 4, false}, {"acunetix", Probe, 8, false}, {"/etc/", Probe, 2, false}, {"/goform/", Probe, 3, false},
	{"/setup.cgi?", Probe, 5, false}, {".php.bak", Probe, 5, false}, {"/htdocs.", Probe, 3, false}, {"/backup.", Probe, 4, false}, {"/wp-content/plugins/", Probe, 0, false},
}
