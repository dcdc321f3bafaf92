package observability

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// export is what a service exports: the labels of each series, by metric.
type export map[string][]map[string]string

// parseExport reads the text of /metrics. A histogram is its series.
func parseExport(text string) (export, error) {
	reader := expfmt.NewTextParser(model.UTF8Validation)
	families, err := reader.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	all := export{}
	for name, family := range families {
		for _, m := range family.Metric {
			series := map[string]string{}
			for _, l := range m.Label {
				series[l.GetName()] = l.GetValue()
			}
			if m.Histogram == nil {
				all[name] = append(all[name], series)
				continue
			}
			bucket := maps.Clone(series)
			bucket["le"] = "+Inf"
			all[name+"_bucket"] = append(all[name+"_bucket"], bucket)
			all[name+"_sum"] = append(all[name+"_sum"], series)
			all[name+"_count"] = append(all[name+"_count"], series)
		}
	}
	return all, nil
}

// scraped are labels that Prometheus adds to each series, and to up, which it makes; the
// namespace by deploy/prometheus/scrape.yaml.
var scraped = []string{"job", "instance", "namespace"}

// judge is what is wrong with a query, given what is exported.
func (all export) judge(q query) (wrong []string) {
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(q.text)
	if err != nil {
		return []string{err.Error()}
	}
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			for _, complaint := range all.missing(n) {
				complain("%s", complaint)
			}
		case *parser.AggregateExpr:
			have := all.labelsOf(n.Expr)
			for _, label := range n.Grouping {
				if !slices.Contains(have, label) {
					complain("by (%s): what is aggregated has %v", label, have)
				}
			}
		case *parser.BinaryExpr:
			if n.VectorMatching == nil {
				return nil
			}
			for _, side := range []parser.Expr{n.LHS, n.RHS} {
				have := all.labelsOf(side)
				for _, label := range n.VectorMatching.MatchingLabels {
					if !slices.Contains(have, label) {
						complain("on (%s): a side has %v", label, have)
					}
				}
			}
		}
		return nil
	})
	have := all.labelsOf(expression)
	for _, label := range q.shows {
		if !slices.Contains(have, label) {
			complain("it shows the label %s, and has %v", label, have)
		}
	}
	return wrong
}

// missing is what a selector asks for and nobody exports.
func (all export) missing(s *parser.VectorSelector) (wrong []string) {
	series, there := all[s.Name]
	switch {
	case s.Name == "up":
		return nil
	case !there:
		return []string{"no metric " + s.Name}
	}
	for _, m := range s.LabelMatchers {
		if m.Name == model.MetricNameLabel || slices.Contains(scraped, m.Name) {
			continue
		}
		if m.Type != labels.MatchEqual && m.Type != labels.MatchRegexp {
			wrong = append(wrong, fmt.Sprintf("%s: %s: only = and =~ are checked here", s.Name, m))
			continue
		}
		fits := func(one map[string]string) bool { return m.Matches(one[m.Name]) }
		if !slices.ContainsFunc(series, fits) {
			wrong = append(wrong, fmt.Sprintf("%s: no series with %s", s.Name, m))
		}
	}
	return wrong
}

// labelsOf are the labels that a result has.
func (all export) labelsOf(e parser.Expr) []string {
	switch n := e.(type) {
	case *parser.AggregateExpr:
		if n.Op == parser.TOPK || n.Op == parser.BOTTOMK {
			return all.labelsOf(n.Expr)
		}
		return n.Grouping
	case *parser.ParenExpr:
		return all.labelsOf(n.Expr)
	case *parser.MatrixSelector:
		return all.labelsOf(n.VectorSelector)
	case *parser.SubqueryExpr:
		return all.labelsOf(n.Expr)
	case *parser.UnaryExpr:
		return all.labelsOf(n.Expr)
	case *parser.Call:
		for _, arg := range n.Args {
			if have := all.labelsOf(arg); len(have) > 0 {
				return have
			}
		}
	case *parser.BinaryExpr:
		left, right := all.labelsOf(n.LHS), all.labelsOf(n.RHS)
		switch {
		case len(left) == 0:
			return right
		case n.Op == parser.LOR: // either side may be what is shown
			return slices.DeleteFunc(slices.Clone(left), func(l string) bool { return !slices.Contains(right, l) })
		}
		return left
	case *parser.VectorSelector:
		have := slices.Clone(scraped)
		for _, series := range all[n.Name] {
			for label := range series {
				if !slices.Contains(have, label) {
					have = append(have, label)
				}
			}
		}
		return have
	}
	return nil
}
