package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"genesys-producer/genesys"
)

// parseURLs is where the API is, and where tokens come from. Credentials go
// only to a host that somebody named: an API at a URL of its own, beside a
// domain that nobody set, does not send them to the default region.
func parseURLs(bad *configError, env environment, dialect string) (api, login string) {
	domain := parse(bad, env.Domain, parseDomain)
	api = parse(bad, env.APIURL, parseURL)
	login = parse(bad, env.LoginURL, parseURL)
	if dialect == "conversations" && api != "" && !env.LoginURL.set && !env.Domain.set {
		bad.add(env.LoginURL.variable, "missing beside GENESYS_API_URL; "+
			"set it to the URL that the credentials may go to, or set GENESYS_DOMAIN to send them to login.{domain}")
	}
	api = cmp.Or(api, "https://api."+domain)
	if dialect == "entities" {
		return api, cmp.Or(login, api)
	}
	return api, cmp.Or(login, "https://login."+domain)
}

// parseDomain takes the domain of a region, or its API host.
func parseDomain(text string) (string, error) {
	text = strings.ToLower(text)
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		return "", fmt.Errorf("is a URL; write the domain alone: %s", region(u.Hostname()))
	}
	domain := strings.TrimPrefix(text, "api.")
	if !isDomain(domain) {
		return "", fmt.Errorf("%s is not a domain; write one such as mypurecloud.de or usw2.pure.cloud", quote(text))
	}
	if domain != region(domain) {
		return "", fmt.Errorf("%s is a host in the domain; write %s", quote(text), region(domain))
	}
	return domain, nil
}

// region is a host name without the label of one of Genesys Cloud's hosts.
func region(host string) string {
	label, rest, _ := strings.Cut(host, ".")
	if slices.Contains([]string{"api", "apps", "login"}, label) {
		return rest
	}
	return host
}

// isDomain is whether text is a host name of two labels or more.
func isDomain(text string) bool {
	labels := strings.Split(text, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || !consistsOf(l, lettersAndDigits+"-") || strings.Trim(l, "-") != l {
			return false
		}
	}
	return len(labels) > 1 && len(text) <= 253
}

// parseURL takes the URL that paths are appended to.
func parseURL(text string) (string, error) {
	whole, err := parseWholeURL("https://gateway.example.com/genesys")(text)
	base := strings.TrimRight(whole, "/")
	for _, added := range []string{"/api/v2", "/oauth/token"} {
		if strings.HasSuffix(base, added) {
			return "", fmt.Errorf("ends in %s, which the service appends; remove it", added)
		}
	}
	return base, err
}

// parseWholeURL takes a URL that nothing is appended to. Errors show an example in
// place of the URL, because it may hold a password.
func parseWholeURL(example string) func(string) (string, error) {
	return func(text string) (string, error) {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
			return "", fmt.Errorf("is not an absolute URL; write one such as %s", example)
		}
		if port := u.Port(); port != "" && !isHostPort("host:"+port) {
			return "", errors.New("has a port that there is not; write one from 1 to 65535, or none")
		}
		if !utf8.ValidString(u.Host) {
			return "", errors.New("has a host that is not text; write its name in plain letters")
		}
		if u.User != nil {
			return "", errors.New("has a user name in it; remove it, the client's credentials have their own variables")
		}
		if strings.ContainsAny(text, "?#") {
			return "", errors.New("has a query or a fragment; remove it")
		}
		return u.String(), nil
	}
}

// parsePageSize takes up to the dialect's largest page, which is the default.
func parsePageSize(bad *configError, size setting, dialect string) int {
	largest := genesys.Dialect(cmp.Or(dialect, string(genesys.Entities))).LargestPage()
	return cmp.Or(parse(bad, size, number(1, largest)), largest)
}

// entry is one of the queue ids as they are written, and where.
type entry struct{ place, text string }

// parseQueues takes ids, comma-separated, or @ and the path of a file of them.
func parseQueues(text string) (ids []string, err error) {
	entries := listed(text)
	if path, ok := strings.CutPrefix(text, "@"); ok {
		if entries, err = readEntries(path); err != nil {
			return nil, err
		}
	}
	places := map[string]string{}
	for _, e := range entries {
		if e.text == "" || len(e.text) > 64 || !consistsOf(e.text, lettersAndDigits+"-_") {
			return nil, fmt.Errorf("%s is not a queue id; an id has up to 64 letters, digits, - and _", e.place)
		}
		if places[e.text] != "" {
			return nil, fmt.Errorf("%s is queue %s again; remove one of the two", e.place, e.text)
		}
		places[e.text] = e.place
		ids = append(ids, e.text)
	}
	return ids, nil
}

func listed(text string) (entries []entry) {
	for i, id := range strings.Split(text, ",") {
		id = strings.TrimSpace(id)
		entries = append(entries, entry{fmt.Sprintf("entry %d, %s,", i+1, quote(id)), id})
	}
	return entries
}

// readEntries reads one id a line, but for blank lines and what follows a #.
// Their places do not show the text: the file may be the wrong one, of a secret.
func readEntries(path string) (entries []entry, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("@%s cannot be read (%w); name a file with one queue id a line", showPath(path), cause(err))
	}
	path = showPath(path)
	lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for i, line := range lines {
		id, _, _ := strings.Cut(line, "#")
		if id = strings.TrimSpace(id); id != "" {
			entries = append(entries, entry{fmt.Sprintf("@%s: line %d", path, i+1), id})
		}
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("@%s names no queue; write one id a line", path)
	}
	return entries, nil
}
