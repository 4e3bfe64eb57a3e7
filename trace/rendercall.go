package trace

import (
	"fmt"
	"strings"
)

// mostLines is how much of a diff is shown before it is cut.
const mostLines = 8

// renderCall writes one API call, its reason, what came of it and what it
// changed.
func renderCall(b *strings.Builder, t *Turn, c Call, s Style) {
	if c.Verb == "event" {
		field(b, s, "event", eventText(c)+refusal(c, s))
		return
	}
	fmt.Fprintf(b, "  %s %s %s%s%s\n", s.paint(bold, fmt.Sprintf("%-6s", c.Verb)), c.Resource, c.objectName(),
		because(c.Why), result(t, c, s))
	for _, line := range abridge(c.Diff) {
		fmt.Fprintf(b, "         %s\n", s.paintDiff(line))
	}
}

func result(t *Turn, c Call, s Style) string {
	switch {
	case c.Err != "":
		return refusal(c, s)
	case c.Dropped:
		return s.paint(dim, "\n         dropped, because a call before it was refused")
	case c.Revision > 0:
		return s.paint(bold, fmt.Sprintf(" -> r%d", c.Revision))
	case t.Planned:
		return ""
	}
	return s.paint(dim, " -> no change")
}

func refusal(c Call, s Style) string {
	if c.Err == "" {
		return ""
	}
	return "\n         " + s.paint(red, "refused: "+c.Err)
}

func eventText(c Call) string {
	if c.Why == "" {
		return c.Resource + " " + c.objectName()
	}
	return c.Why
}

func (c Call) objectName() string { return objectName(c.Namespace, c.Name) }

func objectName(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// abridge cuts a long diff. What a reader knows already, because the line
// above names it or because every object has it, goes first.
func abridge(diff []string) []string {
	if len(diff) <= mostLines {
		return diff
	}
	var shown []string
	for _, line := range diff {
		if !known(line) && len(shown) < mostLines-1 {
			shown = append(shown, line)
		}
	}
	return append(shown, fmt.Sprintf("… %d more fields", len(diff)-len(shown)))
}

// known fields are those that the API server fills in for every object.
func known(diffLine string) bool {
	_, path, _ := strings.Cut(diffLine, " ")
	path, _, _ = strings.Cut(path, ": ")
	switch path {
	case "metadata.name", "metadata.namespace", "metadata.uid", "metadata.generateName",
		"metadata.creationTimestamp", "metadata.generation":
		return true
	}
	return strings.HasPrefix(path, "metadata.ownerReferences")
}
