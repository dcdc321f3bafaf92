package main

import (
	"fmt"
	"net"
	"net/url"
	"time"
)

// checkSettings tells what is configured, and what of it is unusual: it is allowed, and may
// not be meant.
func checkSettings(cfg config) []checked {
	positions := "in files below " + cfg.CheckpointDir
	if cfg.CheckpointStore == "kafka" {
		positions = "in topic " + cfg.CheckpointTopic
	}
	found := []checked{{"configuration", "", fine, fmt.Sprintf("%s, windows of %s, %s into topic %s, positions of name %s %s",
		counted(len(cfg.Queues), "queue", "queues"), shortened(cfg.WindowLength), cfg.Delivery, cfg.Topic, cfg.CheckpointName, positions), ""}}
	warn := func(setting, text, fix string) {
		found = append(found, checked{"configuration", setting, warns, text, fix})
	}
	for _, target := range []struct{ setting, url string }{{"GENESYS_LOGIN_URL", cfg.LoginURL}, {"GENESYS_API_URL", cfg.APIURL}} {
		if u, err := url.Parse(target.url); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
			warn(target.setting, target.url+" is not encrypted: whoever is on the way can read the credentials, and the conversations", "write https://")
		}
	}
	if len(cfg.WindowRevisit) == 0 && cfg.WindowTo.Text == "" {
		warn("WINDOW_REVISIT", "is empty: what changes late, such as wrap-ups and evaluations, is never read again, and conversations that cross midnight UTC do not get their end",
			"unset it, for 2h,24h,96h")
	}
	if cfg.WindowSettle < time.Minute {
		warn("WINDOW_SETTLE", fmt.Sprintf("is %s: the API tells of some conversations later than that, which are then found by revisits at the earliest", shortened(cfg.WindowSettle)),
			"write 5m, which is the default")
	}
	return append(found, checkBudget(cfg))
}

// checkBudget holds what the windows alone need against the allowance: each is a page at
// least. What is left is for pages, second looks and revisits.
func checkBudget(cfg config) checked {
	need := float64(len(cfg.Queues)) * float64(time.Minute) / float64(cfg.WindowLength)
	used := need / float64(cfg.RequestsPerMinute)
	share := fmt.Sprintf("%.0f %%", used*100)
	if used < 0.01 {
		share = "less than 1 %"
	}
	text := fmt.Sprintf("%s in windows of %s need %.3g requests a minute or more, %s of GENESYS_REQUESTS_PER_MINUTE=%d",
		counted(len(cfg.Queues), "queue", "queues"), shortened(cfg.WindowLength), need, share, cfg.RequestsPerMinute)
	const fix = "set a longer WINDOW_LENGTH, or ask the vendor for a larger allowance and set GENESYS_REQUESTS_PER_MINUTE to it"
	switch {
	case used > 1:
		return checked{"budget", "", fails, text + ": the walks can never keep up", fix}
	case used > 0.5:
		return checked{"budget", "", warns, text + ": more than half goes into asking, and little is left for what there is to read", fix}
	}
	return checked{"budget", "", fine, text, ""}
}

// isLoopback reports whether a host is this machine, by its name.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
