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
	case t.Planned:
		return ""
	case c.Revision > 0:
		return s.paint(bold, fmt.Sprintf(" -> r%d", c.Revision))
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

// abridge cuts a long diff. What says least goes first.
func abridge(diff []string) []string {
	if len(diff) <= mostLines {
		return diff
	}
	var shown []string
	for _, line := range diff {
		if !tellsLittle(line) && len(shown) < mostLines-1 {
			shown = append(shown, line)
		}
	}
	return append(shown, fmt.Sprintf("… %d more fields", len(diff)-len(shown)))
}

// tellsLittle says whether a reader knows a field already, because the line
// above names it or because it has the same default in every object.
func tellsLittle(diffLine string) bool {
	_, field, _ := strings.Cut(diffLine, " ")
	path, value, _ := strings.Cut(field, ": ")
	switch path {
	case "metadata.name", "metadata.namespace", "metadata.uid", "metadata.generateName",
		"metadata.creationTimestamp", "metadata.generation":
		return true
	}
	switch path[strings.LastIndex(path, ".")+1:] {
	case "lastTransitionTime", "lastUpdateTime", "lastProbeTime", "lastHeartbeatTime",
		"imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy":
		return true
	case "type": // a condition is called by its type already
		return strings.Contains(path, "conditions[")
	}
	return value == "{}" || strings.HasPrefix(path, "metadata.ownerReferences")
}
