package trace

import (
	"fmt"
	"io"
	"strings"
)

// RenderWhy writes the walk from an object back to the command that caused
// it, newest change first, two lines a link.
func RenderWhy(w io.Writer, links []Link, s Style) error {
	var b strings.Builder
	for i, l := range links {
		indent := strings.Repeat(" ", 2*min(i, 12))
		mark := ""
		if i > 0 {
			mark = s.paint(dim, "^ ")
			indent = indent[2:]
		}
		fmt.Fprintf(&b, "%s%s%s\n", indent, mark, l.title(s))
		fmt.Fprintf(&b, "%s     %s\n", strings.Repeat(" ", 2*min(i, 12)), l.deed())
	}
	if n := len(links); n > 0 && links[n-1].Ends != "" {
		fmt.Fprintf(&b, "%s\n", s.paint(dim, "the walk ends here: "+links[n-1].Ends))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// RenderHistory writes the revisions of one object, oldest first, each with
// its reason and what it changed.
func RenderHistory(w io.Writer, revisions []Revision, s Style) error {
	var b strings.Builder
	for _, r := range revisions {
		fmt.Fprintf(&b, "%s\n     %s\n", r.title(s), r.deed())
		for _, line := range abridge(r.Diff) {
			fmt.Fprintf(&b, "       %s\n", s.paintDiff(line))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// title says which revision it is, when it was written and by whom.
func (r Revision) title(s Style) string {
	who := strings.TrimSpace(r.Component + " " + r.Key)
	if r.Component == "" {
		who = "request " + fmt.Sprint(r.Input)
		if r.Actor != "" {
			who += " by " + r.Actor
		}
	}
	return s.paint(bold, fmt.Sprintf("r%-3d", r.Number)) + " " +
		s.paint(dim, fmt.Sprintf("tick %d, %s", r.Tick, r.Time.Format(clock))) + "  " + s.paint(cyan, who)
}

// deed says what was done and why. A request from outside says it itself: its
// reason is the command.
func (r Revision) deed() string {
	if r.Component == "" && r.Input > 0 && r.Why != "" {
		return r.Why
	}
	return fmt.Sprintf("%s %s %s", r.Verb, r.Resource, objectName(r.Namespace, r.Name)) + because(r.Why)
}
