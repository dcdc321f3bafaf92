package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer/status/words"
)

// apiCheck asks the API.
type apiCheck struct {
	config
	client *genesys.Client
	found  []checked

	trouble trouble
}

// checkAPI logs in, and asks for what the service is going to ask for.
func checkAPI(ctx context.Context, cfg config) []checked {
	a := &apiCheck{config: cfg}
	c := apiConfig(cfg)
	c.ReadAhead = 0 // no request for what nobody looks at
	c.Observe = a.trouble.observe
	var err error
	if a.client, err = genesys.New(c); err != nil {
		return append([]checked{{"login", "", fails, err.Error(), "correct GENESYS_API_URL"}},
			unknowns("there is no client", "clock", "query", "queue", "rate")...)
	}
	if !a.logIn(ctx) {
		a.clock()
		a.found = append(a.found, unknowns("the client could not log in", "query", "queue", "rate")...)
		return a.found
	}
	a.clock()
	a.queues(ctx)
	a.rate()
	return a.found
}

func (a *apiCheck) add(check, subject string, v verdict, text, fix string) {
	a.found = append(a.found, checked{check, subject, v, text, fix})
}

func (a *apiCheck) logIn(ctx context.Context) bool {
	began := time.Now()
	err := a.ask(ctx, a.client.Login)
	if err != nil {
		what, fix := a.problem(err)
		a.add("login", "", failing(err), what, fix)
		return false
	}
	a.add("login", "", fine, fmt.Sprintf("%s gave a token within %d ms", a.LoginURL, time.Since(began).Milliseconds()), "")
	return true
}

// clock compares the clocks: a window is walked once it has settled on both.
func (a *apiCheck) clock() {
	switch s := a.client.State(); {
	case s.Heard.IsZero():
		a.found = append(a.found, unknowns("the API has not answered", "clock")...)
	case s.Ahead.Abs() >= genesys.Apart:
		a.add("clock", "", warns, "the API's clock is "+words.AheadOrBehind(s.Ahead)+" of this machine's: windows are walked by the earlier of the two, so late", "set this machine's clock (NTP)")
	default:
		a.add("clock", "", fine, "the API's and this machine's agree"+within(s.Ahead), "")
	}
}

func within(d time.Duration) string {
	if d = d.Abs().Round(time.Second); d > time.Second {
		return " to " + d.String()
	}
	return ""
}

// rate compares the allowance that is configured with what the API has said of it.
func (a *apiCheck) rate() {
	switch s := a.client.State(); {
	case s.Allowed == 0:
		a.add("rate", "", unsure, fmt.Sprintf("the API has not said how many requests a minute it allows; GENESYS_REQUESTS_PER_MINUTE is %d", a.RequestsPerMinute), "")
	case s.Allowed < a.RequestsPerMinute:
		a.add("rate", "", warns, fmt.Sprintf("the API allows %d requests a minute, and GENESYS_REQUESTS_PER_MINUTE is %d: it will refuse some, and the service then waits", s.Allowed, a.RequestsPerMinute),
			fmt.Sprintf("set GENESYS_REQUESTS_PER_MINUTE=%d, or less where others use the same client", s.Allowed))
	default:
		a.add("rate", "", fine, fmt.Sprintf("the API allows %d requests a minute, and GENESYS_REQUESTS_PER_MINUTE is %d", s.Allowed, a.RequestsPerMinute), "")
	}
}

// ask bounds a step, which would wait for the API for ever.
func (a *apiCheck) ask(ctx context.Context, step func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	err := step(bounded)
	if !isTimeout(bounded, err) {
		return err
	}
	if used := a.trouble.usedUp(a.client.State(), bounded.Err() == nil, a.config, "check"); used != nil {
		return used
	}
	return errNoAnswer
}

// failing is the verdict on what ended with an error. That the allowance is used up is no
// fault: the service waits for more, or is itself who uses it.
func failing(err error) verdict {
	if _, ok := errors.AsType[*usedUpError](err); ok {
		return unsure
	}
	return fails
}

// errNoAnswer says that the API was asked for as long as it had.
var errNoAnswer = errors.New("no good answer")

// problem is what an error says, and what to do about it.
func (a *apiCheck) problem(err error) (what, fix string) {
	if used, ok := errors.AsType[*usedUpError](err); ok {
		return used.why, used.fix
	}
	head := ""
	e, ok := errors.AsType[*genesys.Error](err)
	if errors.Is(err, errNoAnswer) {
		if e = a.trouble.now(); e == nil {
			return fmt.Sprintf("%s did not answer within %v", a.APIURL, answerPatience), reachAPI
		}
		ok, head = true, fmt.Sprintf("no good answer within %v: ", answerPatience)
	}
	if !ok {
		return err.Error(), reachAPI
	}
	apart := *e
	apart.Advice = ""
	if fix = e.Advice; fix == "" {
		fix = passing(e)
	}
	return head + apart.Error(), fix
}

const reachAPI = "check GENESYS_DOMAIN, GENESYS_API_URL and GENESYS_LOGIN_URL, and that they can be reached from here (DNS, firewall, HTTPS_PROXY)"

// passing is what to do about what the service waits for.
func passing(e *genesys.Error) string {
	switch {
	case e.Status >= 500:
		return "the vendor's trouble, as a rule: the service waits for its end. If it lasts, see the vendor's status page"
	case e.Status == 0:
		return reachAPI
	}
	return "the service waits, and asks again"
}
