package genesystest

import "encoding/json"

// predicate is one condition of a filter of the published API.
type predicate struct {
	kind, dimension, operator, value string
}

// readFilter reads a filter: a type, and predicates on dimensions.
func readFilter(where string, raw json.RawMessage) (string, []predicate, *refusal) {
	var kind string
	var list []json.RawMessage
	if _, bad := object(where, raw, members{"type": &kind, "predicates": &list}); bad != nil {
		return "", nil, bad
	}
	if kind != "and" && kind != "or" {
		return "", nil, invalidValue(kind, "QueryFilterType", "and, or")
	}
	if len(list) == 0 {
		return "", nil, badRequest("%s: a filter needs predicates", where)
	}
	var predicates []predicate
	for _, raw := range list {
		p := predicate{kind: "dimension", operator: "matches"}
		_, bad := object(where+" predicate", raw, members{
			"type": &p.kind, "dimension": &p.dimension, "operator": &p.operator, "value": &p.value})
		switch {
		case bad != nil:
			return "", nil, bad
		case p.kind != "dimension":
			return "", nil, badRequest("%s: predicates of type %q are not simulated", where, p.kind)
		case p.operator != "matches" && p.operator != "exists" && p.operator != "notExists":
			return "", nil, invalidValue(p.operator, "QueryOperator", "matches, exists, notExists")
		case p.dimension == "":
			return "", nil, badRequest("%s: a predicate needs a dimension", where)
		}
		predicates = append(predicates, p)
	}
	return kind, predicates, nil
}
