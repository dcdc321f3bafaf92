package main

import (
	"fmt"
	"net"
	"net/url"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer/status/words"
)

// checkSettings tells what is configured, and what of it is unusual: it is allowed, and may
// not be meant.
func checkSettings(cfg config, now time.Time) []checked {
	positions := "in files below " + cfg.CheckpointDir
	if cfg.CheckpointStore == "kafka" {
		positions = "in topic " + cfg.CheckpointTopic
	}
	found := []checked{{"configuration", "", fine, fmt.Sprintf("%s, windows of %s, %s into topic %s, positions of name %s %s",
		words.Several(len(cfg.Queues), "queue", "queues"), shortened(cfg.WindowLength), cfg.Delivery, cfg.Topic, cfg.CheckpointName, positions), ""}}
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
	if to := cfg.WindowTo.At(now, cfg.WindowSettle); !to.IsZero() && !to.After(now) {
		return found // there is nothing to keep up with, and a day that has ended is one window
	}
	return append(found, checkBudget(cfg))
}

// checkBudget holds what the windows alone need against the allowance: each is a page at
// least. What is left is for pages, second looks and revisits.
func checkBudget(cfg config) checked {
	need := float64(len(cfg.Queues)) * float64(time.Minute) / float64(cfg.WindowLength)
	sent := genesys.Share * float64(cfg.RequestsPerMinute)
	used := need / sent
	share := fmt.Sprintf("%.0f %%", used*100)
	if used < 0.01 {
		share = "less than 1 %"
	}
	text := fmt.Sprintf("%s in windows of %s need %s requests a minute or more, %s of the %s that are sent at most (%.0f %% of GENESYS_REQUESTS_PER_MINUTE=%d)",
		words.Several(len(cfg.Queues), "queue", "queues"), shortened(cfg.WindowLength), figure(need), share, figure(sent), 100*genesys.Share, cfg.RequestsPerMinute)
	const fix = "set a longer WINDOW_LENGTH, or ask the vendor for a larger allowance and set GENESYS_REQUESTS_PER_MINUTE to it"
	switch {
	case used > 1:
		return checked{"budget", "", fails, text + ": the walks can never keep up", fix}
	case used > 0.5:
		return checked{"budget", "", warns, text + ": more than half goes into asking, and little is left for what there is to read", fix}
	}
	return checked{"budget", "", fine, text, ""}
}

// figure is a number for people: three digits of it, and all before the point.
func figure(n float64) string {
	if n >= 100 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.3g", n)
}

// isLoopback reports whether a host is this machine, by its name.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
