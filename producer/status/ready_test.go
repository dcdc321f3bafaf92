package status

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// mustReady expects what /readyz answers, and which checks it says are not as they should be.
func (p *post) mustReady(status int, failing ...string) readiness {
	p.Helper()
	code, body := p.get("/readyz")
	var r readiness
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		p.Fatalf("/readyz answers %q: %v", body, err)
	}
	var not []string
	for _, c := range r.Checks {
		if !c.OK {
			not = append(not, c.Name)
		}
		if c.Detail == "" {
			p.Errorf("check %s has no detail", c.Name)
		}
	}
	if code != status || strings.Join(not, ",") != strings.Join(failing, ",") || r.Ready != (status == http.StatusOK) || len(r.Checks) != 4 {
		p.Fatalf("/readyz is %d, want %d with %q failing: %s", code, status, failing, body)
	}
	p.mustEqual("status.json agrees", p.Status().Ready, r.Ready)
	p.mustEqual("reasons", len(p.Status().NotReady), len(failing))
	return r
}

func TestReadyOnceAllIsThereAndWhileItIs(t *testing.T) {
	const no, yes = http.StatusServiceUnavailable, http.StatusOK
	inPost(t, func(p *post) {
		p.mustReady(no, "token", "brokers", "positions")
		p.mustEqual("phase", p.Status().Phase, Starting)
		p.start()
		p.mustReady(yes)

		p.outage.Begin(errors.New("connection refused"))
		r := p.mustReady(no, "brokers")
		if detail := r.Checks[2].Detail; !strings.Contains(detail, "connection refused") {
			t.Errorf("the detail is %q", detail)
		}
		p.outage.End(true)
		p.mustReady(yes)

		p.api.Token = false // it has run out while nothing is asked
		p.mustReady(yes)
		p.Exchange(genesys.Exchange{Call: genesys.CallToken, Status: 200, Failed: true})
		p.fails(&genesys.Error{Kind: genesys.Passing, Op: "POST /oauth/token", Status: 503})
		r = p.mustReady(no, "token")
		if detail := r.Checks[1].Detail; !strings.Contains(detail, "could not be renewed yet: POST /oauth/token: status 503") {
			t.Errorf("the detail is %q", detail)
		}
		p.mustEqual("phase", p.Status().Phase, Running)
		p.Exchange(genesys.Exchange{Call: genesys.CallToken, Status: 200})
		p.fails(nil)
		p.mustReady(yes)

		p.unstored.Begin(errors.New("disk full")) // which is a hold: nothing that is asked of it depends on it
		p.mustReady(yes)
	})
}

// The steps of the start follow each other, and each is told.
func TestTheStartIsToldStepByStep(t *testing.T) {
	inPost(t, func(p *post) {
		step := func(want string) {
			t.Helper()
			time.Sleep(time.Minute)
			s := p.Status()
			if s.Phase != Starting || s.Ready || len(s.Holds) != 1 || s.Holds[0].What != want || s.Holds[0].By != ByStart || time.Since(s.Holds[0].Since) != time.Minute {
				t.Errorf("phase %s, ready %v, holds %+v, want one since a minute: %s", s.Phase, s.Ready, s.Holds, want)
			}
		}
		step("logging in")
		p.Exchange(genesys.Exchange{Call: genesys.CallToken, Status: 200})
		step("reaching the brokers")
		p.Destination(checkpoint.Destination{Cluster: "k"})
		step("loading positions")
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, Resumed: true})
		if s := p.Status(); s.Phase != Starting || s.Ready {
			t.Errorf("phase %s with one queue of two loaded", s.Phase)
		}
		p.Progress(producer.Progress{Queue: "b", Lane: checkpoint.Live, Resumed: true})
		p.mustEqual("phase", p.Status().Phase, Running)
		p.mustEqual("cluster", p.Status().Kafka.Cluster, "k")
		p.Stopping()
		p.mustEqual("phase", p.Status().Phase, Stopping)
	})
}

// A parked queue does not stop the others: it is told, and the service is ready.
func TestAParkedQueueIsToldByAServiceThatIsReady(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.Progress(producer.Progress{Queue: "b", Lane: checkpoint.Live, Parked: errors.New("status 400 bad.request")})
		r := p.mustReady(http.StatusOK)
		p.mustEqual("parked", r.Parked, []string{"b"})
		p.mustEqual("the first queue", p.Status().Queues[0].ID, "b")
		if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "b") {
			t.Errorf("warnings %q", r.Warnings)
		}
	})
}
