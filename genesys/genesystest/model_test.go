package genesystest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The members of the published models, by level. Only those a record here may
// use are listed; each is in AnalyticsConversationWithoutAttributes.
func modelMembers() map[string]string {
	return map[string]string{
		"conversation": "conversationId conversationStart conversationEnd conversationInitiator originatingDirection divisionIds " +
			"mediaStatsMinConversationMos mediaStatsMinConversationRFactor participants evaluations surveys",
		"participants": "participantId participantName purpose userId teamId externalContactId sessions",
		"sessions": "sessionId mediaType direction provider ani dnis sessionDnis edgeId protocolCallId peerId remote " +
			"remoteNameDisplayable recording requestedRoutings usedRouting selectedAgentId flowInType metrics segments " +
			"mediaEndpointStats flow addressFrom addressTo callbackNumbers callbackUserName messageType",
		"segments":           "segmentType segmentStart segmentEnd queueId disconnectType conference wrapUpCode wrapUpNote subject",
		"metrics":            "name value emitDate",
		"mediaEndpointStats": "codecs eventTime maxLatencyMs minMos minRFactor receivedPackets discardedPackets duplicatePackets",
		"flow": "flowId flowName flowType flowVersion entryReason entryType exitReason startingLanguage endingLanguage " +
			"transferType",
		"evaluations": "contextId evaluationId evaluationStatus evaluatorId formId formName oTotalCriticalScore oTotalScore " +
			"queueId released",
		"surveys": "eventTime oSurveyTotalScore queueId surveyCompletedDate surveyFormContextId surveyFormId surveyFormName " +
			"surveyId surveyPromoterScore surveyStatus surveyType userId",
	}
}

// The values of the published enumerations.
func modelValues() map[string]string {
	return map[string]string{
		"purpose":     "acd agent customer ivr",
		"mediaType":   "callback chat email message voice",
		"segmentType": "alert delay dialing hold interact ivr parked system wrapup",
		"disconnectType": "client conferenceTransfer consultTransfer endpoint error peer system timeout transfer " +
			"transportFailure",
		"usedRouting": "Bullseye Direct Last Manual Predictive Preferred Standard Vip",
		"name": "nConnected tConnected tTalk tTalkComplete tHeld tHeldComplete tHandle tAcw tAlert tAnswered tAcd nOffered " +
			"nFlow tFlow tFlowExit tIvr tAbandon nTransferred",
		"evaluationStatus": "Finished",
		"surveyStatus":     "Error Expired Finished InProgress OptOut Pending Sent",
		"surveyType":       "Voice Web",
	}
}

func TestRecordsAreOfThePublishedModel(t *testing.T) {
	members, values := modelMembers(), modelValues()
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := make(map[string]bool)
	var check func(level string, object map[string]any)
	check = func(level string, object map[string]any) {
		for name, value := range object {
			if !slices.Contains(strings.Fields(members[level]), name) {
				t.Errorf("%s has no member %s", level, name)
			}
			seen[level+"."+name] = true
			switch v := value.(type) {
			case string:
				if allowed, ok := values[name]; ok && !slices.Contains(strings.Fields(allowed), v) {
					t.Errorf("%s.%s: %q is no value of the enumeration", level, name, v)
				}
				if strings.HasSuffix(name, "Id") && !uuid.MatchString(v) {
					t.Errorf("%s.%s: %q is no UUID", level, name, v)
				}
				if (strings.HasSuffix(name, "Start") || strings.HasSuffix(name, "End") || name == "emitDate" ||
					name == "eventTime" || name == "surveyCompletedDate") && !stamp.MatchString(v) {
					t.Errorf("%s.%s: %q is no time", level, name, v)
				}
				if v == "" {
					t.Errorf("%s.%s is empty", level, name)
				}
			case map[string]any:
				check(name, v)
			case []any:
				if len(v) == 0 {
					t.Errorf("%s.%s is empty", level, name)
				}
				for _, element := range v {
					if object, ok := element.(map[string]any); ok {
						check(name, object)
					}
				}
			}
		}
	}
	s := New(Config{Seed: 11, Conversations: 700, LateShare: 0.2, From: noon().Add(-24 * time.Hour), To: noon(), Now: noon,
		Life: Life{ReopenShare: 0.3, WrapUpShare: 0.3, SurveyShare: 0.3}})
	for _, c := range s.Conversations("", time.Time{}, time.Time{}) {
		var record map[string]any
		if err := json.Unmarshal(c.JSON, &record); err != nil {
			t.Fatalf("not JSON: %v: %.300s", err, c.JSON)
		}
		check("conversation", record)
	}
	for level, names := range members {
		for _, name := range strings.Fields(names) {
			if !seen[level+"."+name] && !slices.Contains([]string{"conversationInitiator", "sessionDnis", "messageType"}, name) {
				t.Errorf("no record has %s.%s", level, name)
			}
		}
	}
}

// TestRecordsHoldTogether checks that a record does not contradict itself.
func TestRecordsHoldTogether(t *testing.T) {
	s := settled(Config{Seed: 12, Conversations: 1500})
	two, queues := 0, s.Queues()
	for _, c := range s.Conversations("", time.Time{}, time.Time{}) {
		var record told
		if err := json.Unmarshal(c.JSON, &record); err != nil {
			t.Fatal(err)
		}
		if record.ID != c.ID || !record.Start.Equal(c.Start) || record.End == nil || !record.End.Equal(c.End) {
			t.Fatalf("%s: id, start or end differ from what is told of it", c.ID)
		}
		first, last, in := c.End, c.Start, make(map[string]bool)
		for _, p := range record.Participants {
			for _, session := range p.Sessions {
				for n, g := range session.Segments {
					if g.End == nil || g.End.Before(g.Start) {
						t.Fatalf("%s: segment ends before it starts, or not at all", c.ID)
					}
					if n > 0 && g.Start.Before(session.Segments[n-1].Start) {
						t.Fatalf("%s: segments out of order", c.ID)
					}
					if g.Start.Before(first) {
						first = g.Start
					}
					if g.End.After(last) {
						last = *g.End
					}
					if g.QueueID != "" {
						in[g.QueueID] = true
					}
				}
			}
		}
		if !first.Equal(c.Start) || !last.Equal(c.End) {
			t.Fatalf("%s: segments from %s to %s, conversation from %s to %s", c.ID, first, last, c.Start, c.End)
		}
		if len(in) != len(c.Queues) {
			t.Fatalf("%s: in %v, want %v", c.ID, in, c.Queues)
		}
		for queue := range in {
			if !slices.Contains(queues, queue) {
				t.Fatalf("%s: in an unknown queue", c.ID)
			}
		}
		if len(in) == 2 {
			two++
		}
	}
	if two < 170 || two > 280 {
		t.Errorf("%d of 1500 in two queues, want about 225", two)
	}
}
